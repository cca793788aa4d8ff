package sandbox

import (
	"errors"
	"net/url"
	"path/filepath"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/acs3"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/fc"
	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/oss"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/sandbox/s3"
	"github.com/layerbuild/layerbuild/sandbox/scf"
	"github.com/layerbuild/layerbuild/sandbox/ssm"
	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

// linkLife is how long the addresses are good that services hand out for
// zips: Lambda's is 10 minutes, the others do not say.
const linkLife = 10 * time.Minute

// folder opens a folder of the state.
func (s *Sandbox) folder(name string) (disk.Folder, error) {
	return disk.Open(filepath.Join(s.dir, name))
}

// keys returns a lookup of the user's key and of a service's own, each in its
// account.
func (s *Sandbox) keys(account string, own awssig.Credential) func(key string) (awssig.Credential, bool) {
	user := s.credential
	user.Account = account
	return func(key string) (awssig.Credential, bool) {
		switch key {
		case user.Key:
			return user, true
		case own.Key:
			return own, true
		}
		return awssig.Credential{}, false
	}
}

func (s *Sandbox) amazon() error {
	own := newCredential(serviceAccount)
	find := s.keys(Account, own)
	objects, err := s.folder("s3")
	if err != nil {
		return err
	}
	layers, err := s.folder("lambda")
	if err != nil {
		return err
	}
	parameters, err := s.folder("ssm")
	if err != nil {
		return err
	}
	s.s3, err = s3.New(s3.Options{Folder: objects, Clock: s.o.Clock, Find: find, Strict: s.o.Strict, Log: s.o.Log})
	if err != nil {
		return err
	}
	s.lambda, err = lambda.New(lambda.Options{
		Folder: layers, Objects: s.s3, Refusal: s3Refusal, Clock: s.o.Clock, Find: find, Own: own,
		Catalogue: s.o.Catalogue, Run: function.Run, Strict: s.o.Strict, DisabledRegions: s.o.DisabledRegions,
		Limits: s.o.Lambda, Log: s.o.Log,
	})
	if err != nil {
		return err
	}
	s.ssm, err = ssm.New(ssm.Options{Folder: parameters, Clock: s.o.Clock, Find: find, Log: s.o.Log})
	return err
}

func (s *Sandbox) alibaba() error {
	own := newCredential(alibabaService)
	find := s.keys(AlibabaAccount, own)
	objects, err := s.folder("oss")
	if err != nil {
		return err
	}
	layers, err := s.folder("fc")
	if err != nil {
		return err
	}
	s.oss, err = oss.New(oss.Options{
		Folder: objects, Clock: s.o.Clock, Strict: s.o.Strict, Log: s.o.Log,
		Find: func(key string) (osssig.Credential, bool) { c, ok := find(key); return osssig.Credential(c), ok },
	})
	if err != nil {
		return err
	}
	s.fc, err = fc.New(fc.Options{
		Folder: layers, Objects: s.oss, Refusal: ossRefusal, Clock: s.o.Clock, Account: alibabaService,
		Link: func(base url.URL, region, bucket, key string) string {
			about := osssig.Resource{Bucket: bucket, Key: key}
			return osssig.Presign(base, about, region, osssig.Credential(own), s.o.Clock(), linkLife)
		},
		Find:      func(key string) (acs3.Credential, bool) { c, ok := find(key); return acs3.Credential(c), ok },
		Catalogue: s.o.Catalogue, Run: function.Run, Strict: s.o.Strict, Log: s.o.Log,
	})
	return err
}

func (s *Sandbox) tencent() error {
	own := newCredential(tencentService)
	find := s.keys(TencentAppID, own)
	objects, err := s.folder("cos")
	if err != nil {
		return err
	}
	layers, err := s.folder("scf")
	if err != nil {
		return err
	}
	s.cos, err = cos.New(cos.Options{
		Folder: objects, Clock: s.o.Clock, PathStyle: true, Strict: s.o.Strict, Log: s.o.Log,
		Find: func(key string) (cossig.Credential, bool) { c, ok := find(key); return cossig.Credential(c), ok },
	})
	if err != nil {
		return err
	}
	s.scf, err = scf.New(scf.Options{
		Folder: layers, Objects: s.cos, Refusal: cosRefusal, Clock: s.o.Clock, Account: tencentService,
		Link: func(base url.URL, _, bucket, key string) string {
			return cossig.Presign(base, "/"+bucket+"/"+key, cossig.Credential(own), s.o.Clock(), linkLife)
		},
		Find:      func(key string) (tc3.Credential, bool) { c, ok := find(key); return tc3.Credential(c), ok },
		Catalogue: s.o.Catalogue, Run: function.Run, Strict: s.o.Strict, Log: s.o.Log,
	})
	return err
}

// The function services know nothing of the object stores but what these
// translate.

func s3Refusal(err error) (code, message string, ok bool) {
	f, ok := errors.AsType[*s3.Failure](err)
	if !ok {
		return "", "", false
	}
	return f.Code, f.Message, true
}

func ossRefusal(err error) (code, message string, ok bool) {
	f, ok := errors.AsType[*oss.Failure](err)
	if !ok {
		return "", "", false
	}
	return f.Code, f.Message, true
}

func cosRefusal(err error) (code, message string, ok bool) {
	f, ok := errors.AsType[*cos.Failure](err)
	if !ok {
		return "", "", false
	}
	return f.Code, f.Message, true
}
