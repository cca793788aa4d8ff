package lambda

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// maxFunctions is how many functions a page has, whatever MaxItems asks for:
// ListFunctions and ListVersionsByFunction in the API reference.
const maxFunctions = 50

// A functionPage is a part of a listing of functions.
type functionPage struct {
	list []configuration
	next string
}

// functionPage returns the part of the list that the query asks for. The list
// is in the order of positions.
func (x *exchange) functionPage(list []*deployment, show func(*deployment) configuration) (functionPage, error) {
	q := x.r.URL.Query()
	var p problems
	most := maxFunctions
	if text := q.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = 0
		}
		p.within(&n, "maxItems", 1, 10000)
		most = min(most, n)
	}
	if err := p.err(); err != nil {
		return functionPage{}, err
	}
	after, err := decodeMarker(q.Get("Marker"))
	if err != nil {
		return functionPage{}, err
	}
	page := functionPage{list: []configuration{}}
	for _, d := range list {
		if d.position() <= after {
			continue
		}
		if len(page.list) == most {
			page.next = encodeMarker(after)
			break
		}
		page.list, after = append(page.list, show(d)), d.position()
	}
	return page, nil
}

// position is where a version stands in listings: by its function's name, and
// then by its number.
func (d *deployment) position() string { return fmt.Sprintf("%s %019d", d.Name, d.Number) }

func (s *Service) listFunctions(x *exchange) (any, error) {
	all := x.r.URL.Query().Get("FunctionVersion")
	if all != "" && all != "ALL" {
		var p problems
		p.add("'"+all+"'", "functionVersion", "Member must satisfy enum value set: [ALL]")
		return nil, p.err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*deployment
	for id, p := range s.functions {
		if id.account != x.account || id.region != x.region {
			continue
		}
		if all != "" {
			list = append(list, p.all()...)
		} else {
			list = append(list, &p.deployment)
		}
	}
	slices.SortFunc(list, func(a, b *deployment) int { return cmp.Compare(a.position(), b.position()) })
	page, err := x.functionPage(list, func(d *deployment) configuration {
		if all != "" {
			return d.configuration(unsaid).qualified()
		}
		return d.configuration(unsaid)
	})
	return struct {
		Functions  []configuration
		NextMarker string `json:",omitempty"`
	}{page.list, page.next}, err
}

func (s *Service) listVersionsByFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	p := s.functions[id]
	if p == nil {
		return nil, notFound("Function not found: %s", id.arn())
	}
	page, err := x.functionPage(p.all(), func(d *deployment) configuration { return d.configuration(unsaid).qualified() })
	return struct {
		Versions   []configuration
		NextMarker string `json:",omitempty"`
	}{page.list, page.next}, err
}
