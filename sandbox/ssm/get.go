package ssm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxNames is how many parameters one request can ask for.
const maxNames = 10

// document is a parameter as answers have it.
type document struct {
	ARN, DataType    string
	LastModifiedDate float64
	Name             string
	Selector         string `json:",omitempty"`
	Type, Value      string
	Version          int64
}

// describe returns a version under the name that it was asked for by.
func (p *parameter) describe(id parameterID, name string, v version) document {
	return document{
		ARN: id.arn(), DataType: p.DataType, LastModifiedDate: seconds(v.Modified),
		Name: name, Type: p.Type, Value: v.Value, Version: v.Number,
	}
}

// seconds is how the protocol spells a time: since 1970, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// find looks up what a request asks for by one name.
func (s *Service) find(x *exchange, by string) (document, error) {
	name, selector, err := x.asked(by)
	if err != nil {
		return document{}, err
	}
	id := newID(x.account, x.region, name)
	p := s.parameters[id]
	if p == nil {
		return document{}, notFound()
	}
	if selector == "" {
		return p.describe(id, name, p.last()), nil
	}
	number, err := strconv.ParseInt(selector, 10, 64)
	v, ok := p.version(number)
	if err != nil || !ok {
		return document{}, versionNotFound(name, selector)
	}
	doc := p.describe(id, name, v)
	doc.Selector = ":" + selector
	return doc, nil
}

// get is GetParameter.
func (s *Service) get(x *exchange) (any, error) {
	var in struct {
		Name           string
		WithDecryption bool
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	x.record.Key = in.Name
	doc, err := s.find(x, in.Name)
	if err != nil {
		return nil, err
	}
	return map[string]document{"Parameter": doc}, nil
}

// getAll is GetParameters.
func (s *Service) getAll(x *exchange) (any, error) {
	var in struct {
		Names          []string
		WithDecryption bool
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	x.record.Key = strings.Join(in.Names, " ")
	list := "'[" + strings.Join(in.Names, ", ") + "]'"
	switch n := len(in.Names); {
	case in.Names == nil:
		return nil, constraint("null", "names", "Member must not be null")
	case n == 0:
		return nil, constraint(list, "names", "Member must have length greater than or equal to 1")
	case n > maxNames:
		return nil, constraint(list, "names", fmt.Sprintf("Member must have length less than or equal to %d", maxNames))
	}
	slices.Sort(in.Names)
	found, absent := []document{}, []string{}
	for _, name := range slices.Compact(in.Names) {
		doc, err := s.find(x, name)
		f, refused := errors.AsType[*failure](err)
		switch {
		case err == nil:
			found = append(found, doc)
		case refused && f.code != "ValidationException":
			absent = append(absent, name)
		default:
			return nil, err
		}
	}
	return map[string]any{"Parameters": found, "InvalidParameters": absent}, nil
}
