package ssm

import (
	"cmp"
	"fmt"
	"strings"
)

// maxValue is the longest value of a standard parameter, in characters.
const maxValue = 4096

// put is PutParameter.
func (s *Service) put(x *exchange) (any, error) {
	var in struct {
		Name, Value, Type, Description, DataType, Tier string
		Overwrite                                      bool
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	in.Name = strings.TrimSpace(in.Name)
	x.record.Key = in.Name
	if err := x.checkNew(in.Name); err != nil {
		return nil, err
	}
	if err := checkValue(in.Value, in.Type, in.DataType, in.Tier); err != nil {
		return nil, err
	}
	id := newID(x.account, x.region, in.Name)
	p := parameter{Account: x.account, Region: x.region, Name: in.Name, Type: in.Type, DataType: cmp.Or(in.DataType, "text")}
	number := int64(1)
	if old := s.parameters[id]; old != nil {
		switch {
		case !in.Overwrite:
			return nil, refuse("ParameterAlreadyExists",
				"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		case in.Type != "" && in.Type != old.Type:
			return nil, refuse("HierarchyTypeMismatchException", "Parameter Store doesn't support changing a parameter type in a hierarchy. "+
				"For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.")
		}
		p, number = *old, old.last().Number+1
		in.Description = cmp.Or(in.Description, old.last().Description)
	} else if in.Type == "" {
		return nil, invalid("A parameter type is required when you create a parameter.")
	}
	if err := s.add(id, p, version{Number: number, Value: in.Value, Description: in.Description, Modified: s.o.Clock()}); err != nil {
		return nil, err
	}
	x.record.Version = number
	return map[string]any{"Version": number, "Tier": "Standard"}, nil
}

func checkValue(value, kind, dataType, tier string) error {
	switch {
	case value == "":
		return constraint("''", "value", "Member must have length greater than or equal to 1.")
	case len(value) > maxValue:
		return invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, "+
			"upgrade the parameter to use the advanced-parameter tier. For more information, see "+
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxValue)
	case kind == "SecureString":
		return invalid("The sandbox has no keys for a SecureString")
	case kind != "" && kind != "String" && kind != "StringList":
		return constraint(fmt.Sprintf("'%s'", kind), "type", "Member must satisfy enum value set: [SecureString, StringList, String]")
	case dataType != "" && dataType != "text":
		return invalid("The following data type is not supported: %s (Data type names are all lowercase.)", dataType)
	case tier != "" && tier != "Standard":
		return invalid("The sandbox has standard parameters only")
	}
	return nil
}

// remove is DeleteParameter. A parameter that is made anew begins at version
// 1 again.
func (s *Service) remove(x *exchange) (any, error) {
	var in struct{ Name string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	x.record.Key = in.Name
	name, selector, err := x.asked(in.Name)
	if err != nil {
		return nil, err
	}
	id := newID(x.account, x.region, name)
	if s.parameters[id] == nil || selector != "" {
		return nil, notFound()
	}
	if err := s.o.Folder.Remove(id.file()); err != nil {
		return nil, err
	}
	delete(s.parameters, id)
	return struct{}{}, nil
}
