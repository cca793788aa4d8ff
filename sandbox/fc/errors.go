package fc

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Spelling is how the members of an error document are called. Three ways are
// about, and which API answers in which is documented only in part.
type Spelling int

const (
	// Capital: RequestId, Code, Message, as the SDKs of 2021 and 2023 expect
	// them (fc-20230330 v4.8.2, error_model.go).
	Capital Spelling = iota
	// Prefixed: ErrorCode, ErrorMessage, as the API of 2016 has them.
	Prefixed
	// Lower: errorCode, errorMessage, as "Error codes" in the developer
	// reference has them.
	Lower
)

// A failure is an answer that is an error.
type failure struct {
	status        int
	code, message string
	// after is for throttled requests.
	after time.Duration
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s: %s", f.status, f.code, f.message) }

// Codes and messages are those of "Error codes"
// (alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/error-codes)
// and what users quote in public issues. Where neither says anything, which is
// most of all for arguments that are invalid, the message is the sandbox's.

func invalid(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: "InvalidArgument", message: fmt.Sprintf(format, args...)}
}

func notFound(code, format string, args ...any) *failure {
	return &failure{status: http.StatusNotFound, code: code, message: fmt.Sprintf(format, args...)}
}

func conflict(code, format string, args ...any) *failure {
	return &failure{status: http.StatusConflict, code: code, message: fmt.Sprintf(format, args...)}
}

func noLayer(name string) *failure {
	return notFound("LayerNotFound", "layer '%s' does not exist", name)
}

func noVersion(name, number string) *failure {
	return notFound("LayerVersionNotFound", "version '%s' of layer '%s' does not exist", number, name)
}

// throttled has the code of the cloud's common gateway, which the SDKs know
// for a reason to wait; Function Compute documents none.
func throttled(after time.Duration) *failure {
	return &failure{status: http.StatusTooManyRequests, code: "Throttling.User",
		message: "Request was denied due to user flow control.", after: after}
}

func internal() *failure {
	return &failure{status: http.StatusInternalServerError, code: "InternalServerError",
		message: "an internal error has occurred, please retry"}
}

func (f *failure) write(x *exchange, s Spelling) {
	doc := map[string]string{"RequestId": x.record.RequestID, "Code": f.code, "Message": f.message}
	switch s {
	case Prefixed:
		doc = map[string]string{"ErrorCode": f.code, "ErrorMessage": f.message}
	case Lower:
		doc = map[string]string{"errorCode": f.code, "errorMessage": f.message}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		text = nil
	}
	if f.after > 0 {
		seconds := int((f.after + time.Second - 1) / time.Second)
		x.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	x.w.Header().Set("Content-Type", "application/json")
	send(x.w, f.status, text)
}

func send(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text) // fails only when the client is gone
}

// requestID has the form of the service's: "1-64e70cf1-5cbef92ea8fc8c42899cf5d1".
func requestID(at time.Time) string {
	var b [12]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return fmt.Sprintf("1-%08x-%x", uint32(at.Unix()), b)
}
