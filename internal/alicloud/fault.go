package alicloud

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// Fault says what an error of the OSS SDK or of the Function Compute SDKs
// means. Adapters add what only their service means by a code.
//
//   - An answer with a status keeps the service's code, message and request id.
//   - 429 and throttling codes are to be retried; after any other status from
//     500 up, and after an answer that was cut, the service may have acted.
//   - Without an answer the service may have acted too, unless no connection
//     came about.
func Fault(err error) *layer.Fault {
	var known *layer.Fault
	if errors.As(err, &known) {
		// A copy, since callers add hints: the cause of a canceled context
		// reaches all that it cancels.
		f := *known
		return &f
	}
	var storage *oss.ServiceError
	if errors.As(err, &storage) {
		return ofStorage(storage)
	}
	var answer *tea.SDKError
	if errors.As(err, &answer) {
		return ofFunctions(tea.IntValue(answer.StatusCode), tea.StringValue(answer.Code), tea.StringValue(answer.Message), tea.StringValue(answer.Data))
	}
	var response dara.ResponseError
	if errors.As(err, &response) {
		data, _ := json.Marshal(response.GetData()) // made of JSON
		f := ofFunctions(dara.IntValue(response.GetStatusCode()), dara.StringValue(response.GetCode()), response.Error(), string(data))
		f.After = time.Duration(dara.Int64Value(response.GetRetryAfter())) * time.Millisecond
		return f
	}
	var invalid oss.InvalidParamError
	if errors.As(err, &invalid) {
		return &layer.Fault{Err: invalid} // refused by the SDK itself: nothing went out
	}
	return wire.Unanswered(innermost(err))
}

// innermost leaves the OSS SDK's layers of "operation error" and "client error"
// out.
func innermost(err error) error {
	var client *oss.ClientError
	if errors.As(err, &client) && client.Err != nil {
		return client.Err
	}
	var operation *oss.OperationError
	if errors.As(err, &operation) {
		return operation.Unwrap()
	}
	return err
}

func ofStorage(e *oss.ServiceError) *layer.Fault {
	f := &layer.Fault{
		Status: e.StatusCode, Code: e.Code, Message: e.Message, RequestID: e.RequestID,
		After: wire.RetryAfter(e.Headers),
	}
	if f.Code == "BadErrorResponse" {
		// The SDK's own, for an answer without a body that it understands.
		f.Code, f.Message = "", http.StatusText(f.Status)
	}
	classify(f)
	return f
}

// said is what Function Compute says of an error. Its two APIs, and gateways
// before them, have three spellings; the SDKs know but one.
type said struct {
	Code        string `json:"Code"`
	ErrorCode   string `json:"ErrorCode"`
	Message     string `json:"Message"`
	ErrorMesage string `json:"ErrorMessage"`
	RequestID   string `json:"RequestId"`
}

// decorated is what the SDKs make of a message.
var decorated = regexp.MustCompile(`(?s)^code: \d+, (.*) request id: (\S*)$`)

func ofFunctions(status int, code, message, data string) *layer.Fault {
	f := &layer.Fault{Status: status, Code: code, Message: message}
	if m := decorated.FindStringSubmatch(message); m != nil {
		f.Message, f.RequestID = m[1], m[2]
	}
	var body said // encoding/json does not tell cases apart
	if json.Unmarshal([]byte(data), &body) == nil {
		f.Code = firstOf(body.Code, body.ErrorCode, f.Code)
		f.Message = firstOf(body.Message, body.ErrorMesage, f.Message)
		f.RequestID = firstOf(body.RequestID, f.RequestID)
	}
	if f.RequestID == "<nil>" {
		f.RequestID = ""
	}
	classify(f)
	return f
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		// The SDKs print what is not there as Go's nil.
		if text != "" && text != "<nil>" {
			return text
		}
	}
	return ""
}

// Endpoint returns the host that an answer of OSS says to use instead, "" if
// it says none.
func Endpoint(err error) string {
	var e *oss.ServiceError
	var body struct {
		Endpoint string `xml:"Endpoint"`
	}
	if !errors.As(err, &e) || xml.Unmarshal(e.Snapshot, &body) != nil {
		return ""
	}
	return body.Endpoint
}

// Region returns the region in the name of an OSS endpoint, such as
// "oss-cn-hangzhou-internal.aliyuncs.com", "" if there is none.
func Region(endpoint string) string {
	if u, err := url.Parse("//" + endpoint); err == nil {
		endpoint = u.Hostname()
	}
	first, _, _ := strings.Cut(endpoint, ".")
	region, ok := strings.CutPrefix(first, "oss-")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(region, "-internal")
}
