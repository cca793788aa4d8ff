package lambda

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings are what a function is created with and can be changed to.
type settings struct {
	Role, Runtime, Handler, Description *string
	Timeout, MemorySize                 *int
	// Layers are nil when the request has none, and empty when it takes all
	// away.
	Layers      []string
	Environment *struct{ Variables map[string]string }
}

// The patterns of the API model, as the messages spell them.
const (
	rolePattern    = `arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`
	handlerPattern = `[^\s]+`
)

var (
	roleRE    = whole(rolePattern)
	handlerRE = whole(handlerPattern)
)

// Limits and defaults of functions, see "Lambda quotas" and CreateFunction in
// the API reference.
const (
	maxHandler                 = 128
	maxTimeout, defaultTimeout = 900, 3     // seconds
	minMemory, maxMemory       = 128, 10240 // MiB
	maxLayers                  = 5
)

// apply puts into a function what the request has. Layers are left aside:
// their zips have to be copied.
func (in settings) apply(d *deployment) {
	for to, from := range map[*string]*string{&d.Role: in.Role, &d.Runtime: in.Runtime, &d.Handler: in.Handler, &d.Description: in.Description} {
		if from != nil {
			*to = *from
		}
	}
	if in.Timeout != nil {
		d.Timeout = *in.Timeout
	}
	if in.MemorySize != nil {
		d.Memory = *in.MemorySize
	}
	if in.Environment != nil {
		variables := maps.Clone(in.Environment.Variables)
		if variables == nil {
			variables = map[string]string{}
		}
		d.Variables = &variables
	}
}

// check holds the members against the API model.
func (in settings) check(p *problems) {
	if in.Role != nil {
		p.pattern(*in.Role, "role", roleRE, rolePattern)
	}
	if in.Handler != nil {
		p.pattern(*in.Handler, "handler", handlerRE, handlerPattern)
		p.length(*in.Handler, "handler", 0, maxHandler)
	}
	if in.Description != nil {
		p.length(*in.Description, "description", 0, maxDescription)
	}
	p.within(in.Timeout, "timeout", 1, maxTimeout)
	p.within(in.MemorySize, "memorySize", minMemory, maxMemory)
	p.layerArns(in.Layers)
}

func (p *problems) within(value *int, at string, least, most int) {
	switch {
	case value == nil:
	case *value < least:
		p.add(fmt.Sprintf("'%d'", *value), at, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case *value > most:
		p.add(fmt.Sprintf("'%d'", *value), at, fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

func (p *problems) layerArns(list []string) {
	if slices.ContainsFunc(list, func(arn string) bool { return !arnRE.MatchString(arn) }) {
		p.add("'["+strings.Join(list, ", ")+"]'", "layers", "Member must satisfy constraint: [Member must have length less than or equal to "+
			"2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: "+
			arnPattern+", Member must not be null]")
	}
}

// judge holds the settings against what the service wants beyond its model.
func (in settings) judge(x *exchange) error {
	switch {
	case in.Runtime == nil:
	case slices.Contains(retiredRuntimes(), *in.Runtime):
		return invalidParameter("The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. "+
			"We recommend you use a supported runtime while creating or updating functions.", *in.Runtime)
	case !slices.Contains(currentRuntimes(), *in.Runtime):
		return invalidParameter("Value %s at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [%s] or be a valid ARN",
			*in.Runtime, strings.Join(currentRuntimes(), ", "))
	}
	if err := in.judgeVariables(); err != nil {
		return err
	}
	if in.Role == nil {
		return nil
	}
	return x.assume(*in.Role)
}

// reserved are the variables that a function cannot set, see "Defined runtime
// environment variables" in the developer guide.
func reserved() []string {
	return []string{"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
		"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
}

func (in settings) judgeVariables() error {
	if in.Environment == nil {
		return nil
	}
	var taken []string
	for _, name := range slices.Sorted(maps.Keys(in.Environment.Variables)) {
		if slices.Contains(reserved(), name) {
			taken = append(taken, name)
		}
	}
	if len(taken) > 0 {
		return invalidParameter("Lambda was unable to configure your environment variables because the environment variables you have "+
			"provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s",
			strings.Join(taken, ", "))
	}
	return nil
}

// assume takes every role of the account but those whose names begin with
// "missing-" or "denied-", like buckets.
func (x *exchange) assume(role string) error {
	name := role[strings.LastIndexByte(role, '/')+1:]
	switch {
	case strings.Split(role, ":")[4] != x.account:
		return &failure{status: 403, code: "AccessDeniedException", message: "Cross-account pass role is not allowed.", bare: true}
	case strings.HasPrefix(name, "missing-"), strings.HasPrefix(name, "denied-"):
		return invalidParameter("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}
