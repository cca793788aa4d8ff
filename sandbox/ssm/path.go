package ssm

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// getByPath is GetParametersByPath, a page of it.
func (s *Service) getByPath(x *exchange) (any, error) {
	var in struct {
		Path, NextToken           string
		Recursive, WithDecryption bool
		MaxResults                *int
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	x.record.Key = in.Path
	if !pathForm.MatchString(in.Path) {
		return nil, badPath()
	}
	size := maxNames
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if size < 1 || size > maxNames {
		rule := "Member must have value less than or equal to " + fmt.Sprint(maxNames)
		if size < 1 {
			rule = "Member must have value greater than or equal to 1"
		}
		return nil, constraint(fmt.Sprintf("'%d'", size), "maxResults", rule)
	}
	after, err := base64.URLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return nil, refuse("InvalidNextToken", "The specified token isn't valid.")
	}
	list := s.below(x, in.Path, in.Recursive)
	list = slices.DeleteFunc(list, func(d document) bool { return d.Name <= string(after) })
	answer := map[string]any{"Parameters": list}
	if len(list) > size {
		list = list[:size]
		answer["Parameters"] = list
		answer["NextToken"] = base64.URLEncoding.EncodeToString([]byte(list[size-1].Name))
	}
	return answer, nil
}

// below returns the newest versions of all parameters below a path, or only of
// those directly below it, sorted by name.
func (s *Service) below(x *exchange, path string, recursive bool) []document {
	path = strings.TrimSuffix(path, "/") + "/"
	list := []document{}
	for id, p := range s.parameters {
		rest, ok := strings.CutPrefix("/"+strings.TrimPrefix(p.Name, "/"), path)
		if id.account != x.account || id.region != x.region || !ok || !recursive && strings.Contains(rest, "/") {
			continue
		}
		list = append(list, p.describe(id, p.Name, p.last()))
	}
	slices.SortFunc(list, func(a, b document) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
