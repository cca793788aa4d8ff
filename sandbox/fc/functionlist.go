package fc

import "slices"

// listFunctions lists those of a service in 2.0, also as they were in one of
// its versions, and all in 3.0.
func (s *Service) listFunctions(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.listed(x)
	if err != nil {
		return nil, err
	}
	p, err := cut(x, all, func(f *deployed) string { return f.nameIn(x.api) })
	if err != nil {
		return nil, err
	}
	doc := struct {
		Functions []any  `json:"functions"`
		NextToken string `json:"nextToken,omitempty"`
	}{Functions: []any{}, NextToken: p.next}
	for _, f := range p.items {
		doc.Functions = append(doc.Functions, s.describeFunction(x, f))
	}
	return doc, nil
}

// listed returns the functions among which a listing is to choose. 3.0 has
// those of both APIs, unless fcVersion says otherwise. The lock is held.
func (s *Service) listed(x *exchange) ([]*deployed, error) {
	if x.api == api2 {
		v, err := s.versioned(x)
		if err != nil {
			return nil, err
		}
		list, err := v.at(x)
		return slices.Clone(list), err
	}
	only := x.r.URL.Query().Get("fcVersion")
	if only != "" && only != "v2" && only != "v3" {
		return nil, invalid("fcVersion '%s' is invalid: it must be v2 or v3", only)
	}
	var all []*deployed
	for id, f := range s.functions {
		of := "v3"
		if id.service != "" {
			of = "v2"
		}
		if id.account == x.account && id.region == x.region && (only == "" || only == of) {
			all = append(all, f)
		}
	}
	return all, nil
}

// nameIn is how an API calls the function: 3.0 has "service$function" for those
// of 2.0.
func (f *deployed) nameIn(a api) string {
	if a == api3 && f.Service != "" {
		return f.Service + "$" + f.Name
	}
	return f.Name
}
