package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func grant(sid, principal string) *awslambda.AddLayerVersionPermissionInput {
	return &awslambda.AddLayerVersionPermissionInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1),
		Action: aws.String("lambda:GetLayerVersion"), StatementId: &sid, Principal: &principal}
}

func TestPolicy(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	publish(t, c, inline("layer", makeZip(t, "a", "1")))
	get := func() (*awslambda.GetLayerVersionPolicyOutput, error) {
		return c.GetLayerVersionPolicy(t.Context(), &awslambda.GetLayerVersionPolicyInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1)})
	}
	_, err := get()
	if api := wantError(t, err, 404, "ResourceNotFoundException"); api.ErrorMessage() != "No policy is associated with the given resource." {
		t.Errorf("message is %q", api.ErrorMessage())
	}
	first, err := c.AddLayerVersionPermission(t.Context(), grant("s1", "*"))
	if err != nil {
		t.Fatal(err)
	}
	const resource = `"Resource":"arn:aws:lambda:eu-west-1:123456789012:layer:layer:1"`
	s1 := `{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion",` + resource + `}`
	if *first.Statement != s1 {
		t.Errorf("statement is %s, want %s", *first.Statement, s1)
	}
	_, err = c.AddLayerVersionPermission(t.Context(), grant("s1", "123456789012"))
	if api := wantError(t, err, 409, "ResourceConflictException"); api.ErrorMessage() !=
		"The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement." {
		t.Errorf("message is %q", api.ErrorMessage())
	}
	stale := grant("s2", "111122223333")
	stale.RevisionId = aws.String("00000000-0000-4000-8000-000000000000")
	_, err = c.AddLayerVersionPermission(t.Context(), stale)
	wantError(t, err, 412, "PreconditionFailedException")
	stale.RevisionId = first.RevisionId
	second, err := c.AddLayerVersionPermission(t.Context(), stale)
	if err != nil || *second.RevisionId == *first.RevisionId {
		t.Fatalf("%+v, %v", second, err)
	}
	org := grant("s3", "*")
	org.OrganizationId = aws.String("o-abcdefghij")
	if _, err := c.AddLayerVersionPermission(t.Context(), org); err != nil {
		t.Fatal(err)
	}
	policy, err := get()
	want := `{"Version":"2012-10-17","Id":"default","Statement":[` + s1 +
		`,{"Sid":"s2","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:GetLayerVersion",` + resource + `}` +
		`,{"Sid":"s3","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion",` + resource + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}}]}`
	if err != nil || *policy.Policy != want {
		t.Fatalf("%v\n got %s\nwant %s", err, *policy.Policy, want)
	}
	remove := func(sid, revision string) error {
		in := &awslambda.RemoveLayerVersionPermissionInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1), StatementId: &sid}
		if revision != "" {
			in.RevisionId = &revision
		}
		_, err := c.RemoveLayerVersionPermission(t.Context(), in)
		return err
	}
	wantError(t, remove("s1", *first.RevisionId), 412, "PreconditionFailedException")
	wantError(t, remove("nobody", ""), 404, "ResourceNotFoundException")
	for _, sid := range []string{"s1", "s2", "s3"} {
		if err := remove(sid, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err = get()
	wantError(t, err, 404, "ResourceNotFoundException")
}

func TestPolicyRefused(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	publish(t, c, inline("layer", makeZip(t, "a", "1")))
	for name, v := range map[string]struct {
		change  func(*awslambda.AddLayerVersionPermissionInput)
		status  int
		code    string
		message string
	}{
		"action": {func(in *awslambda.AddLayerVersionPermissionInput) { in.Action = aws.String("*") }, 400, "ValidationException",
			"1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion"},
		"principal": {func(in *awslambda.AddLayerVersionPermissionInput) { in.Principal = aws.String("12345") }, 400, "ValidationException",
			`1 validation error detected: Value '12345' at 'principal' failed to satisfy constraint: Member must satisfy regular expression pattern: \d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root`},
		"statement": {func(in *awslambda.AddLayerVersionPermissionInput) { in.StatementId = aws.String("a b") }, 400, "ValidationException",
			"1 validation error detected: Value 'a b' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"},
		"organization": {func(in *awslambda.AddLayerVersionPermissionInput) { in.OrganizationId = aws.String("o-1") }, 400, "ValidationException", ""},
		"organization of an account": {func(in *awslambda.AddLayerVersionPermissionInput) {
			in.Principal, in.OrganizationId = aws.String("123456789012"), aws.String("o-abcdefghij")
		}, 400, "InvalidParameterValueException", ""},
		"version": {func(in *awslambda.AddLayerVersionPermissionInput) { in.VersionNumber = aws.Int64(2) }, 404, "ResourceNotFoundException",
			"Layer version arn:aws:lambda:eu-west-1:123456789012:layer:layer:2 does not exist."},
		"layer": {func(in *awslambda.AddLayerVersionPermissionInput) { in.LayerName = aws.String("nobody") }, 404, "ResourceNotFoundException",
			"Layer version arn:aws:lambda:eu-west-1:123456789012:layer:nobody:1 does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			in := grant("s", "*")
			v.change(in)
			_, err := c.AddLayerVersionPermission(t.Context(), in)
			if api := wantError(t, err, v.status, v.code); v.message != "" && api.ErrorMessage() != v.message {
				t.Errorf("message is %q, want %q", api.ErrorMessage(), v.message)
			}
		})
	}
	a := call{method: "POST", path: "/2018-10-31/layers/layer/versions/1/policy", service: "lambda", region: "eu-west-1", body: "{}"}.do(t, sb)
	if want := "3 validation errors detected: Value null at 'statementId' failed to satisfy constraint: Member must not be null; "; a.status != 400 || !strings.Contains(a.body, want) {
		t.Errorf("%d, %s", a.status, a.body)
	}
}

func TestPolicyLength(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	publish(t, c, inline("layer", makeZip(t, "a", "1")))
	for i := range 1000 {
		_, err := c.AddLayerVersionPermission(t.Context(), grant(fmt.Sprintf("%0100d", i), fmt.Sprintf("%012d", i)))
		if err == nil {
			continue
		}
		wantError(t, err, 400, "PolicyLengthExceededException")
		out, err := c.GetLayerVersionPolicy(t.Context(), &awslambda.GetLayerVersionPolicyInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1)})
		if err != nil || len(*out.Policy) > 20480 || len(*out.Policy) < 20000 || !json.Valid([]byte(*out.Policy)) {
			t.Errorf("policy of %d bytes, %v", len(*out.Policy), err)
		}
		return
	}
	t.Error("no end of statements")
}

// TestLambdaSignatures: what is not signed right is refused, each in its way.
func TestLambdaSignatures(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	good := sb.Credential()
	wrongSecret, unknown, token := good, good, good
	wrongSecret.Secret += "x"
	unknown.Key = "AKIAIOSFODNN7EXAMPLE"
	token.Token = "token"
	base := call{method: "GET", path: "/2018-10-31/layers", service: "lambda"}
	for name, c := range map[string]struct {
		change func(*call)
		status int
		code   string
	}{
		"good":         {func(*call) {}, 200, ""},
		"wrong secret": {func(c *call) { c.as = &wrongSecret }, 403, "InvalidSignatureException"},
		"unknown key":  {func(c *call) { c.as = &unknown }, 403, "UnrecognizedClientException"},
		"token":        {func(c *call) { c.as = &token }, 403, "UnrecognizedClientException"},
		"no signature": {func(c *call) { c.unsigned = true }, 403, "MissingAuthenticationTokenException"},
		"clock behind": {func(c *call) { c.at = time.Now().Add(-6 * time.Minute) }, 403, "InvalidSignatureException"},
		"clock ahead":  {func(c *call) { c.at = time.Now().Add(6 * time.Minute) }, 403, "InvalidSignatureException"},
		"within skew":  {func(c *call) { c.at = time.Now().Add(-4 * time.Minute) }, 200, ""},
		"for another":  {func(c *call) { c.service = "execute-api" }, 403, "InvalidSignatureException"},
		"another body": {func(c *call) { c.payload = strings.Repeat("0", 64) }, 403, "InvalidSignatureException"},
		"nonsense":     {func(c *call) { c.unsigned, c.header = true, map[string]string{"Authorization": "AWS4-HMAC-SHA256 x"} }, 403, "IncompleteSignatureException"},
		"unknown path": {func(c *call) { c.path = "/2018-10-31/functions" }, 404, "UnknownOperationException"},
		"other method": {func(c *call) { c.method = "PATCH" }, 404, "UnknownOperationException"},
	} {
		t.Run(name, func(t *testing.T) {
			one := base
			c.change(&one)
			a := one.do(t, sb)
			if a.status != c.status || a.header.Get("X-Amzn-Errortype") != c.code {
				t.Errorf("%d %s, want %d %s: %s", a.status, a.header.Get("X-Amzn-Errortype"), c.status, c.code, a.body)
			}
		})
	}
}
