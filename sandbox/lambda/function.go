package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// The folder holds functions/<SHA-256 of the ARN>.json, one document for each
// function. Its zips, copies of its layers included, are objects in the
// service's own bucket: a function keeps a layer that is deleted.

type functionID struct{ account, region, name string }

func (id functionID) arn() string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", id.region, id.account, id.name)
}

// A deployment is a function. It never changes.
type deployment struct {
	Account       string             `json:"account"`
	Region        string             `json:"region"`
	Name          string             `json:"name"`
	Runtime       string             `json:"runtime"`
	Handler       string             `json:"handler"`
	Role          string             `json:"role"`
	Description   string             `json:"description"`
	Timeout       int                `json:"timeout"` // seconds
	Memory        int                `json:"memory"`  // MiB
	Architectures []string           `json:"architectures"`
	Variables     *map[string]string `json:"variables,omitempty"`
	Layers        []attachment       `json:"layers,omitempty"`
	Created       time.Time          `json:"created"`
	Revision      string             `json:"revision"`
	// SHA256 is base64, Size in bytes, both of the code's zip; Object is its
	// key in the service's bucket.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Object string `json:"object"`
}

// An attachment is a layer version of a function, and its zip's copy.
type attachment struct {
	Arn    string `json:"arn"`
	Size   int64  `json:"size"`
	Object string `json:"object"`
}

func (d *deployment) id() functionID { return functionID{d.Account, d.Region, d.Name} }

func (id functionID) file() string {
	name := sha256.Sum256([]byte(id.arn()))
	return "functions/" + hex.EncodeToString(name[:]) + ".json"
}

// objects are the keys of all of the function's zips.
func (d *deployment) objects() []string {
	keys := []string{d.Object}
	for _, l := range d.Layers {
		keys = append(keys, l.Object)
	}
	return keys
}

func (s *Service) loadFunctions() error {
	return s.o.Folder.Each("functions", func(_ string, text []byte) error {
		d := &deployment{}
		err := json.Unmarshal(text, d)
		s.functions[d.id()] = d
		return err
	})
}

// state is Pending in the first answer about a new function, the one to its
// creation left out, and Active in all others. The lock is held.
func (s *Service) state(id functionID) string {
	if s.pending[id] {
		delete(s.pending, id)
		return "Pending"
	}
	return "Active"
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

// deployed returns the function that a path names. There are no versions but
// $LATEST, and no aliases. The lock is held.
func (s *Service) deployed(x *exchange) (*deployment, error) {
	id, qualifier, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	d := s.functions[id]
	if d == nil || qualifier != "" && qualifier != latest {
		arn := id.arn()
		if qualifier != "" {
			arn += ":" + qualifier
		}
		return nil, notFound("Function not found: %s", arn)
	}
	return d, nil
}

const latest = "$LATEST"
