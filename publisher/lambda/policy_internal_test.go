package lambda

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/publisher"
)

// TestGranted has statements as the service writes them, and as the grammar of
// policies lets others.
func TestGranted(t *testing.T) {
	grants := func(to string, ours bool) []publisher.Grant { return []publisher.Grant{{To: to, Ours: ours}} }
	tests := []struct {
		text string
		want []publisher.Grant
	}{
		{`{"Sid":"layerbuild-public","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion"}`, grants("public", true)},
		{`{"Sid":"public","Effect":"Allow","Principal":{"AWS":"*"}}`, grants("public", false)},
		{`{"Sid":"layerbuild-account-1","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}`, grants("account:123456789012", true)},
		{`{"Sid":"x","Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::123456789012:root"}}`, grants("account:123456789012", false)},
		{`{"Sid":"x","Effect":"Allow","Principal":{"AWS":"123456789012"}}`, grants("account:123456789012", false)},
		{`{"Sid":"x","Effect":"Allow","Principal":"123456789012"}`, grants("account:123456789012", false)},
		{`{"Effect":"Allow","Principal":{"AWS":["*","210987654321"]}}`, []publisher.Grant{{To: "account:210987654321"}, {To: "public"}}},
		{`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/u"}}`, grants("arn:aws:iam::123456789012:user/u", false)},
		{`{"Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLE"}}`, grants("AIDAEXAMPLE", false)},
		{`{"Sid":"layerbuild-org-o","Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}}`, grants("organization:o-abc", true)},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-b","o-a"]}}}`,
			[]publisher.Grant{{To: "organization:o-a"}, {To: "organization:o-b"}}},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc"}}}`,
			grants("public if map[StringNotEquals:map[aws:PrincipalOrgID:[o-abc]]]", false)},
		{`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}}`,
			grants("account:123456789012 if map[StringEquals:map[aws:PrincipalOrgID:[o-abc]]]", false)},
		{`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc","aws:SourceVpc":"v"}}}`,
			grants("public if map[StringEquals:map[aws:PrincipalOrgID:[o-abc] aws:SourceVpc:[v]]]", false)},
		{`{"Effect":"Deny","Principal":"*"}`, nil},
	}
	for _, test := range tests {
		var s statement
		if err := json.Unmarshal([]byte(test.text), &s); err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := granted([]statement{s, s}); !slices.Equal(got, test.want) {
			t.Errorf("%s: grants are %+v, want %+v", test.text, got, test.want)
		}
	}
}

// FuzzGranted: whatever a policy says, its grants come in order, each once, and
// none but those of layerbuild are ever revoked.
func FuzzGranted(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"layerbuild-public","Effect":"Allow","Principal":"*"}]}`,
		`{"Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root","*"]},"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-a"]}}}]}`,
		`{"Statement":[{"Principal":{"AWS":null,"Service":"s"},"Condition":{"":null}}]}`,
		`{"Statement":[{"Principal":[]}]}`,
		`{"Statement":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var policy struct{ Statement []statement }
		if json.Unmarshal(text, &policy) != nil {
			return
		}
		list := granted(policy.Statement)
		for i, g := range list {
			if i > 0 && (list[i-1].To > g.To || list[i-1] == g) {
				t.Errorf("grants are %+v, want them sorted, each once", list)
			}
			if _, revoke := (publisher.Sharing{Private: true}).Changes([]publisher.Grant{g}); (len(revoke) > 0) != g.Ours {
				t.Errorf("%+v: revoked is %q", g, revoke)
			}
		}
	})
}
