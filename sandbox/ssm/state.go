package ssm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The folder holds parameters/<SHA-256 of the ARN>.json, one document for
// each parameter.

type parameterID struct{ account, region, name string }

// newID names a parameter: a name of one level is the same with and without a
// slash before it.
func newID(account, region, name string) parameterID {
	if bare := strings.TrimPrefix(name, "/"); !strings.Contains(bare, "/") {
		name = bare
	}
	return parameterID{account, region, name}
}

func (id parameterID) arn() string {
	return arnPrefix(id.account, id.region) + strings.TrimPrefix(id.name, "/")
}

func arnPrefix(account, region string) string {
	return fmt.Sprintf("arn:aws:ssm:%s:%s:parameter/", region, account)
}

func (id parameterID) file() string {
	name := sha256.Sum256([]byte(id.arn()))
	return "parameters/" + hex.EncodeToString(name[:]) + ".json"
}

// maxVersions is how many versions are kept, see "Quotas for Parameter Store".
const maxVersions = 100

// A parameter is its versions, the newest last.
type parameter struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Name is as it was first written.
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	DataType string    `json:"dataType"`
	Versions []version `json:"versions"`
}

type version struct {
	Number      int64     `json:"number"`
	Value       string    `json:"value"`
	Description string    `json:"description"`
	Modified    time.Time `json:"modified"`
}

func (p *parameter) last() version { return p.Versions[len(p.Versions)-1] }

func (p *parameter) version(number int64) (version, bool) {
	i := slices.IndexFunc(p.Versions, func(v version) bool { return v.Number == number })
	if i < 0 {
		return version{}, false
	}
	return p.Versions[i], true
}

func (s *Service) load() error {
	return s.o.Folder.Each("parameters", func(_ string, text []byte) error {
		p := &parameter{}
		if err := json.Unmarshal(text, p); err != nil {
			return err
		}
		s.parameters[newID(p.Account, p.Region, p.Name)] = p
		return nil
	})
}

// add appends a version, on disk and in memory. If the document cannot be
// written the parameter is as before.
func (s *Service) add(id parameterID, p parameter, v version) error {
	p.Versions = append(slices.Clone(p.Versions), v)
	if n := len(p.Versions); n > maxVersions {
		p.Versions = p.Versions[n-maxVersions:]
	}
	if err := s.o.Folder.Save(id.file(), p); err != nil {
		return err
	}
	s.parameters[id] = &p
	return nil
}
