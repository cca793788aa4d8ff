package lambda

import (
	"errors"
	"fmt"
	"io"
)

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
	total, err := s.unzipped(attached)
	if err != nil {
		return nil, err
	}
	if total += code.unzipped; total >= s.o.Limits.Unzipped {
		return nil, invalidParameter("Function code combined with layers exceeds the maximum allowed size of %d bytes. "+
			"The actual size is %d bytes.", s.o.Limits.Unzipped, total)
	}
	d := in.deployment(id)
	d.Created, d.Revision, d.SHA256, d.Size = s.o.Clock().UTC(), uuid(), code.sha256, code.size
	if err := s.keep(d, code, attached); err != nil {
		return nil, errors.Join(err, s.discard(d))
	}
	if err := s.deploy(d); err != nil {
		return nil, errors.Join(err, s.discard(d))
	}
	return d.configuration("Pending"), nil
}

func functionExists(id functionID) error {
	return &failure{status: 409, code: "ResourceConflictException", message: "Function already exist: " + id.name}
}

func (s *Service) taken(id functionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.functions[id] != nil
}

// keep puts the zips of a function where nobody else changes them.
func (s *Service) keep(d *deployment, code archive, attached []*attachedLayer) error {
	bucket := ownBucket(d.Region)
	deposit := func(from io.Reader) (string, error) {
		key := fmt.Sprintf("snapshots/%s/%s-%s", d.Account, d.Name, uuid())
		return key, s.o.Objects.Deposit(s.o.Own.Account, d.Region, bucket, key, from)
	}
	var err error
	if d.Object, err = deposit(code.reader()); err != nil {
		return err
	}
	for _, l := range attached {
		file, err := s.o.Objects.Fetch(s.o.Own.Account, d.Region, bucket, l.version.Object)
		if err != nil {
			return err
		}
		key, err := deposit(file)
		d.Layers = append(d.Layers, attachment{Arn: l.arn, Size: l.version.Size, Object: key})
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// deploy makes the function known, unless another request was faster.
func (s *Service) deploy(d *deployment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[d.id()] != nil {
		return functionExists(d.id())
	}
	if err := s.o.Folder.Save(d.id().file(), d); err != nil {
		return err
	}
	s.functions[d.id()], s.pending[d.id()] = d, true
	return nil
}

// discard deletes the zips of a function.
func (s *Service) discard(d *deployment) error {
	var errs []error
	for _, key := range d.objects() {
		errs = append(errs, s.o.Objects.Discard(ownBucket(d.Region), key))
	}
	return errors.Join(errs...)
}
