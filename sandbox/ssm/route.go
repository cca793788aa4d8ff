package ssm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// TargetHeader names the operation of a request of the AWS JSON protocol, and
// Target begins its value in requests to this service.
const (
	TargetHeader = "X-Amz-Target"
	Target       = "AmazonSSM."
)

// action returns the operation that a request names, "" if none.
func action(r *http.Request) string {
	name, ok := strings.CutPrefix(r.Header.Get(TargetHeader), Target)
	if !ok {
		return ""
	}
	return name
}

// An operation is one action of the API. It is called with the lock held.
type operation func(*Service, *exchange) (any, error)

func operations() map[string]operation {
	return map[string]operation{
		"PutParameter":        (*Service).put,
		"GetParameter":        (*Service).get,
		"GetParameters":       (*Service).getAll,
		"GetParametersByPath": (*Service).getByPath,
		"DeleteParameter":     (*Service).remove,
	}
}

// decode reads the body's document. A member that the sandbox does not know,
// such as PutParameter's Policies, is refused: leaving it out without a word
// would show something as working that is not.
func (x *exchange) decode(to any) error {
	d := json.NewDecoder(bytes.NewReader(x.body))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if unknown, ok := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); ok {
		return invalid("The sandbox knows no %s for %s", strings.Trim(unknown, `"`), x.record.Action)
	}
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one document")
		}
	}
	if err != nil {
		return refuse("SerializationException", "")
	}
	return nil
}
