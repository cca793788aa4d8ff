package lambda_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
)

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:"

// change changes a function and waits until that is done.
func change(t testing.TB, c *awslambda.Client, in *awslambda.UpdateFunctionConfigurationInput) *awslambda.UpdateFunctionConfigurationOutput {
	t.Helper()
	out, err := c.UpdateFunctionConfiguration(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	waiter := awslambda.NewFunctionUpdatedV2Waiter(c, func(o *awslambda.FunctionUpdatedV2WaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	if err := waiter.Wait(t.Context(), &awslambda.GetFunctionInput{FunctionName: in.FunctionName}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return out
}

func publishVersion(t testing.TB, c *awslambda.Client, in *awslambda.PublishVersionInput) *awslambda.PublishVersionOutput {
	t.Helper()
	out, err := c.PublishVersion(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// shown spells the versions of a listing out: number, description and layers.
func shown(list []types.FunctionConfiguration) (lines []string) {
	for _, f := range list {
		line := fmt.Sprintf("%s %s %q", strings.TrimPrefix(*f.FunctionArn, functionARN), *f.Version, *f.Description)
		for _, l := range f.Layers {
			line += " " + (*l.Arn)[strings.LastIndex(*l.Arn, "layer:")+6:]
		}
		lines = append(lines, line)
	}
	return lines
}

// TestVersionLife goes the way of test_version_lifecycle, which LocalStack
// recorded, and has the layers change too.
func TestVersionLife(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	one, two := layer(t, c, "one", "a", "1"), layer(t, c, "two", "a", "2")
	in := request(t, "f", "x", one)
	in.Description = aws.String("none")
	create(t, c, in)
	name := aws.String("f")

	updated := change(t, c, &awslambda.UpdateFunctionConfigurationInput{FunctionName: name, Description: aws.String("First")})
	if updated.State != "Active" || updated.LastUpdateStatus != "InProgress" || updated.LastUpdateStatusReasonCode != "Creating" ||
		*updated.LastUpdateStatusReason != "The function is being created." || *updated.FunctionArn != functionARN+"f" ||
		*updated.Version != "$LATEST" || *updated.Timeout != 3 || len(updated.Layers) != 1 {
		t.Errorf("%+v", updated)
	}
	first := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: name, Description: aws.String("First of all")})
	if *first.Version != "1" || *first.FunctionArn != functionARN+"f:1" || *first.Description != "First of all" || first.State != "Active" ||
		first.LastUpdateStatus != "Successful" {
		t.Errorf("%+v", first)
	}
	change(t, c, &awslambda.UpdateFunctionConfigurationInput{FunctionName: name, Description: aws.String("Second"), Layers: []string{two}})
	got, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: name, Qualifier: first.Version})
	if err != nil || *got.Configuration.Description != "First of all" || *got.Configuration.RevisionId != *first.RevisionId ||
		*got.Configuration.FunctionArn != functionARN+"f:1" || *got.Configuration.Layers[0].Arn != one {
		t.Errorf("%+v, %v", got.Configuration, err)
	}
	// What has not changed is not published again, whatever it is described as.
	second := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: name})
	third := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: name, Description: aws.String("Third")})
	if *second.Version != "2" || *second.Description != "Second" || *third.Version != "2" || *third.RevisionId != *second.RevisionId {
		t.Errorf("%+v\n%+v", second, third)
	}
	list := func() []string {
		out, err := c.ListVersionsByFunction(t.Context(), &awslambda.ListVersionsByFunctionInput{FunctionName: name})
		if err != nil {
			t.Fatal(err)
		}
		return shown(out.Versions)
	}
	want := []string{`f:$LATEST $LATEST "Second" two:1`, `f:1 1 "First of all" one:1`, `f:2 2 "Second" two:1`}
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("versions are %q, want %q", got, want)
	}
	for range 2 { // a version that is not there is no error
		if _, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("f:1")}); err != nil {
			t.Fatal(err)
		}
	}
	want = slices.Delete(want, 1, 2)
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("versions are %q, want %q", got, want)
	}
	_, err = c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: name, Qualifier: aws.String("1")})
	wantError(t, err, 404, "ResourceNotFoundException", "Function not found: "+functionARN+"f:1")
	change(t, c, &awslambda.UpdateFunctionConfigurationInput{FunctionName: name, Layers: []string{}})
	if next := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: name}); *next.Version != "3" || len(next.Layers) != 0 {
		t.Errorf("%+v, want version 3 without layers", next)
	}
	if _, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = c.ListVersionsByFunction(t.Context(), &awslambda.ListVersionsByFunctionInput{FunctionName: name})
	wantError(t, err, 404, "ResourceNotFoundException", "Function not found: "+functionARN+"f")
}

// TestPublishAtOnce: the answer has the ARN of the function, and the version.
func TestPublishAtOnce(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	in := request(t, "f", "x")
	in.Publish = true
	out := create(t, c, in)
	if *out.Version != "1" || *out.FunctionArn != functionARN+"f" || out.State != "Pending" {
		t.Errorf("%+v", out)
	}
	if again := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: aws.String("f")}); *again.Version != "1" {
		t.Errorf("%+v, want version 1 again", again)
	}
}

func TestVersionRefuses(t *testing.T) {
	_, c := start(t, sandbox.Options{Lambda: lambda.Limits{Unzipped: 1000}})
	large := layer(t, c, "large", "a", strings.Repeat("x", 999))
	name, wrong := aws.String("f"), aws.String("wrong")
	out := create(t, c, request(t, "f", "x"))
	publish := func(change func(*awslambda.PublishVersionInput)) error {
		in := &awslambda.PublishVersionInput{FunctionName: name}
		change(in)
		_, err := c.PublishVersion(t.Context(), in)
		return err
	}
	configure := func(change func(*awslambda.UpdateFunctionConfigurationInput)) error {
		in := &awslambda.UpdateFunctionConfigurationInput{FunctionName: name}
		change(in)
		_, err := c.UpdateFunctionConfiguration(t.Context(), in)
		return err
	}
	const revision = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
	wantError(t, publish(func(in *awslambda.PublishVersionInput) { in.FunctionName = aws.String("none") }), 404,
		"ResourceNotFoundException", "Function not found: "+functionARN+"none")
	wantError(t, publish(func(in *awslambda.PublishVersionInput) { in.CodeSha256 = wrong }), 400, "InvalidParameterValueException",
		"CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST ("+*out.CodeSha256+"). Please try again with the CodeSHA256 in $LATEST.")
	wantError(t, publish(func(in *awslambda.PublishVersionInput) { in.RevisionId = wrong }), 412, "PreconditionFailedException", revision)
	wantError(t, publish(func(in *awslambda.PublishVersionInput) { in.Description = aws.String(strings.Repeat("d", 257)) }), 400,
		"ValidationException", "at 'description'")
	wantError(t, publish(func(in *awslambda.PublishVersionInput) { in.FunctionName = aws.String("f:1") }), 400,
		"InvalidParameterValueException", "no version but $LATEST")
	wantError(t, configure(func(in *awslambda.UpdateFunctionConfigurationInput) { in.RevisionId = wrong }), 412, "PreconditionFailedException", revision)
	wantError(t, configure(func(in *awslambda.UpdateFunctionConfigurationInput) { in.Timeout = aws.Int32(901) }), 400, "ValidationException", "at 'timeout'")
	wantError(t, configure(func(in *awslambda.UpdateFunctionConfigurationInput) { in.Runtime = "python3.6" }), 400,
		"InvalidParameterValueException", "The runtime parameter of python3.6 is no longer supported")
	wantError(t, configure(func(in *awslambda.UpdateFunctionConfigurationInput) { in.Layers = []string{large} }), 400,
		"InvalidParameterValueException", "The actual size is 1000 bytes.")
	wantError(t, configure(func(in *awslambda.UpdateFunctionConfigurationInput) { in.Layers = []string{large + "9"} }), 400,
		"InvalidParameterValueException", "does not exist.")
	_, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: name, Qualifier: aws.String("alias")})
	wantError(t, err, 400, "InvalidParameterValueException", "Deletion of aliases is not currently supported.")
	// Nothing was changed by all of that.
	if v := publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: name, RevisionId: out.RevisionId}); *v.Version != "1" || len(v.Layers) != 0 {
		t.Errorf("%+v", v)
	}
}

// TestOneChangeAtATime: a change takes until somebody has looked.
func TestOneChangeAtATime(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	in := request(t, "f", "x")
	if _, err := c.CreateFunction(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	configure := &awslambda.UpdateFunctionConfigurationInput{FunctionName: in.FunctionName, Description: aws.String("d")}
	_, err := c.UpdateFunctionConfiguration(t.Context(), configure)
	wantError(t, err, 409, "ResourceConflictException", "currently in the following state: Pending")
	if _, err := c.UpdateFunctionConfiguration(t.Context(), configure); err != nil {
		t.Fatal(err)
	}
	_, err = c.PublishVersion(t.Context(), &awslambda.PublishVersionInput{FunctionName: in.FunctionName})
	wantError(t, err, 409, "ResourceConflictException", "An update is in progress for resource: "+functionARN+"f")
	publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: in.FunctionName})
}

// TestVersionsKeepTheirZips: a version has its code and layers as long as it
// is there, and the function its own.
func TestVersionsKeepTheirZips(t *testing.T) {
	dir := t.TempDir()
	s, c := start(t, sandbox.Options{Dir: dir})
	in := request(t, "f", "x", layer(t, c, "l", "a", "1"))
	create(t, c, in)
	publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: in.FunctionName})
	change(t, c, &awslambda.UpdateFunctionConfigurationInput{FunctionName: in.FunctionName, Layers: []string{layer(t, c, "l", "a", "2")}})
	var before []string
	shownBoth := func(c *awslambda.Client) (lines []string) {
		out, err := c.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{FunctionVersion: types.FunctionVersionAll})
		if err != nil {
			t.Fatal(err)
		}
		return shown(out.Functions)
	}
	before = shownBoth(c)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, c = start(t, sandbox.Options{Dir: dir})
	if after := shownBoth(c); !reflect.DeepEqual(after, before) || len(after) != 2 {
		t.Errorf("started again there are %q, want %q", after, before)
	}
	location := func(qualifier string) string {
		out, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: in.FunctionName, Qualifier: &qualifier})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Code.Location
	}
	if _, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: in.FunctionName, Qualifier: aws.String("1")}); err != nil {
		t.Fatal(err)
	}
	shared := location("$LATEST")
	if status, body := fetched(t, shared); status != 200 || !bytes.Equal(body, in.Code.ZipFile) {
		t.Errorf("the function lost its code with a version: %d", status)
	}
	if _, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: in.FunctionName}); err != nil {
		t.Fatal(err)
	}
	if status, _ := fetched(t, shared); status != 404 {
		t.Errorf("the code outlives the function: %d", status)
	}
}

func fetched(t testing.TB, url string) (int, []byte) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body.Bytes()
}

// TestInvokeVersion: a version goes on with the layers it was published with.
func TestInvokeVersion(t *testing.T) {
	runtime := installedPython(t)
	_, c := start(t, sandbox.Options{})
	in := request(t, "f", "import said, os\ndef handler(event, context):\n    return [said.what, os.environ['AWS_LAMBDA_FUNCTION_VERSION']]\n",
		layer(t, c, "said", "python/said.py", "what = 'old'"))
	in.Runtime, in.Timeout = runtime, aws.Int32(60)
	create(t, c, in)
	publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: in.FunctionName})
	change(t, c, &awslambda.UpdateFunctionConfigurationInput{
		FunctionName: in.FunctionName, Layers: []string{layer(t, c, "said", "python/said.py", "what = 'new'")},
	})
	for name, want := range map[string]string{"f": `["new", "$LATEST"]`, "f:1": `["old", "1"]`} {
		out := invoke(t, c, name, "{}")
		if string(out.Payload) != want || !strings.Contains(want, `"`+*out.ExecutedVersion+`"`) {
			t.Errorf("%s: %s of version %s, want %s", name, out.Payload, *out.ExecutedVersion, want)
		}
	}
}
