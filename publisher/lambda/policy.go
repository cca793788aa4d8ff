package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// A statement is one of a version's policy.
type statement struct {
	Sid, Effect string
	Principal   principals
	Condition   map[string]map[string]texts
}

// texts are a string or a list of them: policies may have either. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(t))
	}
	*t = texts{""}
	return json.Unmarshal(text, &(*t)[0])
}

// principals are "*", or whoever is named under a kind, most often "AWS".
type principals []string

func (p *principals) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*texts)(p))
	}
	var kinds map[string]texts
	if err := json.Unmarshal(text, &kinds); err != nil {
		return err
	}
	for _, names := range kinds {
		*p = append(*p, names...)
	}
	return nil
}

// statements returns a version's policy. A version that nobody was granted
// anything has none.
func (p *Publisher) statements(ctx context.Context, v layer.Version) ([]statement, error) {
	out, err := p.client.GetLayerVersionPolicy(ctx, &lambda.GetLayerVersionPolicyInput{
		LayerName: &v.Name, VersionNumber: &v.Number,
	})
	f := fault(err)
	switch {
	case absent(f):
		return nil, nil
	case f == nil && out.Policy == nil:
		f = incomplete()
	}
	if f != nil {
		return nil, fmt.Errorf("reading the policy: %w", f)
	}
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(*out.Policy), &policy); err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.Statement, nil
}

// Grants reads the version's policy. What layerbuild granted is told by the ids
// of the statements.
func (p *Publisher) Grants(ctx context.Context, v layer.Version) ([]publisher.Grant, error) {
	statements, err := p.statements(ctx, v)
	if err != nil {
		return nil, err
	}
	return granted(statements), nil
}

// granted returns what statements grant, sorted, each once.
func granted(statements []statement) []publisher.Grant {
	var list []publisher.Grant
	for _, s := range statements {
		if s.Effect != "Allow" {
			continue
		}
		for _, to := range s.grantees() {
			list = append(list, publisher.Grant{To: to, Ours: strings.HasPrefix(s.Sid, ours)})
		}
	}
	slices.SortFunc(list, func(a, b publisher.Grant) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(fmt.Sprint(b.Ours), fmt.Sprint(a.Ours)))
	})
	return slices.Compact(list)
}

// grantees spells whom a statement is for as [publisher.Grant] does. A
// condition other than the one of AddLayerVersionPermission is spelled out.
func (s statement) grantees() []string {
	organizations := s.Condition["StringEquals"]["aws:PrincipalOrgID"]
	var list []string
	for _, who := range s.Principal {
		switch {
		case len(s.Condition) == 0:
			list = append(list, grantee(who))
		case who == "*" && len(organizations) > 0 && len(s.Condition) == 1 && len(s.Condition["StringEquals"]) == 1:
			for _, o := range organizations {
				list = append(list, "organization:"+o)
			}
		default:
			list = append(list, fmt.Sprintf("%s if %v", grantee(who), s.Condition))
		}
	}
	return list
}

// grantee takes an account's number out of arn:aws:iam::123456789012:root,
// which is how the service spells it.
func grantee(who string) string {
	if who == "*" {
		return "public"
	}
	account := who
	if f := strings.Split(who, ":"); len(f) == 6 && f[2] == "iam" && f[5] == "root" {
		account = f[4]
	}
	const digits = 12
	if len(account) == digits && strings.Trim(account, "0123456789") == "" {
		return "account:" + account
	}
	return who
}
