package awssig

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
	// Unsupported: it is signed, but not by AWS4-HMAC-SHA256.
	Unsupported
	// Malformed: a part of the signature is missing or cannot be read.
	Malformed
	// NoDate: the request carries no time that can be read.
	NoDate
	// WrongDate: the scope's date is not the request's.
	WrongDate
	// WrongService: the scope names another service.
	WrongService
	// UnknownKey: nobody has the access key.
	UnknownKey
	// WrongToken: the session token is not the one of the access key.
	WrongToken
	// Early and Late: the request's time is too far from the server's.
	Early
	Late
	// Expired: a presigned URL is past its time.
	Expired
	// Unsigned: a header that must be signed is not.
	Unsigned
	// Mismatch: the signature is another one than the request has.
	Mismatch
)

// A Refusal is a signature that was not accepted.
type Refusal struct {
	Reason Reason
	// Detail names what is wrong: the part that is malformed, the header
	// that is not signed, the wrong service.
	Detail string
	// Query says that the signature stands in the URL.
	Query bool
	// Key is the access key of the request, "" when it was not read.
	Key string
	// Time is when the request was signed, Server the server's clock, both
	// zero until they were compared.
	Time, Server time.Time
	// Expires is how long a presigned URL lives.
	Expires time.Duration
	// Canonical and ToSign are what the server computed, and Provided is the
	// signature that the request has, for Mismatch.
	Canonical, ToSign, Provided string
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return fmt.Sprintf("signature refused (reason %d)", r.Reason)
	}
	return fmt.Sprintf("signature refused (reason %d): %s", r.Reason, r.Detail)
}
