package acs3

import (
	"fmt"
	"time"
)

// Reason says why a request's signature was refused. Each service has its own
// error code and wording for a reason.
type Reason int

// The reasons, in the order in which they are looked for.
const (
	// Missing: the request is not signed at all.
	Missing Reason = iota + 1
	// Unsupported: it is signed, but not by ACS3-HMAC-SHA256.
	Unsupported
	// Malformed: a part of the signature cannot be read.
	Malformed
	// NoHeader: a header that the scheme needs is missing, or its value is
	// not one.
	NoHeader
	// UnknownKey: nobody has the access key.
	UnknownKey
	// WrongToken: the security token is not the one of the access key.
	WrongToken
	// Skewed: the request's time is too far from the server's.
	Skewed
	// Unsigned: a header that must be signed is not.
	Unsigned
	// WrongPayload: the body is not the one whose hash was signed.
	WrongPayload
	// Mismatch: the signature is another one than the request has.
	Mismatch
)

// A Refusal is a signature that was not accepted.
type Refusal struct {
	Reason Reason
	// Detail names what is wrong: the part that is malformed, the header
	// that is missing or not signed.
	Detail string
	// Key is the access key of the request, "" when it was not read.
	Key string
	// Time is when the request was signed, Server the server's clock, both
	// zero until they were compared.
	Time, Server time.Time
	// Canonical is the request as the server signed it, for Mismatch.
	Canonical string
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return fmt.Sprintf("signature refused (reason %d)", r.Reason)
	}
	return fmt.Sprintf("signature refused (reason %d): %s", r.Reason, r.Detail)
}
