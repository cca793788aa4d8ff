package cossig

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
	// Unsupported: it is signed, but not by HMAC-SHA1.
	Unsupported
	// Malformed: a part of the signature is missing or cannot be read.
	Malformed
	// UnknownKey: nobody has the secret id.
	UnknownKey
	// WrongToken: the security token is not the one of the secret id.
	WrongToken
	// Early: the signature begins to hold too far in the future.
	Early
	// Expired: it does not hold any more.
	Expired
	// Mismatch: the signature is another one than the request has.
	Mismatch
)

// A Refusal is a signature that was not accepted.
type Refusal struct {
	Reason Reason
	// Detail names the part that is malformed.
	Detail string
	// Claim is what was read of the signature.
	Claim Claim
	// Server is the server's clock, zero until times were compared.
	Server time.Time
	// Format and ToSign are what the server computed, for Mismatch.
	Format, ToSign string
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return fmt.Sprintf("signature refused (reason %d)", r.Reason)
	}
	return fmt.Sprintf("signature refused (reason %d): %s", r.Reason, r.Detail)
}
