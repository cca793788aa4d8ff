package publisher

import (
	"context"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// TrialPrefix is what the names of throw-away functions begin with. Nothing
// else of ours has such a name, so what an ended run left can be told from
// other people's functions.
const TrialPrefix = "layerbuild-smoke-"

// A Trial is a throw-away function that loads what is in layers.
type Trial struct {
	// Name of the function; it begins with TrialPrefix.
	Name string
	// Runtime and Architecture are in the cloud's own spelling.
	Runtime, Architecture string
	// Layers are mounted so that of two with the same file the later one
	// wins. A service that counts the other way round turns the list.
	Layers []layer.Version
	// Code is a zip with the function's code, Handler what is called in it.
	Code    []byte
	Handler string
	// Role is what the function runs as, "" where none is needed.
	Role string
	// Memory is in bytes; Timeout bounds one invocation. Zero is the
	// provider's smallest sensible value.
	Memory  int64
	Timeout time.Duration
	// Event is the JSON that the function is invoked with.
	Event []byte
}

// A TrialReport is what came of a trial that could be made.
type TrialReport struct {
	// Output is what the function returned, or the error object it ended with.
	Output []byte
	// Failed says that the function itself ended with an error.
	Failed bool
	// Log is the end of what the function printed, "" where unknown.
	Log string
	// Order are the layers as the cloud was given them, in its own order, and
	// Wins which of two with the same file a function sees: "first" or "last".
	Order []string
	Wins  string
}

// A Trier can run throw-away functions.
type Trier interface {
	// Try creates the function, invokes it once it can be, and removes it and
	// all that was made for it, also on failure and after ctx has ended. An
	// error is about the trial; a function that fails is in the report.
	Try(ctx context.Context, t Trial) (TrialReport, error)
	// Sweep removes functions that earlier runs left and that were made
	// before the given time, and returns their names.
	Sweep(ctx context.Context, before time.Time) ([]string, error)
}
