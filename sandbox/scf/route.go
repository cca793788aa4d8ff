package scf

// apiVersion is the only one there is.
const apiVersion = "2018-04-16"

// action is one operation of the API.
type action func(*Service, *exchange) (answer, error)

func actions() map[string]action {
	return map[string]action{
		"PublishLayerVersion": (*Service).publish,
		"GetLayerVersion":     (*Service).get,
		"ListLayerVersions":   (*Service).listVersions,
		"ListLayers":          (*Service).listLayers,
		"DeleteLayerVersion":  (*Service).remove,

		"CreateFunction":              (*Service).createFunction,
		"GetFunction":                 (*Service).getFunction,
		"ListFunctions":               (*Service).listFunctions,
		"UpdateFunctionConfiguration": (*Service).updateFunctionConfiguration,
		"PublishVersion":              (*Service).publishVersion,
		"ListVersionByFunction":       (*Service).listFunctionVersions,
		"DeleteFunction":              (*Service).deleteFunction,
		"Invoke":                      (*Service).invoke,

		"CreateNamespace": (*Service).createNamespace,
		"ListNamespaces":  (*Service).listNamespaces,
	}
}

// route finds the action of a request.
func route(x *exchange) (action, error) {
	h := x.r.Header
	if x.r.Method != "POST" {
		return nil, fail("UnsupportedProtocol")
	}
	for _, name := range []string{"X-TC-Action", "X-TC-Version"} {
		if h.Get(name) == "" {
			return nil, missing(name)
		}
	}
	if h.Get("X-Tc-Version") != apiVersion {
		return nil, fail("NoSuchVersion")
	}
	act := actions()[h.Get("X-Tc-Action")]
	if act == nil {
		return nil, fail("InvalidAction")
	}
	return act, nil
}
