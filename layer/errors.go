package layer

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Causes that callers branch on. Missing things wrap [fs.ErrNotExist], refused
// credentials and permissions wrap [fs.ErrPermission], things that are there
// already wrap [fs.ErrExist].
var (
	// ErrDigest: bytes are not the ones that were promised.
	ErrDigest = errors.New("digest differs")
	// ErrLimit: a limit of a cloud, or a budget of the manifest, is exceeded.
	ErrLimit = errors.New("limit exceeded")
)

// A Fault is a request to a cloud that was not answered as asked for.
type Fault struct {
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Code, Message and RequestID are the service's own.
	Code, Message, RequestID string
	// Cause is one of the errors that callers branch on, or nil.
	Cause error
	// Retry says that the service did nothing and may be asked again, not
	// before After has passed.
	Retry bool
	After time.Duration
	// Unknown says that the service may have acted although no good answer
	// came: the request was lost or cut, or the service failed inside.
	Unknown bool
	// Region says that the answer is also what a region gives that is not
	// enabled for the account.
	Region bool
	// Hint says what the user can do, "" if nothing is known.
	Hint string
	// Err is the error underneath, for a request without an answer.
	Err error
}

func (f *Fault) Error() string {
	var b strings.Builder
	if f.Status != 0 {
		fmt.Fprintf(&b, "%d ", f.Status)
	}
	switch {
	case f.Code != "" && f.Message != "":
		fmt.Fprintf(&b, "%s: %s", f.Code, f.Message)
	case f.Code != "" || f.Message != "":
		b.WriteString(f.Code + f.Message)
	case f.Err != nil:
		b.WriteString(f.Err.Error())
	default:
		b.WriteString("no reason given")
	}
	if f.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", f.RequestID)
	}
	return b.String()
}

// Unwrap makes errors.Is find the cause and the error underneath.
func (f *Fault) Unwrap() []error {
	var list []error
	if f.Cause != nil {
		list = append(list, f.Cause)
	}
	if f.Err != nil {
		list = append(list, f.Err)
	}
	return list
}

func errNotSum(text string) error {
	return fmt.Errorf("%q is not a SHA-256: want 64 hexadecimal digits", text)
}
