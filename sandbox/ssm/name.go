package ssm

import (
	"fmt"
	"regexp"
	"strings"
)

// The rules are those of "Requirements and constraints for parameter names" in
// the Systems Manager user guide and of Name in the API reference of
// PutParameter.
const (
	maxLevels = 15
	// maxFull is the longest ARN of a parameter, in characters.
	maxFull = 1011
	// maxName is the longest name that the model of the API lets pass.
	maxName = 2048
)

var (
	nameForm = regexp.MustCompile(`^(/?[a-zA-Z0-9_.-]+|(/[a-zA-Z0-9_.-]+)+)$`)
	pathForm = regexp.MustCompile(`^(/|(/[a-zA-Z0-9_.-]+)+/?)$`)
	arnForm  = regexp.MustCompile(`^arn:aws[a-z-]*:ssm:([a-z0-9-]+):([0-9]{12}):parameter(/.+)$`)
)

// checkNew holds the name of a parameter that is to be written to the rules.
func (x *exchange) checkNew(name string) error {
	lower := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case name == "":
		return constraint("null", "name", "Member must not be null")
	case len(name) > maxName:
		return constraint("'"+name+"'", "name", fmt.Sprintf("Member must have length less than or equal to %d", maxName))
	case strings.HasPrefix(lower, "aws"):
		return refuse("AccessDeniedException", fmt.Sprintf("No access to reserved parameter name: %s.", strings.TrimPrefix(name, "/")))
	case !nameForm.MatchString(name), strings.HasPrefix(lower, "ssm"):
		return badName()
	case strings.Count(strings.TrimPrefix(name, "/"), "/")+1 > maxLevels:
		return refuse("HierarchyLevelLimitExceededException", fmt.Sprintf("A hierarchy can have a maximum of %d levels. For more information, "+
			"see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.", maxLevels))
	case len(arnPrefix(x.account, x.region))+len(strings.TrimPrefix(name, "/")) > maxFull:
		return invalid("Parameter name: the fully qualified name can be at most %d characters long", maxFull)
	}
	return nil
}

// asked takes apart what a parameter is asked for by: its name or its ARN, and
// a selector such as ":3" for one version. Where it is an ARN of another
// account or region, nothing has that name.
func (x *exchange) asked(by string) (name, selector string, err error) {
	name = strings.TrimSpace(by)
	if m := arnForm.FindStringSubmatch(name); m != nil {
		if m[1] != x.region || m[2] != x.account {
			return "", "", notFound()
		}
		name = m[3]
	}
	name, selector, _ = strings.Cut(name, ":")
	if !nameForm.MatchString(name) {
		return "", "", badName()
	}
	return name, selector, nil
}
