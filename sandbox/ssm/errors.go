package ssm

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A failure is an answer that is an error.
type failure struct {
	status        int
	code, message string
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s: %s", f.status, f.code, f.message) }

const internalError = "InternalServerError"

// refuse is an error of the client, which the service answers with status 400
// whatever it is: also refused signatures and missing permissions.
func refuse(code, message string) *failure {
	return &failure{status: http.StatusBadRequest, code: code, message: message}
}

// The wordings are those that the service answers, as users quote them in
// public issues (aws/aws-sdk-php#1952, garystafford/emr-demo#1,
// aws-cloudformation/cfn-lint#4089, aws-samples/resource-autotagger#1), and
// else those of the API reference. What is not found has no message.

func invalid(format string, args ...any) *failure {
	return refuse("ValidationException", fmt.Sprintf(format, args...))
}

// constraint is how the service's framework words what the model rules out.
func constraint(value, member, rule string) *failure {
	return invalid("1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s", value, member, rule)
}

func notFound() *failure { return refuse("ParameterNotFound", "") }

func versionNotFound(name, selector string) *failure {
	return refuse("ParameterVersionNotFound", fmt.Sprintf(
		"Systems Manager could not find version %s of %s. Verify the version and try again.", selector, name))
}

func badName() *failure {
	return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ` +
		`sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
}

func badPath() *failure {
	return invalid(`The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". ` +
		`It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: ` +
		`. (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward ` +
		`slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`)
}

// write sends the error as the AWS JSON protocol has it: the code in the
// document.
func (f *failure) write(w http.ResponseWriter) {
	doc := map[string]string{"__type": f.code}
	if f.message != "" {
		doc["message"] = f.message
	}
	text, err := json.Marshal(doc)
	if err != nil {
		text = nil
	}
	send(w, f.status, text)
}
