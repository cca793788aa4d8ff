package scf

// publishVersion fixes a function as it is under a new number. Like a function
// a version is not ready at once.
func (s *Service) publishVersion(x *exchange) (answer, error) {
	var in struct{ Description *string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	if !f.over(s.o.Clock()) {
		return nil, fail("FailedOperation.PublishVersion")
	}
	r := f.revision
	r.Number, r.Modified, r.Pending, r.wait = f.Last+1, s.o.Clock().UTC(), "Publishing", s.newWait()
	if in.Description != nil {
		r.Description = *in.Description
	}
	err = s.replace(f, func(next *deployed) {
		next.Last = r.Number
		next.Published = append(next.Published, r)
	})
	return answer{
		"FunctionVersion": r.version(), "CodeSize": r.Code.Size, "MemorySize": r.Memory, "Description": r.Description,
		"Handler": r.Handler, "Timeout": r.Timeout, "Runtime": r.Runtime, "Namespace": f.Namespace,
	}, err
}

// listFunctionVersions lists the latest and then the versions, the newest
// first.
func (s *Service) listFunctionVersions(x *exchange) (answer, error) {
	var in struct{ Offset, Limit *int64 }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	all := f.revisions()
	from, to, err := page(len(all), in.Offset, in.Limit)
	if err != nil {
		return nil, err
	}
	names, list := []string{}, []answer{}
	for _, r := range all[from:to] {
		added := r.Modified
		if r.Number == 0 {
			added = f.Created
		}
		names = append(names, r.version())
		list = append(list, answer{
			"Version": r.version(), "Description": r.Description, "Status": r.status(s.o.Clock()),
			"AddTime": addTime(added), "ModTime": addTime(r.Modified),
		})
	}
	return answer{"FunctionVersion": names, "Versions": list, "TotalCount": len(all)}, nil
}
