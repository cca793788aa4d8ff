package lambda

import "errors"

// reconfiguration is the body of an UpdateFunctionConfiguration, as far as the
// sandbox knows it.
type reconfiguration struct {
	settings
	RevisionId *string
}

// updateFunctionConfiguration changes $LATEST. Published versions stay as they
// are.
func (s *Service) updateFunctionConfiguration(x *exchange) (any, error) {
	var in reconfiguration
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	var problems problems
	in.check(&problems)
	if err := problems.err(); err != nil {
		return nil, err
	}
	if err := in.judge(x); err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.settledFunction(x, in.RevisionId)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	next := *p
	in.apply(&next.deployment)
	next.Created, next.Revision = s.o.Clock().UTC(), uuid()
	if in.Layers != nil {
		if err := s.relayer(x, &next.deployment, in.Layers); err != nil {
			return nil, errors.Join(err, s.discard(p.Region, without(next.objects(), p.objects())))
		}
	}
	return s.change(p, &next)
}

// relayer gives a function other layers, of which it keeps copies.
func (s *Service) relayer(x *exchange, d *deployment, arns []string) error {
	attached, err := s.attach(x, arns)
	if err != nil {
		return err
	}
	code, err := s.unpacked(d.Region, d.Object, d.Size)
	if err != nil {
		return err
	}
	if err := s.fits(code, attached); err != nil {
		return err
	}
	d.Layers, err = s.copies(d, attached)
	return err
}

// change puts next in the place of was, unless another request was faster.
func (s *Service) change(was, next *program) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[was.id()] != was {
		return nil, errors.Join(updating.conflict(&was.deployment), s.discard(was.Region, without(next.objects(), was.objects())))
	}
	if err := s.replace(was, next); err != nil {
		return nil, err
	}
	s.changing[next.id()] = updating
	return next.configuration(updating), nil
}
