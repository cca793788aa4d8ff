package parameters_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/layerbuild/layerbuild/internal/parameters"
)

// TestCheckPrefix wants the check and the service to agree: what is refused
// here would be there, and the longest layer name fits after what is not.
func TestCheckPrefix(t *testing.T) {
	if parameters.CheckPrefix("") == nil {
		t.Error("no prefix at all is taken")
	}
	c := start(t).client(t, "ap-southeast-1")
	longest := 1011 - len("arn:aws-us-gov:ssm:ap-southeast-1:123456789012:parameter") - len("/"+strings.Repeat("n", 140)+"/version")
	for prefix, good := range map[string]bool{
		parameters.DefaultPrefix:             true,
		"/a.b-c_D/9":                         true,
		strings.Repeat("/l", 13):             true,
		"/a/aws":                             true,
		"/a/ssm":                             true,
		"a":                                  false,
		"/":                                  false,
		"/a/":                                false,
		"//a":                                false,
		"/a//b":                              false,
		"/a b":                               false,
		"/ä":                                 false,
		"/a:b":                               false,
		"/aws":                               false,
		"/AWSlayers":                         false,
		"/Ssm/a":                             false,
		strings.Repeat("/l", 14):             false,
		"/" + strings.Repeat("n", longest-1): true,
		"/" + strings.Repeat("n", longest+9): false,
	} {
		err := parameters.CheckPrefix(prefix)
		if (err == nil) != good {
			t.Errorf("CheckPrefix(%q) is %v", prefix, err)
		}
		_, err = c.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(prefix + "/" + strings.Repeat("n", 140) + "/version"), Value: aws.String("1"), Type: types.ParameterTypeString,
		})
		if (err == nil) != good {
			t.Errorf("%q: the service says %v", prefix, err)
		}
	}
}
