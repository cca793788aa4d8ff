package fc

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/layer"
)

// errEmpty is an answer that lacks what makes it one.
var errEmpty = errors.New("the answer is empty")

// fault says what came of a call that is no success.
func (s sender) fault(c *call, action string, err error) *layer.Fault {
	if c.refused != nil {
		var known *layer.Fault
		if errors.As(c.refused, &known) {
			return known
		}
		return &layer.Fault{Message: "no usable credentials", Cause: fs.ErrPermission, Err: c.refused}
	}
	f := c.Fault(err)
	// The SDK has an error of its own only for a document that it could read.
	if said := alicloud.Fault(err); said.Code != "" {
		said.After = max(said.After, f.After)
		f = said
	}
	if f.RequestID == "" && c.Header != nil {
		f.RequestID = c.Header.Get("X-Fc-Request-Id")
	}
	s.classify(f, action)
	return f
}

// classify adds what only Function Compute means by a code:
// https://www.alibabacloud.com/help/en/functioncompute/error-codes
func (s sender) classify(f *layer.Fault, action string) {
	switch {
	case f.Code == "ConcurrentUpdateError":
		f.Retry = true
	case f.Status == http.StatusNotFound && strings.HasSuffix(f.Code, "NotFound"):
		f.Cause = fs.ErrNotExist
	case f.Code == "InvalidArgument" && strings.HasPrefix(f.Message, "Code size exceeds the maximum"):
		f.Cause = layer.ErrLimit
	case f.Code == "InvalidArgument" && strings.Contains(strings.ToLower(f.Message), "checksum"):
		f.Cause = layer.ErrDigest
	}
	if f.Hint == "" {
		f.Hint = s.hint(f, action)
	}
}

// The actions that publishing takes, for hints. Those of RAM have the names of
// the operations.
const publishing = "fc:ListLayerVersions, fc:GetLayerVersion and fc:CreateLayerVersion"

func (s sender) hint(f *layer.Fault, action string) string {
	text := strings.ToLower(f.Message)
	aboutObject := strings.Contains(text, "bucket") || strings.Contains(text, "object") || strings.Contains(text, "oss")
	switch {
	case action == "CreateLayerVersion" && aboutObject && f.Code == "AccessDenied":
		return "the account must be allowed to read the object (oss:GetObject), and the bucket must be in region " + s.o.Region
	case action == "CreateLayerVersion" && aboutObject && f.Code == "InvalidArgument":
		return "the object must be there, in a bucket of region " + s.o.Region
	case f.Code == "AccessDenied" && strings.Contains(text, "request time"):
		return "the clock of this machine is wrong by more than 15 minutes"
	case errors.Is(f, fs.ErrPermission) && f.Code != "":
		needs := fmt.Sprintf("the RAM policy must allow fc:%s", action)
		if action == "ListLayerVersions" || action == "CreateLayerVersion" {
			needs = "the RAM policy must allow " + publishing
		}
		if s.o.API == V2 {
			needs += ", and target.account must be the account of the access key"
		}
		return needs
	}
	return ""
}
