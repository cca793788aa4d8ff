package lambda

import (
	"fmt"
	"net/http"
	"regexp"
)

type functionID struct{ account, region, name string }

func (id functionID) arn() string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", id.region, id.account, id.name)
}

// The patterns of the API model, as the messages spell them: of a function
// that is to be made, and of one that is there.
const (
	newFunctionPattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`
	functionPattern    = `(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`
	qualifierPattern   = `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`
)

var (
	newFunctionRE = whole(newFunctionPattern)
	functionRE    = whole(functionPattern)
	qualifierRE   = whole(qualifierPattern)
	// functionParts takes a name apart that one of the two has matched.
	functionParts = regexp.MustCompile(`^(?:arn:[^:]*:lambda:)?(?:([a-z-]+-\d):)?(?:(\d{12}):)?(?:function:)?([^:]+)(?::(.+))?$`)
)

// targetFunction returns the function that a path names, by name or by a whole
// or partial ARN, and the qualifier, which the query may have too.
func (x *exchange) targetFunction() (functionID, string, error) {
	var p problems
	query := x.r.URL.Query().Get("Qualifier")
	p.pattern(x.function, "functionName", functionRE, functionPattern)
	if query != "" {
		p.pattern(query, "qualifier", qualifierRE, qualifierPattern)
		p.length(query, "qualifier", 1, 128)
	}
	if err := p.err(); err != nil {
		return functionID{}, "", err
	}
	id, qualifier, err := x.splitFunction(x.function)
	if err != nil {
		return id, "", err
	}
	if qualifier != "" && query != "" && qualifier != query {
		return id, "", invalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
	}
	if qualifier == "" {
		qualifier = query
	}
	return id, qualifier, nil
}

// splitFunction reads a name that has matched, and holds it against the
// account and the region of the request.
func (x *exchange) splitFunction(name string) (functionID, string, error) {
	parts := functionParts.FindStringSubmatch(name)
	id := functionID{x.account, x.region, parts[3]}
	switch {
	case parts[1] != "" && parts[1] != x.region:
		return id, "", notFound("Functions from '%s' are not reachable in this region ('%s')", parts[1], x.region)
	case parts[2] != "" && parts[2] != x.account:
		id.account = parts[2]
		return id, "", x.denied(x.record.Action, id.arn())
	}
	return id, parts[4], nil
}

// denied refuses what another account's resource would have to allow.
func (x *exchange) denied(action, arn string) error {
	return &failure{status: http.StatusForbidden, code: "AccessDeniedException", bare: true,
		message: fmt.Sprintf("User: arn:aws:iam::%s:user/sandbox is not authorized to perform: lambda:%s on resource: %s "+
			"because no resource-based policy allows the lambda:%s action", x.account, action, arn, action)}
}
