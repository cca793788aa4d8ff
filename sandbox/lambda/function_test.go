package lambda_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
)

func TestFunctionLife(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	arn := layer(t, c, "l", "a", "1")
	in := request(t, "my-Function_1", "x", arn)
	in.Description, in.Architectures, in.Environment = aws.String("d"), []types.Architecture{"arm64"}, &types.Environment{Variables: map[string]string{"K": "V"}}
	out, err := c.CreateFunction(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(in.Code.ZipFile)
	if out.State != "Pending" || out.StateReasonCode != "Creating" || aws.ToString(out.StateReason) != "The function is being created." || out.LastUpdateStatus != "" ||
		*out.FunctionArn != "arn:aws:lambda:eu-west-1:123456789012:function:my-Function_1" || *out.CodeSha256 != base64.StdEncoding.EncodeToString(sum[:]) ||
		out.CodeSize != int64(len(in.Code.ZipFile)) || *out.Timeout != 3 || *out.MemorySize != 128 || *out.Version != "$LATEST" || out.PackageType != "Zip" ||
		out.Environment.Variables["K"] != "V" || *out.Role != role || out.Runtime != "python3.12" ||
		len(out.Layers) != 1 || *out.Layers[0].Arn != arn || out.Layers[0].CodeSize == 0 || !slices.Equal(out.Architectures, in.Architectures) {
		t.Errorf("%+v", out)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000+0000", *out.LastModified); err != nil {
		t.Error(err)
	}
	get := func() types.State {
		out, err := c.GetFunctionConfiguration(t.Context(), &awslambda.GetFunctionConfigurationInput{FunctionName: in.FunctionName})
		if err != nil {
			t.Fatal(err)
		}
		return out.State
	}
	if states := []types.State{get(), get(), get()}; !slices.Equal(states, []types.State{"Pending", "Active", "Active"}) {
		t.Errorf("states are %v", states)
	}
	got, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: out.FunctionArn, Qualifier: aws.String("$LATEST")})
	if err != nil || got.Configuration.LastUpdateStatus != "Successful" || *got.Code.RepositoryType != "S3" || *got.Configuration.RevisionId != *out.RevisionId ||
		*got.Configuration.FunctionArn != *out.FunctionArn+":$LATEST" {
		t.Errorf("%+v, %v", got, err)
	}
	response, err := http.Get(*got.Code.Location)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !bytes.Equal(body, in.Code.ZipFile) {
		t.Errorf("the code's location: %d, %v", response.StatusCode, err)
	}
	_, err = c.CreateFunction(t.Context(), in)
	wantError(t, err, 409, "ResourceConflictException", "Function already exist: my-Function_1")
	remove := func() error {
		_, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: in.FunctionName})
		return err
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	const gone = "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:my-Function_1"
	wantError(t, remove(), 404, "ResourceNotFoundException", gone)
	_, err = c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: in.FunctionName})
	wantError(t, err, 404, "ResourceNotFoundException", gone)
	if response, err := http.Get(*got.Code.Location); err != nil || response.StatusCode != 404 {
		t.Errorf("the code outlives the function: %v, %v", response, err)
	}
}

// TestCreateRefuses has the wordings of the real service, see the sources in
// the package.
func TestCreateRefuses(t *testing.T) {
	s, c := start(t, sandbox.Options{Lambda: lambda.Limits{Unzipped: 1000}})
	one, other := layer(t, c, "one", "a", "1"), layer(t, c, "other", "a", strings.Repeat("x", 500))
	elsewhere := layer(t, client(s, "us-east-1"), "one", "a", "1")
	const value, valid = "InvalidParameterValueException", "ValidationException"
	for name, test := range map[string]struct {
		change  func(*awslambda.CreateFunctionInput)
		status  int
		code    string
		message string
	}{
		"role": {func(in *awslambda.CreateFunctionInput) { in.Role = aws.String("r1") }, 400, valid,
			`1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`},
		"role of another": {func(in *awslambda.CreateFunctionInput) { in.Role = aws.String("arn:aws:iam::999999999999:role/x") }, 403, "AccessDeniedException", "Cross-account pass role is not allowed."},
		"role that is not": {func(in *awslambda.CreateFunctionInput) {
			in.Role = aws.String(strings.Replace(role, "/smoke", "/missing-x", 1))
		}, 400, value, "The role defined for the function cannot be assumed by Lambda."},
		"runtime":         {func(in *awslambda.CreateFunctionInput) { in.Runtime = "PYTHON3.9" }, 400, value, "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, "},
		"retired runtime": {func(in *awslambda.CreateFunctionInput) { in.Runtime = "python3.6" }, 400, value, "The runtime parameter of python3.6 is no longer supported"},
		"no runtime":      {func(in *awslambda.CreateFunctionInput) { in.Runtime = "" }, 400, value, "Runtime and Handler are mandatory parameters for functions created with deployment packages."},
		"no handler":      {func(in *awslambda.CreateFunctionInput) { in.Handler = nil }, 400, value, "Runtime and Handler are mandatory"},
		"handler":         {func(in *awslambda.CreateFunctionInput) { in.Handler = aws.String("a b") }, 400, valid, "at 'handler'"},
		"name":            {func(in *awslambda.CreateFunctionInput) { in.FunctionName = aws.String("my-function!") }, 400, valid, "Value 'my-function!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:"},
		"long name":       {func(in *awslambda.CreateFunctionInput) { in.FunctionName = aws.String(strings.Repeat("n", 65)) }, 400, valid, "Member must have length less than or equal to 64"},
		"qualified name":  {func(in *awslambda.CreateFunctionInput) { in.FunctionName = aws.String("f:1") }, 400, value, "version or an alias"},
		"name elsewhere": {func(in *awslambda.CreateFunctionInput) {
			in.FunctionName = aws.String("arn:aws:lambda:us-east-1:123456789012:function:f")
		}, 404, "ResourceNotFoundException", "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')"},
		"name of another":   {func(in *awslambda.CreateFunctionInput) { in.FunctionName = aws.String("999999999999:f") }, 403, "AccessDeniedException", "is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:999999999999:function:f"},
		"description":       {func(in *awslambda.CreateFunctionInput) { in.Description = aws.String(strings.Repeat("ü", 257)) }, 400, valid, "at 'description'"},
		"timeout":           {func(in *awslambda.CreateFunctionInput) { in.Timeout = aws.Int32(901) }, 400, valid, "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"},
		"memory":            {func(in *awslambda.CreateFunctionInput) { in.MemorySize = aws.Int32(127) }, 400, valid, "Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"},
		"two architectures": {func(in *awslambda.CreateFunctionInput) { in.Architectures = []types.Architecture{"x86_64", "arm64"} }, 400, valid, "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1"},
		"architecture":      {func(in *awslambda.CreateFunctionInput) { in.Architectures = []types.Architecture{"X86_64"} }, 400, valid, "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"},
		"reserved variable": {func(in *awslambda.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{"AWS_REGION": "x", "A": "b"}}
		}, 400, value, "Reserved keys used in this request: AWS_REGION"},
		"no zip":  {func(in *awslambda.CreateFunctionInput) { in.Code.ZipFile = []byte("x") }, 400, value, "Could not unzip uploaded file. Please check your file, then try to upload again."},
		"no code": {func(in *awslambda.CreateFunctionInput) { in.Code = &types.FunctionCode{} }, 400, value, "Please provide a source for code."},
		"no bucket": {func(in *awslambda.CreateFunctionInput) {
			in.Code = &types.FunctionCode{S3Bucket: aws.String("missing-b"), S3Key: aws.String("k")}
		}, 400, value, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		"image": {func(in *awslambda.CreateFunctionInput) { in.PackageType = "Image" }, 400, value, "PackageType"},
		"layer that is not": {func(in *awslambda.CreateFunctionInput) {
			in.Layers = []string{strings.Replace(one, ":one:1", ":none:1", 1)}
		}, 400, value, "Layer version arn:aws:lambda:eu-west-1:123456789012:layer:none:1 does not exist."},
		"version that is not": {func(in *awslambda.CreateFunctionInput) { in.Layers = []string{one + "9"} }, 400, value, "Layer version " + one + "9 does not exist."},
		"huge version":        {func(in *awslambda.CreateFunctionInput) { in.Layers = []string{one + strings.Repeat("9", 30)} }, 400, value, "does not exist."},
		"no version":          {func(in *awslambda.CreateFunctionInput) { in.Layers = []string{strings.TrimSuffix(one, ":1")} }, 400, valid, "Value '[" + strings.TrimSuffix(one, ":1") + "]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, "},
		"same layer twice":    {func(in *awslambda.CreateFunctionInput) { in.Layers = []string{one, other, one} }, 400, value, "Two different versions of the same layer are not allowed to be referenced in the same function. " + one + " and " + one + " are versions of the same layer."},
		"six layers":          {func(in *awslambda.CreateFunctionInput) { in.Layers = slices.Repeat([]string{one}, 6) }, 400, value, "Cannot reference more than 5 layers."},
		"layer elsewhere":     {func(in *awslambda.CreateFunctionInput) { in.Layers = []string{elsewhere} }, 400, value, "Layers are not in the same region as the function. Layers are expected to be in region eu-west-1."},
		"layer of another": {func(in *awslambda.CreateFunctionInput) {
			in.Layers = []string{strings.Replace(one, sandbox.Account, "999999999999", 1)}
		}, 403, "AccessDeniedException",
			"User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: lambda:GetLayerVersion on resource: arn:aws:lambda:eu-west-1:999999999999:layer:one:1 because no resource-based policy allows the lambda:GetLayerVersion action"},
		"too large together": {func(in *awslambda.CreateFunctionInput) {
			in.Code.ZipFile, in.Layers = makeZip(t, "index.py", strings.Repeat("y", 499)), []string{one, other}
		}, 400, value, "Function code combined with layers exceeds the maximum allowed size of 1000 bytes. The actual size is 1000 bytes."},
	} {
		t.Run(name, func(t *testing.T) {
			in := request(t, "f", "x")
			test.change(in)
			_, err := c.CreateFunction(t.Context(), in)
			wantError(t, err, test.status, test.code, test.message)
		})
	}
	list, err := c.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{})
	if err != nil || len(list.Functions) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	// The largest that fits.
	in := request(t, "f", strings.Repeat("y", 498), one, other)
	create(t, c, in)
}

func TestFunctionNames(t *testing.T) {
	s, c := start(t, sandbox.Options{})
	create(t, c, request(t, "f", "x"))
	get := func(name string) error {
		_, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: &name})
		return err
	}
	for _, name := range []string{"f", "f:$LATEST", "function:f", "123456789012:f", "123456789012:function:f", "eu-west-1:123456789012:function:f",
		"arn:aws:lambda:eu-west-1:123456789012:function:f", "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST"} {
		if err := get(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantError(t, get("F"), 404, "ResourceNotFoundException", "function:F")
	wantError(t, get("f:1"), 404, "ResourceNotFoundException", "function:f:1")
	wantError(t, get("*"), 400, "ValidationException", "Value '*' at 'functionName'")
	wantError(t, get("arn:aws:lambda:us-east-1:123456789012:function:f"), 404, "ResourceNotFoundException", "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')")
	wantError(t, get("999999999999:function:f"), 403, "AccessDeniedException", "lambda:GetFunction on resource: arn:aws:lambda:eu-west-1:999999999999:function:f")
	_, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("f:1"), Qualifier: aws.String("$LATEST")})
	wantError(t, err, 400, "InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier.")
	_, err = c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("f"), Qualifier: aws.String("$LATEST")})
	wantError(t, err, 400, "InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function.")
	_, err = client(s, "us-east-1").GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("f")})
	wantError(t, err, 404, "ResourceNotFoundException", "arn:aws:lambda:us-east-1:123456789012:function:f")
}

func TestListFunctions(t *testing.T) {
	s, c := start(t, sandbox.Options{})
	arn := layer(t, c, "l", "a", "1")
	var want []string
	for i := range 52 {
		in := request(t, fmt.Sprintf("f%02d", i), "x")
		if i == 7 {
			in.Layers = []string{arn}
		}
		if _, err := c.CreateFunction(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		want = append(want, *in.FunctionName)
	}
	if _, err := client(s, "us-east-1").CreateFunction(t.Context(), request(t, "other", "x")); err != nil {
		t.Fatal(err)
	}
	list := func(in awslambda.ListFunctionsInput) (names []string, pages int) {
		for pager := awslambda.NewListFunctionsPaginator(c, &in); pager.HasMorePages(); pages++ {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Functions {
				names = append(names, *f.FunctionName)
				if f.State != "" || f.LastUpdateStatus != "" {
					t.Errorf("a listing has the state of %s", *f.FunctionName)
				}
				if has := len(f.Layers) == 1 && *f.Layers[0].Arn == arn; has != (*f.FunctionName == "f07") {
					t.Errorf("layers of %s are %v", *f.FunctionName, f.Layers)
				}
				if latest := strings.HasSuffix(*f.FunctionArn, ":$LATEST"); latest != (in.FunctionVersion == "ALL") {
					t.Errorf("ARN is %s", *f.FunctionArn)
				}
			}
		}
		return names, pages
	}
	for most, pages := range map[int32]int{0: 2, 1: 52, 26: 2, 51: 2, 10000: 2} {
		in := awslambda.ListFunctionsInput{FunctionVersion: "ALL"}
		if most > 0 {
			in.MaxItems, in.FunctionVersion = &most, ""
		}
		if names, n := list(in); !slices.Equal(names, want) || n != pages {
			t.Errorf("%d pages of %d: %v", n, most, names)
		}
	}
	for _, in := range []*awslambda.ListFunctionsInput{{MaxItems: aws.Int32(0)}, {MaxItems: aws.Int32(10001)}, {FunctionVersion: "invalid"}} {
		_, err := c.ListFunctions(t.Context(), in)
		wantError(t, err, 400, "ValidationException", "1 validation error detected: ")
	}
	_, err := c.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{Marker: aws.String("?")})
	wantError(t, err, 400, "InvalidParameterValueException", "Marker")
}

// TestFunctionsAreKept: a sandbox that is started again has its functions.
func TestFunctionsAreKept(t *testing.T) {
	dir := t.TempDir()
	s, c := start(t, sandbox.Options{Dir: dir})
	in := request(t, "f", "x", layer(t, c, "l", "a", "1"))
	create(t, c, in)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, c = start(t, sandbox.Options{Dir: dir})
	out, err := c.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("f")})
	if err != nil || out.Configuration.State != "Active" || len(out.Configuration.Layers) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := c.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("f")}); err != nil {
		t.Error(err)
	}
}

func TestOneOfManyCreates(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = c.CreateFunction(t.Context(), request(t, "f", fmt.Sprint(i))) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantError(t, err, 409, "ResourceConflictException", "Function already exist: f")
	}
	if won != 1 {
		t.Errorf("%d were created", won)
	}
}

func TestNeedsItsCatalogue(t *testing.T) {
	if _, err := lambda.New(lambda.Options{Catalogue: &runtimes.Catalogue{}}); err == nil || !strings.Contains(err.Error(), "the catalogue has no such service") {
		t.Errorf("error is %v", err)
	}
}
