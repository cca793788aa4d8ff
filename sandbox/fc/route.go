package fc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The beginnings of the paths of the two APIs.
const (
	Prefix2 = "/2021-04-06/"
	Prefix3 = "/2023-03-30/"
)

// api is one of the two, by its id in the catalogue.
type api string

const (
	api2 api = "fc2"
	api3 api = "fc3"
)

// An operation is one action of an API: its method, its path with the parts in
// braces, and the status of its answer.
type operation struct {
	action, method, path string
	status               int
	serve                func(*Service, *exchange) (any, error)
}

const versions = "layers/{layer}/versions"

// common are the operations that both APIs have.
func common() []operation {
	return []operation{
		{"ListLayers", "GET", "layers", 200, (*Service).listLayers},
		{"CreateLayerVersion", "POST", versions, 200, (*Service).publish},
		{"ListLayerVersions", "GET", versions, 200, (*Service).listVersions},
		{"GetLayerVersion", "GET", versions + "/{version}", 200, (*Service).get},
		{"DeleteLayerVersion", "DELETE", versions + "/{version}", 204, (*Service).remove},
		{"PutLayerACL", "PUT", "layers/{layer}/acl", 200, (*Service).share},
	}
}

// functions are the operations on functions below a path.
func functions(path string) []operation {
	one := path + "/{function}"
	return []operation{
		{"CreateFunction", "POST", path, 200, (*Service).createFunction},
		{"ListFunctions", "GET", path, 200, (*Service).listFunctions},
		{"GetFunction", "GET", one, 200, (*Service).getFunction},
		{"UpdateFunction", "PUT", one, 200, (*Service).updateFunction},
		{"DeleteFunction", "DELETE", one, 204, (*Service).deleteFunction},
		{"InvokeFunction", "POST", one + "/invocations", 200, (*Service).invoke},
	}
}

// published are the operations on the published versions of what a path names.
func published(path, kind string) []operation {
	path += "/versions"
	return []operation{
		{"Publish" + kind + "Version", "POST", path, 200, (*Service).publishRelease},
		{"List" + kind + "Versions", "GET", path, 200, (*Service).listReleases},
		{"Delete" + kind + "Version", "DELETE", path + "/{release}", 204, (*Service).deleteRelease},
	}
}

func (a api) operations() []operation {
	if a == api3 {
		return slices.Concat(common(), functions("functions"), published("functions/{function}", "Function"), []operation{
			{"GetLayerVersionByArn", "GET", "layerarn/{arn}", 200, (*Service).getByArn},
		})
	}
	return slices.Concat(common(), functions("services/{service}/functions"), published("services/{service}", "Service"), []operation{
		{"CreateService", "POST", "services", 200, (*Service).createService},
		{"ListServices", "GET", "services", 200, (*Service).listServices},
		{"GetService", "GET", "services/{service}", 200, (*Service).getService},
		{"DeleteService", "DELETE", "services/{service}", 204, (*Service).deleteService},
	})
}

// route finds the operation of a request and fills in the API and the parts of
// the path.
func route(x *exchange) (operation, error) {
	path := x.r.URL.EscapedPath() // an ARN in it has slashes of its own
	x.api = api3
	rest, ok := strings.CutPrefix(path, Prefix3)
	if !ok {
		x.api = api2
		rest, ok = strings.CutPrefix(path, Prefix2)
	}
	for _, op := range x.api.operations() {
		if ok && op.method == x.r.Method && op.matches(rest, x) {
			return op, nil
		}
	}
	return operation{}, &failure{status: http.StatusBadRequest, code: "PathNotSupported",
		message: fmt.Sprintf("'%s' against '%s' is not supported", x.r.Method, x.r.URL.Path)}
}

func (op operation) matches(path string, x *exchange) bool {
	want, have := strings.Split(op.path, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	parts := map[string]string{}
	for i, part := range want {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			if part != have[i] {
				return false
			}
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return false
		}
		parts[strings.TrimSuffix(name, "}")] = value
	}
	x.parts = parts
	return true
}
