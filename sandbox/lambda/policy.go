package lambda

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// A statement is one grant in the policy of a version.
type statement struct {
	Sid       string
	Effect    string
	Principal any
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// grant is the body of an AddLayerVersionPermission.
type grant struct {
	Action, StatementId, Principal, OrganizationId *string
}

func (g grant) check() error {
	var p problems
	members := []struct {
		value    *string
		at       string
		required bool
		check    func(string)
	}{
		{g.StatementId, "statementId", true, func(v string) {
			p.length(v, "statementId", 1, maxStatement)
			p.pattern(v, "statementId", sidRE, sidPattern)
		}},
		{g.Action, "action", true, func(v string) { p.pattern(v, "action", actionRE, actionPattern) }},
		{g.Principal, "principal", true, func(v string) { p.pattern(v, "principal", principalRE, principalPattern) }},
		{g.OrganizationId, "organizationId", false, func(v string) { p.pattern(v, "organizationId", orgRE, orgPattern) }},
	}
	for _, m := range members {
		switch {
		case m.value != nil:
			m.check(*m.value)
		case m.required:
			p.missing(m.at)
		}
	}
	return p.err()
}

// statement is the grant as the policy spells it.
func (g grant) statement(resource string) (statement, error) {
	st := statement{Sid: *g.StatementId, Effect: "Allow", Principal: *g.Principal, Action: *g.Action, Resource: resource}
	if principal := *g.Principal; principal != "*" {
		if len(principal) == 12 {
			principal = "arn:aws:iam::" + principal + ":root"
		}
		st.Principal = map[string]string{"AWS": principal}
	}
	if g.OrganizationId != nil {
		if *g.Principal != "*" {
			return st, invalidParameter("An organization can only be specified when the principal is *.")
		}
		st.Condition = map[string]map[string]string{"StringEquals": {"aws:PrincipalOrgID": *g.OrganizationId}}
	}
	return st, nil
}

// policyDocument is the policy as text.
func policyDocument(list []statement) (string, error) {
	text, err := json.Marshal(struct {
		Version   string
		Id        string
		Statement []statement
	}{"2012-10-17", "default", list})
	return string(text), err
}

// versionForPolicy returns the version that a path names; its absence has
// another wording here than elsewhere. The lock is held.
func (s *Service) versionForPolicy(x *exchange) (*layer, *version, error) {
	id, number, err := x.targetVersion()
	if err != nil {
		return nil, nil, err
	}
	l, v := s.find(id, number)
	if v == nil {
		return nil, nil, notFound("Layer version %s:%d does not exist.", id.arn(), number)
	}
	if want := x.r.URL.Query().Get("RevisionId"); want != "" && want != v.Revision {
		return nil, nil, &failure{status: http.StatusPreconditionFailed, code: "PreconditionFailedException",
			message: "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id"}
	}
	return l, v, nil
}

// setPolicy gives a version other statements, and a new revision.
func (s *Service) setPolicy(l *layer, v *version, list []statement) (*version, error) {
	next := *v
	next.Statements, next.Revision = list, uuid()
	return &next, s.update(l, func(l *layer) { l.Versions[slices.Index(l.Versions, v)] = &next })
}

func (s *Service) addPermission(x *exchange) (any, error) {
	var in grant
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.versionForPolicy(x)
	if err != nil {
		return nil, err
	}
	st, err := in.statement(l.versionArn(v.Number))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(v.Statements, func(one statement) bool { return one.Sid == st.Sid }) {
		return nil, &failure{status: http.StatusConflict, code: "ResourceConflictException", message: fmt.Sprintf("The statement id "+
			"(%s) provided already exists. Please provide a new statement id, or remove the existing statement.", st.Sid)}
	}
	list := append(slices.Clone(v.Statements), st)
	text, err := policyDocument(list)
	if err != nil {
		return nil, err
	}
	if len(text) > s.o.Limits.Policy {
		return nil, &failure{status: http.StatusBadRequest, code: "PolicyLengthExceededException",
			message: fmt.Sprintf("The final policy size (%d) is bigger than the limit (%d).", len(text), s.o.Limits.Policy)}
	}
	next, err := s.setPolicy(l, v, list)
	if err != nil {
		return nil, err
	}
	one, err := json.Marshal(st)
	return struct{ Statement, RevisionId string }{string(one), next.Revision}, err
}

func (s *Service) getPolicy(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, v, err := s.versionForPolicy(x)
	if err != nil {
		return nil, err
	}
	if len(v.Statements) == 0 {
		return nil, notFound("No policy is associated with the given resource.")
	}
	text, err := policyDocument(v.Statements)
	return struct{ Policy, RevisionId string }{text, v.Revision}, err
}

func (s *Service) removePermission(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.versionForPolicy(x)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(v.Statements, func(one statement) bool { return one.Sid == x.statement })
	if at < 0 {
		return nil, notFound("Statement %s is not found in resource policy.", x.statement)
	}
	_, err = s.setPolicy(l, v, slices.Delete(slices.Clone(v.Statements), at, at+1))
	return nil, err
}
