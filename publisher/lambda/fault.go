package lambda

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

const codeInvalid = "InvalidParameterValueException"

func fault(err error) *layer.Fault {
	if err == nil {
		return nil
	}
	return awscloud.Fault(err)
}

// readFault is fault for requests that ask for something by its name.
func readFault(err error) *layer.Fault {
	f := fault(err)
	if absent(f) {
		f.Cause = fs.ErrNotExist
	}
	return f
}

// absent goes by the status, which is there even when the code was cut off.
func absent(f *layer.Fault) bool { return f != nil && f.Status == http.StatusNotFound }

// incomplete is the fault of an answer that lacks what the service always puts
// into it, such as one of something before it that has no body at all.
func incomplete() *layer.Fault {
	return &layer.Fault{Status: http.StatusOK, Message: "the answer is incomplete", Unknown: true}
}

// publishFault is fault for PublishLayerVersion, which reports all sorts of
// things as an invalid parameter.
func publishFault(err error) *layer.Fault {
	f := fault(err)
	if f.Code == codeInvalid && strings.HasPrefix(f.Message, "Unzipped size must be smaller than") {
		f.Cause = layer.ErrLimit
	}
	switch {
	case strings.Contains(f.Message, "S3 Error Code: PermanentRedirect"):
		f.Hint = "the bucket must be in the region of the layer"
	case strings.Contains(f.Message, "S3 Error Code: AccessDenied"):
		f.Hint = "publishing needs s3:GetObject on the object, and kms:Decrypt where the bucket encrypts with a key of its own"
	case f.Code == "AccessDeniedException":
		f.Hint = "publishing needs lambda:PublishLayerVersion on the layer"
	}
	return f
}
