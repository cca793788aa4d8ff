package ssm_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

const region = "eu-west-1"

// client asks once, without retries.
func client(s *sandbox.Sandbox, region string) *ssm.Client {
	c := s.Credential()
	return ssm.NewFromConfig(aws.Config{
		Region: region, BaseEndpoint: aws.String(s.URL()), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(c.Key, c.Secret, c.Token),
	})
}

func put(t *testing.T, c *ssm.Client, name, value string) int64 {
	t.Helper()
	out, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Version
}

func get(t *testing.T, c *ssm.Client, name string) (*types.Parameter, error) {
	t.Helper()
	out, err := c.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
	if err != nil {
		return nil, err
	}
	return out.Parameter, nil
}

// wantError checks the code and a part of the message of an error that the
// service answered with status 400.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Errorf("error is %v, want %s", err, code)
	} else if api.ErrorCode() != code || response.HTTPStatusCode() != http.StatusBadRequest || !strings.Contains(api.ErrorMessage(), message) {
		t.Errorf("error is %d %s: %s\nwant 400 %s: %s", response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

func TestVersions(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	s := sandboxtest.Start(t, sandbox.Options{Clock: func() time.Time { return now }})
	c := client(s, region)
	for n, value := range []string{"one", "two", "two"} {
		if v := put(t, c, "/a/b", value); v != int64(n+1) {
			t.Errorf("version is %d, want %d", v, n+1)
		}
	}
	got, err := get(t, c, "/a/b")
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:ssm:" + region + ":" + sandbox.Account + ":parameter/a/b"
	if *got.Value != "two" || got.Version != 3 || *got.ARN != arn || got.Type != "String" || *got.DataType != "text" || !got.LastModifiedDate.Equal(now) {
		t.Errorf("parameter is %+v", got)
	}
	if first, err := get(t, c, "/a/b:1"); err != nil || *first.Value != "one" || first.Version != 1 || *first.Selector != ":1" || *first.Name != "/a/b" {
		t.Errorf("version 1 is %+v, %v", first, err)
	}
	if same, err := get(t, c, arn); err != nil || *same.Name != "/a/b" {
		t.Errorf("by ARN it is %+v, %v", same, err)
	}
	_, err = get(t, c, "/a/b:9")
	wantError(t, err, "ParameterVersionNotFound", "could not find version 9 of /a/b")
	_, err = get(t, client(s, "eu-west-2"), "/a/b")
	wantError(t, err, "ParameterNotFound", "")
	_, err = get(t, client(s, "eu-west-2"), arn)
	wantError(t, err, "ParameterNotFound", "")

	remove := func() error {
		_, err := c.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/a/b")})
		return err
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
	wantError(t, remove(), "ParameterNotFound", "")
	if v := put(t, c, "/a/b", "anew"); v != 1 {
		t.Errorf("made anew it has version %d", v)
	}
}

// TestOneLevel: a name of one level is the same with and without a slash.
func TestOneLevel(t *testing.T) {
	c := client(sandboxtest.Start(t, sandbox.Options{}), region)
	put(t, c, "one", "value")
	for _, name := range []string{"one", "/one"} {
		if got, err := get(t, c, name); err != nil || *got.Name != name || !strings.HasSuffix(*got.ARN, ":parameter/one") {
			t.Errorf("%s is %+v, %v", name, got, err)
		}
	}
	if v := put(t, c, "/one", "other"); v != 2 {
		t.Errorf("version is %d", v)
	}
}

func TestPutRefusals(t *testing.T) {
	c := client(sandboxtest.Start(t, sandbox.Options{}), region)
	put(t, c, "/there", "value")
	deep := strings.Repeat("/l", 15)
	put(t, c, deep, "as deep as it goes")
	room := 1011 - len("arn:aws:ssm:"+region+":"+sandbox.Account+":parameter/")
	put(t, c, "/"+strings.Repeat("n", room), "as long as it goes")
	const form = "sub-paths divided by slash symbol"
	tests := []struct {
		name, value, kind string
		overwrite         bool
		code, message     string
	}{
		{"/there", "other", "String", false, "ParameterAlreadyExists", "set the overwrite option"},
		{"/there", "other", "StringList", true, "HierarchyTypeMismatchException", "doesn't support changing"},
		{"/new", "", "String", false, "ValidationException", "at 'value'"},
		{"/new", "value", "", false, "ValidationException", "type is required"},
		{"/new", "value", "Text", false, "ValidationException", "[SecureString, StringList, String]"},
		{"/new", "value", "SecureString", false, "ValidationException", "SecureString"},
		{"/new", strings.Repeat("v", 4097), "String", false, "ValidationException", "4096 characters"},
		{"/aws/new", "value", "String", false, "AccessDeniedException", "No access to reserved parameter name: aws/new."},
		{"awsnew", "value", "String", false, "AccessDeniedException", "No access to reserved parameter name: awsnew."},
		{"/SSM-new", "value", "String", false, "ValidationException", `can't be prefixed with "ssm"`},
		{"a/b", "value", "String", false, "ValidationException", form},
		{"/a//b", "value", "String", false, "ValidationException", form},
		{"/a/", "value", "String", false, "ValidationException", form},
		{"/a b", "value", "String", false, "ValidationException", form},
		{"/ü", "value", "String", false, "ValidationException", form},
		{"/new:1", "value", "String", false, "ValidationException", form},
		{deep + "/l", "value", "String", false, "HierarchyLevelLimitExceededException", "15 levels"},
		{"/" + strings.Repeat("n", room+1), "value", "String", false, "ValidationException", "1011"},
		{"/" + strings.Repeat("n", 2048), "value", "String", false, "ValidationException", "less than or equal to 2048"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.20s %.10s %s", test.name, test.value, test.kind), func(t *testing.T) {
			_, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{
				Name: &test.name, Value: &test.value, Type: types.ParameterType(test.kind), Overwrite: &test.overwrite,
			})
			wantError(t, err, test.code, test.message)
		})
	}
	_, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/new"), Value: aws.String("value"), Type: types.ParameterTypeString, Policies: aws.String("[]"),
	})
	wantError(t, err, "ValidationException", "The sandbox knows no Policies for PutParameter")
}

func TestGetParameters(t *testing.T) {
	c := client(sandboxtest.Start(t, sandbox.Options{}), region)
	put(t, c, "/b", "of b")
	put(t, c, "/a/c", "of c")
	ask := func(names ...string) (*ssm.GetParametersOutput, error) {
		return c.GetParameters(t.Context(), &ssm.GetParametersInput{Names: names})
	}
	out, err := ask("/b", "/none", "/a/c", "/b:7")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, p := range out.Parameters {
		values[*p.Name] = *p.Value
	}
	if d := cmp.Diff(map[string]string{"/b": "of b", "/a/c": "of c"}, values); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"/b:7", "/none"}, out.InvalidParameters); d != "" {
		t.Error(d)
	}
	_, err = ask("/b", "/a//c")
	wantError(t, err, "ValidationException", "sub-paths")
	_, err = ask(strings.Fields(strings.Repeat("/n ", 11))...)
	wantError(t, err, "ValidationException", "at 'names' failed to satisfy constraint: Member must have length less than or equal to 10")
}

func TestByPath(t *testing.T) {
	c := client(sandboxtest.Start(t, sandbox.Options{}), region)
	for n := range 12 {
		put(t, c, fmt.Sprintf("/p/%02d", n), "value")
	}
	put(t, c, "/p/deep/er", "value")
	put(t, c, "/pp", "value")
	list := func(in *ssm.GetParametersByPathInput) (names []string) {
		t.Helper()
		for pages := ssm.NewGetParametersByPathPaginator(c, in); pages.HasMorePages(); {
			out, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Parameters) > 10 {
				t.Errorf("a page of %d", len(out.Parameters))
			}
			for _, p := range out.Parameters {
				names = append(names, *p.Name)
			}
		}
		return names
	}
	if got := list(&ssm.GetParametersByPathInput{Path: aws.String("/p")}); len(got) != 12 || got[0] != "/p/00" || got[11] != "/p/11" {
		t.Errorf("below /p are %q", got)
	}
	if got := list(&ssm.GetParametersByPathInput{Path: aws.String("/p/"), Recursive: aws.Bool(true), MaxResults: aws.Int32(5)}); len(got) != 13 || got[12] != "/p/deep/er" {
		t.Errorf("far below /p are %q", got)
	}
	if got := list(&ssm.GetParametersByPathInput{Path: aws.String("/")}); len(got) != 1 || got[0] != "/pp" {
		t.Errorf("below / are %q", got)
	}
	_, err := c.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("p")})
	wantError(t, err, "ValidationException", "must begin with a forward slash")
	_, err = c.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/p"), MaxResults: aws.Int32(11)})
	wantError(t, err, "ValidationException", "at 'maxResults'")
	_, err = c.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/p"), NextToken: aws.String("%")})
	wantError(t, err, "InvalidNextToken", "")
}

func TestState(t *testing.T) {
	dir := t.TempDir()
	first := sandboxtest.Start(t, sandbox.Options{Dir: dir})
	for n := range 102 {
		put(t, client(first, region), "/kept", fmt.Sprint(n+1))
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	c := client(sandboxtest.Start(t, sandbox.Options{Dir: dir}), region)
	if got, err := get(t, c, "/kept"); err != nil || *got.Value != "102" || got.Version != 102 {
		t.Errorf("parameter is %+v, %v", got, err)
	}
	if got, err := get(t, c, "/kept:3"); err != nil || *got.Value != "3" {
		t.Errorf("version 3 is %+v, %v", got, err)
	}
	_, err := get(t, c, "/kept:2") // only a hundred are kept
	wantError(t, err, "ParameterVersionNotFound", "")
}

func TestSignatures(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Options{})
	key := s.Credential()
	with := func(key, secret string) error {
		c := ssm.NewFromConfig(aws.Config{
			Region: region, BaseEndpoint: aws.String(s.URL()), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
		})
		_, err := get(t, c, "/a")
		return err
	}
	wantError(t, with(key.Key, "wrong"), "InvalidSignatureException", "does not match")
	wantError(t, with("AKIAIOSFODNN7EXAMPLE", key.Secret), "UnrecognizedClientException", "security token")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(), strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`
	if answer.StatusCode != 400 || string(body) != want || answer.Header.Get("Content-Type") != "application/x-amz-json-1.1" || answer.Header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("answer is %d %q, %v", answer.StatusCode, body, answer.Header)
	}
}

func TestFaultsAndRecords(t *testing.T) {
	var log sandboxtest.Log
	faults := &sandboxtest.Faults{}
	s := sandboxtest.Start(t, sandbox.Options{Log: log.Add, Fault: faults.Next})
	c := client(s, region)
	faults.Add(sandbox.Fault{Status: 429}, sandbox.Fault{Status: 500}, sandbox.Fault{Status: 400, Code: "TooManyUpdates"})
	codes := []string{}
	for range 3 {
		_, err := get(t, c, "/a")
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Fatal(err)
		}
		codes = append(codes, api.ErrorCode())
	}
	if d := cmp.Diff([]string{"ThrottlingException", "InternalServerError", "TooManyUpdates"}, codes); d != "" {
		t.Error(d)
	}
	put(t, c, "/a", "value")
	records := log.Records()
	last := records[len(records)-1]
	if last.Service != "ssm" || last.Action != "PutParameter" || last.Region != region || last.Key != "/a" || last.Version != 1 || last.Status != 200 {
		t.Errorf("record is %+v", last)
	}
	if first := records[0]; first.Action != "GetParameter" || first.Region != region || !first.Faulty || first.Code != "ThrottlingException" {
		t.Errorf("record is %+v", first)
	}
}
