package lambda

import "errors"

func (s *Service) createFunction(x *exchange) (any, error) {
	var in creation
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	id, qualifier, err := x.splitFunction(*in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := in.judge(x, qualifier); err != nil {
		return nil, err
	}
	if s.taken(id) {
		return nil, functionExists(id)
	}
	attached, err := s.attach(x, in.Layers)
	if err != nil {
		return nil, err
	}
	code, err := s.obtain(x, in.Code.source)
	if err != nil {
		return nil, err
	}
	defer code.close()
	if err := s.fits(code.unzipped, attached); err != nil {
		return nil, err
	}
	d := in.deployment(id)
	d.Created, d.Revision, d.SHA256, d.Size = s.o.Clock().UTC(), uuid(), code.sha256, code.size
	if d.Object, err = s.deposit(d, code.reader()); err == nil {
		d.Layers, err = s.copies(d, attached)
	}
	p := &program{deployment: *d}
	if in.Publish {
		p = p.withVersion(nil)
	}
	if err == nil {
		err = s.deploy(p)
	}
	if err != nil {
		return nil, errors.Join(err, s.discard(d.Region, d.objects()))
	}
	answer := p.configuration(creating)
	if in.Publish {
		answer.Version = p.Versions[0].version() // though the ARN is that of $LATEST
	}
	return answer, nil
}

func functionExists(id functionID) error {
	return &failure{status: 409, code: "ResourceConflictException", message: "Function already exist: " + id.name}
}

func (s *Service) taken(id functionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.functions[id] != nil
}

// deploy makes the function known, unless another request was faster.
func (s *Service) deploy(p *program) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[p.id()] != nil {
		return functionExists(p.id())
	}
	if err := s.o.Folder.Save(p.id().file(), p); err != nil {
		return err
	}
	s.functions[p.id()], s.changing[p.id()] = p, creating
	return nil
}
