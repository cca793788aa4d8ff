package scf

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/layerbuild/layerbuild/internal/exchange"
	"github.com/layerbuild/layerbuild/internal/tencentcloud"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// errEmpty is an answer that lacks what makes it one.
var errEmpty = errors.New("the answer is empty")

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// fault says what an error of the SDK means. Errors of the service have the
// status 200, so that a code is all there is to go by; where there is none, the
// exchange tells what happened.
func fault(x *exchange.Exchange, action string, err error) *layer.Fault {
	f := tencentcloud.Fault(err)
	if f.Code == "" || strings.HasPrefix(f.Code, "ClientError.") && x.Status != 0 {
		return x.Fault(err)
	}
	if x.Header != nil {
		f.After = wire.RetryAfter(x.Header)
	}
	kind, _, _ := strings.Cut(f.Code, ".")
	switch {
	case kind == "ResourceNotFound":
		f.Cause = fs.ErrNotExist
	case kind == "ResourceInUse" && action == "PublishLayerVersion", busy(f.Code):
		f.Retry = true
	}
	if hint := hintFor(f.Code, action); f.Hint == "" {
		f.Hint = hint
	}
	return f
}

// busy reports whether a code means that a function is just being made, and
// that nothing was done.
func busy(code string) bool {
	switch code {
	case "FailedOperation.DeleteFunction", "FailedOperation.FunctionStatusError":
		return true
	}
	return false
}
