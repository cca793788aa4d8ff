package lambda

import "strings"

// creation is the body of a CreateFunction, as far as the sandbox knows it.
// What it does not know and cannot leave out without harm is refused.
type creation struct {
	settings
	FunctionName, PackageType *string
	Architectures             *[]string
	Publish                   bool
	Code                      *struct {
		source
		ImageUri string
	}
}

// maxFunctionName is the length of a name, not of an ARN: CreateFunction in
// the API reference.
const maxFunctionName = 64

// deployment fills the defaults in.
func (in creation) deployment(id functionID) *deployment {
	d := &deployment{
		Account: id.account, Region: id.region, Name: id.name, Timeout: defaultTimeout, Memory: minMemory, Architectures: []string{"x86_64"},
	}
	in.apply(d)
	if in.Architectures != nil {
		d.Architectures = *in.Architectures
	}
	return d
}

// check holds the members against the API model.
func (in creation) check() error {
	var p problems
	if in.FunctionName == nil {
		p.missing("functionName")
	} else {
		most := maxFunctionName
		if strings.Contains(*in.FunctionName, ":") {
			most = maxName
		}
		p.pattern(*in.FunctionName, "functionName", newFunctionRE, newFunctionPattern)
		p.length(*in.FunctionName, "functionName", 1, most)
	}
	if in.Role == nil {
		p.missing("role")
	}
	in.settings.check(&p)
	p.functionArchs(in.Architectures)
	if in.Code == nil {
		p.missing("code")
	}
	return p.err()
}

func (p *problems) functionArchs(list *[]string) {
	if list == nil {
		return
	}
	shown := "'[" + strings.Join(*list, ", ") + "]'"
	switch {
	case len(*list) > 1:
		p.add(shown, "architectures", "Member must have length less than or equal to 1")
	case len(*list) < 1:
		p.add(shown, "architectures", "Member must have length greater than or equal to 1")
	case !subset(*list, architectures()):
		p.add(shown, "architectures", "Member must satisfy constraint: [Member must satisfy enum value set: ["+
			strings.Join(architectures(), ", ")+"], Member must not be null]")
	}
}

// judge holds the request against what the service wants beyond its model.
func (in creation) judge(x *exchange, qualifier string) error {
	switch {
	case qualifier != "":
		return invalidParameter("Cannot specify a version or an alias in the name of a new function.")
	case in.PackageType != nil && *in.PackageType != "Zip", in.Code.ImageUri != "":
		return invalidParameter("The sandbox knows no functions but those with the PackageType Zip.")
	case in.Runtime == nil || in.Handler == nil:
		return invalidParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	return in.settings.judge(x)
}
