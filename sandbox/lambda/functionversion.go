package lambda

import (
	"net/http"
	"slices"
	"strings"
)

// A function's versions are numbered from 1. See
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html;
// what the answers are like is from LocalStack's recordings of the service
// (TestLambdaVersions).

// versioning is the body of a PublishVersion.
type versioning struct{ CodeSha256, Description, RevisionId *string }

func (s *Service) publishVersion(x *exchange) (any, error) {
	var in versioning
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	var problems problems
	if in.Description != nil {
		problems.length(*in.Description, "description", 0, maxDescription)
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.settledFunction(x, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if in.CodeSha256 != nil && *in.CodeSha256 != "" && *in.CodeSha256 != p.SHA256 {
		return nil, invalidParameter("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). "+
			"Please try again with the CodeSHA256 in $LATEST.", *in.CodeSha256, p.SHA256)
	}
	if n := len(p.Versions); n > 0 && p.Published == p.Revision {
		return p.Versions[n-1].configuration(settled).qualified(), nil // nothing has changed since
	}
	next := p.withVersion(in.Description)
	if err := s.replace(p, next); err != nil {
		return nil, err
	}
	return next.Versions[len(next.Versions)-1].configuration(settled).qualified(), nil
}

// withVersion returns the function with one more version of what it is now.
func (p *program) withVersion(description *string) *program {
	next := *p
	next.Revision, next.Last = uuid(), p.Last+1
	next.Published = next.Revision
	v := p.deployment
	v.Number, v.Revision = next.Last, uuid()
	if description != nil && *description != "" {
		v.Description = *description
	}
	next.Versions = append(slices.Clone(p.Versions), &v)
	return &next
}

// settledFunction returns the function that a path names, if it is one that
// can be changed or published: nothing else is under way and its revision, where
// one is asked for, is the one. The lock is held.
func (s *Service) settledFunction(x *exchange, revision *string) (*program, error) {
	id, qualifier, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	p := s.functions[id]
	switch {
	case p == nil:
		return nil, notFound("Function not found: %s", id.arn())
	case qualifier != "" && qualifier != latest:
		return nil, invalidParameter("The sandbox changes and publishes no version but $LATEST.")
	case revision != nil && *revision != "" && *revision != p.Revision:
		return nil, &failure{status: http.StatusPreconditionFailed, code: "PreconditionFailedException", message: "The Revision Id " +
			"provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"}
	}
	return p, s.look(&p.deployment).conflict(&p.deployment)
}

func (s *Service) deleteFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, qualifier, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	p := s.functions[id]
	switch {
	case qualifier == latest:
		return nil, invalidParameter("$LATEST version cannot be deleted without deleting the function.")
	case strings.Trim(qualifier, "0123456789") != "":
		return nil, invalidParameter("Deletion of aliases is not currently supported.")
	case p == nil:
		return nil, notFound("Function not found: %s", id.arn())
	case qualifier == "":
		return nil, s.replace(p, nil)
	}
	next := *p // a version that is not there is no error
	next.Versions = slices.DeleteFunc(slices.Clone(p.Versions), func(d *deployment) bool { return d.version() == qualifier })
	return nil, s.replace(p, &next)
}
