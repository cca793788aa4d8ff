package lambda

import "fmt"

// publication is the body of a PublishLayerVersion.
type publication struct {
	Description             *string
	LicenseInfo             *string
	CompatibleRuntimes      *[]string
	CompatibleArchitectures *[]string
	Content                 *source
}

// source is where the zip of a layer or of a function comes from.
type source struct {
	S3Bucket, S3Key, S3ObjectVersion, S3ObjectStorageMode string
	ZipFile                                               []byte
}

func (s *Service) publish(x *exchange) (any, error) {
	var in publication
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	id, err := x.target()
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	zip, err := s.obtain(x, *in.Content)
	if err != nil {
		return nil, err
	}
	defer zip.close()
	object := fmt.Sprintf("snapshots/%s/%s-%s", id.account, id.name, uuid())
	if err := s.o.Objects.Deposit(s.o.Own.Account, id.region, ownBucket(id.region), object, zip.reader()); err != nil {
		return nil, err
	}
	v := &version{
		Created: s.o.Clock().UTC(), License: in.LicenseInfo, Runtimes: in.CompatibleRuntimes,
		Architectures: in.CompatibleArchitectures, SHA256: zip.sha256, Size: zip.size, Object: object,
	}
	if in.Description != nil {
		v.Description = *in.Description
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[id]
	if l == nil {
		l = &layer{Account: id.account, Region: id.region, Name: id.name}
	}
	err = s.update(l, func(l *layer) {
		l.Last++
		v.Number = l.Last
		l.Versions = append(l.Versions, v)
	})
	if err != nil {
		return nil, err
	}
	x.record.Version = v.Number
	return s.detail(x, l, v), nil
}

// check holds the members against the API model.
func (in publication) check() error {
	var p problems
	if in.Description != nil {
		p.length(*in.Description, "description", 0, maxDescription)
	}
	if in.LicenseInfo != nil {
		p.length(*in.LicenseInfo, "licenseInfo", 0, maxLicense)
	}
	p.runtimes(in.CompatibleRuntimes)
	p.archs(in.CompatibleArchitectures)
	if in.Content == nil {
		p.missing("content")
	} else {
		if in.Content.S3Bucket != "" {
			p.length(in.Content.S3Bucket, "content.s3Bucket", 3, 63)
		}
		if in.Content.S3Key != "" {
			p.length(in.Content.S3Key, "content.s3Key", 1, 1024)
		}
	}
	return p.err()
}
