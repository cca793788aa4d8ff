package scf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxRequest is the largest body in bytes: 10 MB with this signature, says
// "Request structure" in the API reference.
const maxRequest = 10 << 20

func (x *exchange) readBody() error {
	var err error
	x.body, err = io.ReadAll(io.LimitReader(x.r.Body, maxRequest+1))
	if len(x.body) > maxRequest {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, 64*maxRequest))
		return fail("RequestSizeLimitExceeded")
	}
	if err != nil {
		return fail("InvalidParameter")
	}
	return nil
}

// decode reads the body's document.
func (x *exchange) decode(to any) error {
	err := json.Unmarshal(x.body, to)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &failure{code: "InvalidParameter", message: fmt.Sprintf("Parameter `%s` type error.", e.Field)}
	}
	if err != nil {
		return fail("InvalidParameterValue.Param")
	}
	return nil
}
