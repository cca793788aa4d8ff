package tc3

import (
	"fmt"
	"time"
)

// Reason says why a request's signature was refused. Each reason has an error
// code of Tencent Cloud's.
type Reason int

// The reasons, in the order in which they are looked for.
const (
	// Missing: the request is not signed at all.
	Missing Reason = iota + 1
	// Malformed: the signature cannot be read, or is by another algorithm.
	Malformed
	// NoHeader: a header that the scheme needs is missing, or its value is
	// not one.
	NoHeader
	// UnknownKey: nobody has the secret id.
	UnknownKey
	// WrongToken: the token is not the one of the secret id.
	WrongToken
	// Skewed: the request's time is too far from the server's.
	Skewed
	// WrongDate: the scope's date is not the request's.
	WrongDate
	// Mismatch: the signature is another one than the request has.
	Mismatch
)

// A Refusal is a signature that was not accepted.
type Refusal struct {
	Reason Reason
	// Detail names what is wrong: the part that is malformed, the header
	// that is missing.
	Detail string
	// Key is the secret id of the request, "" when it was not read.
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
