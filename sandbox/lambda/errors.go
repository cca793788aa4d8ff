package lambda

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A failure is an answer that is an error.
type failure struct {
	status        int
	code, message string
	// bare leaves the Type out of the document, as validation and signature
	// errors do. capital writes Message instead of message, as
	// ResourceNotFoundException does.
	bare, capital bool
	// reason and after are for throttled requests.
	reason string
	after  time.Duration
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s: %s", f.status, f.code, f.message) }

// The wordings are those that Lambda itself answers, as LocalStack recorded
// them in the snapshot of its tests
// (tests/aws/services/lambda_/test_lambda_api.snapshot.json), and as users
// quote them in public issues where that has none.

func invalidParameter(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: "InvalidParameterValueException", message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *failure {
	return &failure{status: http.StatusNotFound, code: "ResourceNotFoundException", message: fmt.Sprintf(format, args...), capital: true}
}

func noSuchResource() *failure { return notFound("The resource you requested does not exist.") }

func throttled(after time.Duration) *failure {
	return &failure{status: http.StatusTooManyRequests, code: "TooManyRequestsException", message: "Rate exceeded",
		reason: "CallerRateLimitExceeded", after: after}
}

func serviceFailure() *failure {
	return &failure{status: http.StatusInternalServerError, code: "ServiceException", message: "Service encountered an internal error."}
}

// write sends the error as the REST-JSON protocol has it: the code in a
// header, the rest in a document.
func (f *failure) write(w http.ResponseWriter) {
	doc := map[string]string{"message": f.message}
	if f.capital {
		doc = map[string]string{"Message": f.message}
	}
	if !f.bare {
		doc["Type"] = "User"
		if f.status >= http.StatusInternalServerError {
			doc["Type"] = "Service"
		}
	}
	if f.reason != "" {
		doc["Reason"] = f.reason
	}
	if f.after > 0 {
		seconds := int((f.after + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	text, err := json.Marshal(doc)
	if err != nil {
		text = nil
	}
	w.Header().Set("X-Amzn-Errortype", f.code)
	send(w, f.status, text)
}

func send(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text) // fails only when the client is gone
}
