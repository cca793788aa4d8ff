package osssig

import (
	"fmt"
	"time"
)

// Reason says why a request's signature was refused.
type Reason int

// The reasons, in the order in which they are looked for.
const (
	// Missing: the request is not signed at all.
	Missing Reason = iota + 1
	// Unsupported: it is signed, but not by OSS4-HMAC-SHA256.
	Unsupported
	// Malformed: a part of the signature is missing or cannot be read.
	Malformed
	// NoDate: the request carries no time that can be read.
	NoDate
	// WrongDate: the credential's date is not the request's.
	WrongDate
	// WrongPayload: x-oss-content-sha256 is not UNSIGNED-PAYLOAD.
	WrongPayload
	// UnknownKey: nobody has the access key.
	UnknownKey
	// WrongToken: the security token is not the one of the access key.
	WrongToken
	// Skewed: the request's time is too far from the server's.
	Skewed
	// Expired: a presigned URL is past its time.
	Expired
	// Mismatch: the signature is another one than the request has.
	Mismatch
)

// A Refusal is a signature that was not accepted.
type Refusal struct {
	Reason Reason
	// Detail names the part that is wrong, with its value if it is no secret.
	Detail string
	// Claim is what was read of the signature.
	Claim Claim
	// Server is the server's clock, zero until times were compared.
	Server time.Time
	// Canonical and ToSign are what the server computed, for Mismatch.
	Canonical, ToSign string
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return fmt.Sprintf("signature refused (reason %d)", r.Reason)
	}
	return fmt.Sprintf("signature refused (reason %d): %s", r.Reason, r.Detail)
}
