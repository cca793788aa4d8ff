package lambda

import (
	"net/url"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// configuration is a function as all answers have it.
type configuration struct {
	FunctionName               string
	FunctionArn                string
	Runtime                    string
	Role                       string
	Handler                    string
	CodeSize                   int64
	Description                string
	Timeout                    int
	LastModified               string
	CodeSha256                 string
	Version                    string
	MemorySize                 int
	Environment                *environment `json:",omitempty"`
	TracingConfig              map[string]string
	RevisionId                 string
	Layers                     []layerUse `json:",omitempty"`
	State                      string     `json:",omitempty"`
	StateReason                string     `json:",omitempty"`
	StateReasonCode            string     `json:",omitempty"`
	LastUpdateStatus           string     `json:",omitempty"`
	LastUpdateStatusReason     string     `json:",omitempty"`
	LastUpdateStatusReasonCode string     `json:",omitempty"`
	PackageType                string
	Architectures              []string
	EphemeralStorage           map[string]int
	SnapStart                  map[string]string
	LoggingConfig              map[string]string
}

type environment struct{ Variables map[string]string }

type layerUse struct {
	Arn      string
	CodeSize int64
}

// configuration describes the version in a phase. Its ARN has no number.
func (d *deployment) configuration(now phase) configuration {
	c := configuration{
		FunctionName: d.Name, FunctionArn: d.id().arn(), Runtime: d.Runtime, Role: d.Role, Handler: d.Handler, CodeSize: d.Size,
		Description: d.Description, Timeout: d.Timeout, LastModified: d.Created.UTC().Format(created), CodeSha256: d.SHA256,
		Version: d.version(), MemorySize: d.Memory, TracingConfig: map[string]string{"Mode": "PassThrough"}, RevisionId: d.Revision,
		PackageType: "Zip", Architectures: d.Architectures, EphemeralStorage: map[string]int{"Size": 512},
		SnapStart:     map[string]string{"ApplyOn": "None", "OptimizationStatus": "Off"},
		LoggingConfig: map[string]string{"LogFormat": "Text", "LogGroup": "/aws/lambda/" + d.Name},
	}
	if d.Variables != nil {
		c.Environment = &environment{*d.Variables}
	}
	for _, l := range d.Layers {
		c.Layers = append(c.Layers, layerUse{l.Arn, l.Size})
	}
	now.put(&c)
	return c
}

// qualified is the description with the version in the ARN.
func (c configuration) qualified() configuration {
	c.FunctionArn += ":" + c.Version
	return c
}

// described is the function's configuration, and counts as a look at it.
func (s *Service) described(x *exchange) (*deployment, configuration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployed(x)
	if err != nil {
		return nil, configuration{}, err
	}
	c := d.configuration(s.look(d))
	if _, qualifier, _ := x.targetFunction(); qualifier != "" {
		c = c.qualified()
	}
	return d, c, nil
}

func (s *Service) getFunctionConfiguration(x *exchange) (any, error) {
	_, c, err := s.described(x)
	return c, err
}

func (s *Service) getFunction(x *exchange) (any, error) {
	d, c, err := s.described(x)
	if err != nil {
		return nil, err
	}
	base := url.URL{Scheme: "http", Host: x.r.Host}
	location := awssig.Presign(base, ownBucket(d.Region), d.Object, d.Region, s.o.Own, s.o.Clock(), locationLife)
	return struct {
		Configuration configuration
		Code          struct{ RepositoryType, Location string }
	}{c, struct{ RepositoryType, Location string }{"S3", location}}, nil
}
