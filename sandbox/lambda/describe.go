package lambda

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// configuration is a function as all answers have it.
type configuration struct {
	FunctionName     string
	FunctionArn      string
	Runtime          string
	Role             string
	Handler          string
	CodeSize         int64
	Description      string
	Timeout          int
	LastModified     string
	CodeSha256       string
	Version          string
	MemorySize       int
	Environment      *environment `json:",omitempty"`
	TracingConfig    map[string]string
	RevisionId       string
	Layers           []layerUse `json:",omitempty"`
	State            string     `json:",omitempty"`
	StateReason      string     `json:",omitempty"`
	StateReasonCode  string     `json:",omitempty"`
	LastUpdateStatus string     `json:",omitempty"`
	PackageType      string
	Architectures    []string
	EphemeralStorage map[string]int
	SnapStart        map[string]string
	LoggingConfig    map[string]string
}

type environment struct{ Variables map[string]string }

type layerUse struct {
	Arn      string
	CodeSize int64
}

// configuration describes the function in a state; listings leave it out.
func (d *deployment) configuration(state string) configuration {
	c := configuration{
		FunctionName: d.Name, FunctionArn: d.id().arn(), Runtime: d.Runtime, Role: d.Role, Handler: d.Handler, CodeSize: d.Size,
		Description: d.Description, Timeout: d.Timeout, LastModified: d.Created.UTC().Format(created), CodeSha256: d.SHA256,
		Version: latest, MemorySize: d.Memory, TracingConfig: map[string]string{"Mode": "PassThrough"}, RevisionId: d.Revision,
		State: state, PackageType: "Zip", Architectures: d.Architectures, EphemeralStorage: map[string]int{"Size": 512},
		SnapStart:     map[string]string{"ApplyOn": "None", "OptimizationStatus": "Off"},
		LoggingConfig: map[string]string{"LogFormat": "Text", "LogGroup": "/aws/lambda/" + d.Name},
	}
	if d.Variables != nil {
		c.Environment = &environment{*d.Variables}
	}
	for _, l := range d.Layers {
		c.Layers = append(c.Layers, layerUse{l.Arn, l.Size})
	}
	switch state {
	case "Pending":
		c.StateReason, c.StateReasonCode = "The function is being created.", "Creating"
	case "Active":
		c.LastUpdateStatus = "Successful"
	}
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
	c := d.configuration(s.state(d.id()))
	if _, qualifier, _ := x.targetFunction(); qualifier != "" {
		c.FunctionArn += ":" + qualifier
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

// maxFunctions is how many functions a page has, whatever MaxItems asks for:
// ListFunctions in the API reference.
const maxFunctions = 50

func (s *Service) listFunctions(x *exchange) (any, error) {
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
	all := q.Get("FunctionVersion")
	if all != "" && all != "ALL" {
		p.add("'"+all+"'", "functionVersion", "Member must satisfy enum value set: [ALL]")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	after, err := decodeMarker(q.Get("Marker"))
	if err != nil {
		return nil, err
	}
	doc := struct {
		Functions  []configuration
		NextMarker string `json:",omitempty"`
	}{Functions: []configuration{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.functionsOf(x) {
		if d.Name <= after {
			continue
		}
		if len(doc.Functions) == most {
			doc.NextMarker = encodeMarker(doc.Functions[most-1].FunctionName)
			break
		}
		c := d.configuration("")
		if all != "" {
			c.FunctionArn += ":" + latest
		}
		doc.Functions = append(doc.Functions, c)
	}
	return doc, nil
}

// functionsOf returns the functions that the sender has in the region, by name.
func (s *Service) functionsOf(x *exchange) []*deployment {
	var list []*deployment
	for id, d := range s.functions {
		if id.account == x.account && id.region == x.region {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *deployment) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (s *Service) deleteFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, qualifier, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	d := s.functions[id]
	switch {
	case d == nil:
		return nil, notFound("Function not found: %s", id.arn())
	case qualifier == latest:
		return nil, invalidParameter("$LATEST version cannot be deleted without deleting the function.")
	case qualifier != "":
		return nil, nil // a version that is not there is no error
	}
	if err := s.o.Folder.Remove(id.file()); err != nil {
		return nil, fmt.Errorf("deleting a function: %w", err)
	}
	delete(s.functions, id)
	delete(s.pending, id)
	return nil, s.discard(d)
}
