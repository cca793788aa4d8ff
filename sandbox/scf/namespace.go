package scf

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// defaultNamespace is there without having been made.
const defaultNamespace = "default"

type namespaceID struct{ account, region, name string }

// A namespace is what functions are in.
type namespace struct {
	Account     string    `json:"account"`
	Region      string    `json:"region"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
}

func (n *namespace) id() namespaceID { return namespaceID{n.Account, n.Region, n.Name} }
func (n *namespace) file() string    { return documentFile("namespaces", n.Account, n.Region, n.Name) }

var namespaceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,30}$`)

func (s *Service) createNamespace(x *exchange) (answer, error) {
	var in struct{ Namespace, Description string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if !namespaceForm.MatchString(in.Namespace) {
		return nil, fail("InvalidParameterValue.NamespaceInvalid")
	}
	n := &namespace{x.account, x.region, in.Namespace, in.Description, s.o.Clock().UTC()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.Name == defaultNamespace || s.namespaces[n.id()] != nil {
		return nil, fail("ResourceInUse.Namespace")
	}
	if err := s.o.Folder.Save(n.file(), n); err != nil {
		return nil, err
	}
	s.namespaces[n.id()] = n
	return nil, nil
}

// namespace returns the name of the one that a request is about, which must be
// there. The lock is held.
func (s *Service) namespace(x *exchange, name string) (string, error) {
	if name == "" || name == defaultNamespace {
		return defaultNamespace, nil
	}
	if s.namespaces[namespaceID{x.account, x.region, name}] == nil {
		return "", fail("ResourceNotFound.Namespace")
	}
	return name, nil
}

func (s *Service) listNamespaces(x *exchange) (answer, error) {
	var in struct{ Offset, Limit *int64 }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*namespace{{Name: defaultNamespace, Description: "default namespace"}}
	for id, n := range s.namespaces {
		if id.account == x.account && id.region == x.region {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *namespace) int { return strings.Compare(a.Name, b.Name) })
	from, to, err := page(len(all), in.Offset, in.Limit)
	if err != nil {
		return nil, err
	}
	list := []answer{}
	for _, n := range all[from:to] {
		list = append(list, answer{"Name": n.Name, "Description": n.Description, "Type": "default",
			"AddTime": addTime(n.Created), "ModTime": addTime(n.Created)})
	}
	return answer{"Namespaces": list, "TotalCount": len(all)}, nil
}
