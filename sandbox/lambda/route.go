package lambda

import (
	"net/http"
	"strings"
)

// An operation is one action of the API: its method, its path with the parts
// in braces, and the status of its answer.
type operation struct {
	action, method, path string
	status               int
	serve                func(*Service, *exchange) (any, error)
}

func operations() []operation {
	const layers, functions = "2018-10-31/layers", "2015-03-31/functions"
	const versions = layers + "/{name}/versions"
	return []operation{
		{"GetLayerVersionByArn", "GET", layers + "?find=LayerVersion", 200, (*Service).getByArn},
		{"ListLayers", "GET", layers, 200, (*Service).listLayers},
		{"PublishLayerVersion", "POST", versions, 201, (*Service).publish},
		{"ListLayerVersions", "GET", versions, 200, (*Service).listVersions},
		{"GetLayerVersion", "GET", versions + "/{number}", 200, (*Service).get},
		{"DeleteLayerVersion", "DELETE", versions + "/{number}", 204, (*Service).remove},
		{"AddLayerVersionPermission", "POST", versions + "/{number}/policy", 201, (*Service).addPermission},
		{"GetLayerVersionPolicy", "GET", versions + "/{number}/policy", 200, (*Service).getPolicy},
		{"RemoveLayerVersionPermission", "DELETE", versions + "/{number}/policy/{statement}", 204, (*Service).removePermission},
		{"CreateFunction", "POST", functions, 201, (*Service).createFunction},
		{"ListFunctions", "GET", functions, 200, (*Service).listFunctions},
		{"GetFunction", "GET", functions + "/{function}", 200, (*Service).getFunction},
		{"GetFunctionConfiguration", "GET", functions + "/{function}/configuration", 200, (*Service).getFunctionConfiguration},
		{"UpdateFunctionConfiguration", "PUT", functions + "/{function}/configuration", 200, (*Service).updateFunctionConfiguration},
		{"PublishVersion", "POST", functions + "/{function}/versions", 201, (*Service).publishVersion},
		{"ListVersionsByFunction", "GET", functions + "/{function}/versions", 200, (*Service).listVersionsByFunction},
		{"DeleteFunction", "DELETE", functions + "/{function}", 204, (*Service).deleteFunction},
		{"Invoke", "POST", functions + "/{function}/invocations", 200, (*Service).invoke},
	}
}

// Prefix begins the path of every request to the layer API, FunctionPrefix of
// those to the function API.
const (
	Prefix         = "/2018-10-31/"
	FunctionPrefix = "/2015-03-31/"
)

// route finds the operation of a request and fills in the path's parts.
func route(x *exchange) (operation, error) {
	path := strings.Trim(x.r.URL.Path, "/")
	for _, op := range operations() {
		if op.method == x.r.Method && op.matches(path, x) {
			return op, nil
		}
	}
	return operation{}, &failure{status: http.StatusNotFound, code: "UnknownOperationException",
		message: "The sandbox knows no operation " + x.r.Method + " " + x.r.URL.Path, bare: true}
}

func (op operation) matches(path string, x *exchange) bool {
	pattern, query, _ := strings.Cut(op.path, "?")
	if name, value, ok := strings.Cut(query, "="); ok && x.r.URL.Query().Get(name) != value {
		return false
	}
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	parts := map[string]string{}
	for i, part := range want {
		if strings.HasPrefix(part, "{") {
			parts[part] = have[i]
		} else if part != have[i] {
			return false
		}
	}
	x.name, x.number, x.statement = parts["{name}"], parts["{number}"], parts["{statement}"]
	x.function = parts["{function}"]
	return true
}
