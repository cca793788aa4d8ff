package function

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotRunnable is what every [NotRunnable] is.
var ErrNotRunnable = errors.New("not run")

// A NotRunnable says that this machine cannot run a function, though the cloud
// could: it is neither a success nor a failure of the function's.
type NotRunnable struct {
	// Runtime is the catalogue's name.
	Runtime string
	// Reason is what is missing here.
	Reason string
}

func (e *NotRunnable) Error() string {
	return fmt.Sprintf("not run: the sandbox cannot run %s on this machine: %s", e.Runtime, e.Reason)
}

// Is reports whether the target is [ErrNotRunnable].
func (e *NotRunnable) Is(target error) bool { return target == ErrNotRunnable }

// NotRunType is the errorType by which clients tell "could not be run here"
// from a failure of the function. No cloud has it.
const NotRunType = "Layerbuild.NotRun"

// Output is the error object that a service answers in place of a result, so
// that nobody takes the answer for a success.
func (e *NotRunnable) Output() []byte {
	text, _ := json.Marshal(Error{Message: e.Error(), Type: NotRunType, Trace: []string{}}) // strings never fail
	return text
}
