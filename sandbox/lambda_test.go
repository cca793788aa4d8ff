package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// inline is a request that publishes a zip.
func inline(name string, zip []byte) *awslambda.PublishLayerVersionInput {
	return &awslambda.PublishLayerVersionInput{LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: zip}}
}

func fromS3(name, bucket, key string) *awslambda.PublishLayerVersionInput {
	return &awslambda.PublishLayerVersionInput{LayerName: &name, Content: &types.LayerVersionContentInput{S3Bucket: &bucket, S3Key: &key}}
}

func publish(t *testing.T, c *awslambda.Client, in *awslambda.PublishLayerVersionInput) *awslambda.PublishLayerVersionOutput {
	t.Helper()
	out, err := c.PublishLayerVersion(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPublishAndGet(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Clock: func() time.Time { return time.Date(2026, 3, 1, 12, 30, 15, 678e6, time.FixedZone("", 3600)) }})
	zip := makeZip(t, "python/a.py", "print(1)", "python/b/c.py", "")
	sum := sha256.Sum256(zip)
	a := call{method: "POST", path: "/2018-10-31/layers/my_Layer-1/versions", service: "lambda", region: "eu-west-1", at: time.Date(2026, 3, 1, 11, 30, 0, 0, time.UTC),
		body: `{"Content":{"ZipFile":"` + base64.StdEncoding.EncodeToString(zip) + `"},"Description":"d","LicenseInfo":"MIT","CompatibleRuntimes":["python3.12","python3.11"],"CompatibleArchitectures":["arm64","x86_64"]}`}.do(t, sb)
	location := regexp.MustCompile(`"Location":"[^"]*"`)
	want := `{"Content":{"Location":"","CodeSha256":"` + base64.StdEncoding.EncodeToString(sum[:]) + `","CodeSize":` + fmt.Sprint(len(zip)) + `},` +
		`"LayerArn":"arn:aws:lambda:eu-west-1:123456789012:layer:my_Layer-1","LayerVersionArn":"arn:aws:lambda:eu-west-1:123456789012:layer:my_Layer-1:1",` +
		`"Version":1,"Description":"d","CreatedDate":"2026-03-01T11:30:15.678+0000","CompatibleRuntimes":["python3.12","python3.11"],` +
		`"CompatibleArchitectures":["arm64","x86_64"],"LicenseInfo":"MIT"}`
	if got := location.ReplaceAllString(a.body, `"Location":""`); a.status != 201 || got != want {
		t.Errorf("%d\n got %s\nwant %s", a.status, got, want)
	}
	if a.header.Get("Content-Type") != "application/json" || len(a.header.Get("X-Amzn-Requestid")) != 36 {
		t.Errorf("header is %v", a.header)
	}
}

func TestVersions(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	zip := makeZip(t, "a", "1")
	for want := int64(1); want <= 3; want++ {
		if got := publish(t, c, inline("layer", zip)).Version; got != want {
			t.Fatalf("version is %d, want %d", got, want)
		}
	}
	if got := publish(t, lambdaClient(sb, "us-east-1"), inline("layer", zip)).Version; got != 1 {
		t.Errorf("version in another region is %d", got)
	}
	remove := func(number int64) error {
		_, err := c.DeleteLayerVersion(t.Context(), &awslambda.DeleteLayerVersionInput{LayerName: aws.String("layer"), VersionNumber: &number})
		return err
	}
	get := func(number int64) (*awslambda.GetLayerVersionOutput, error) {
		return c.GetLayerVersion(t.Context(), &awslambda.GetLayerVersionInput{LayerName: aws.String("layer"), VersionNumber: &number})
	}
	two, err := get(2)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := download(t, *two.Content.Location); status != 200 || !bytes.Equal(body, zip) {
		t.Errorf("location: %d, %d bytes", status, len(body))
	}
	byArn, err := c.GetLayerVersionByArn(t.Context(), &awslambda.GetLayerVersionByArnInput{Arn: two.LayerVersionArn})
	if err != nil || byArn.Version != 2 || *byArn.Content.CodeSha256 != *two.Content.CodeSha256 {
		t.Errorf("%+v, %v", byArn, err)
	}
	byLayerArn, err := c.GetLayerVersion(t.Context(), &awslambda.GetLayerVersionInput{LayerName: two.LayerArn, VersionNumber: aws.Int64(2)})
	if err != nil || byLayerArn.Version != 2 {
		t.Errorf("%+v, %v", byLayerArn, err)
	}
	for _, number := range []int64{2, 2, 3, 99} { // what is not there is no error
		if err := remove(number); err != nil {
			t.Fatal(err)
		}
	}
	_, err = get(2)
	if api := wantError(t, err, 404, "ResourceNotFoundException"); api.ErrorMessage() != "The resource you requested does not exist." {
		t.Errorf("message is %q", api.ErrorMessage())
	}
	a := call{method: "GET", path: "/2018-10-31/layers/layer/versions/2", service: "lambda", region: "eu-west-1"}.do(t, sb)
	if want := `{"Message":"The resource you requested does not exist.","Type":"User"}`; a.body != want { // with a capital, as nowhere else
		t.Errorf("body is %s, want %s", a.body, want)
	}
	if status, _ := download(t, *two.Content.Location); status != 404 {
		t.Errorf("location of a deleted version: %d", status)
	}
	if got := publish(t, c, inline("layer", zip)).Version; got != 4 {
		t.Errorf("version after deleting the newest is %d, want 4", got)
	}
	wantError(t, remove(0), 400, "InvalidParameterValueException")
	_, err = get(-1)
	if api := wantError(t, err, 400, "InvalidParameterValueException"); api.ErrorMessage() != "Layer Version Cannot be less than 1" {
		t.Errorf("message is %q", api.ErrorMessage())
	}
}

func TestPublishFromS3(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c, objects := lambdaClient(sb, "eu-west-1"), s3Client(sb, "eu-west-1")
	zip := makeZip(t, "a", "1")
	put(t, objects, "bucket", "dir/a b+ü.zip", zip)
	put(t, objects, "bucket", "text", []byte("no zip"))
	put(t, s3Client(sb, "us-east-1"), "elsewhere", "k.zip", zip)
	out := publish(t, c, fromS3("layer", "bucket", "dir/a b+ü.zip"))
	sum := sha256.Sum256(zip)
	if *out.Content.CodeSha256 != base64.StdEncoding.EncodeToString(sum[:]) || out.Content.CodeSize != int64(len(zip)) {
		t.Errorf("content is %+v", out.Content)
	}
	for _, bad := range []struct {
		bucket, key   string
		status        int
		code, message string
	}{
		{"bucket", "nothing", 400, "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		{"missing-bucket", "k", 400, "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		{"unheard-of", "k", 400, "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		{"elsewhere", "k.zip", 400, "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: PermanentRedirect. " +
			"S3 Error Message: The bucket is in this region: us-east-1. Please use this region to retry the request"},
		{"denied-bucket", "k", 403, "AccessDeniedException", "Your access has been denied by S3, please make sure your request credentials have permission " +
			"to GetObject for denied-bucket/k. S3 Error Code: AccessDenied. S3 Error Message: Access Denied"},
		{"bucket", "text", 400, "InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again."},
	} {
		_, err := c.PublishLayerVersion(t.Context(), fromS3("layer", bad.bucket, bad.key))
		if api := wantError(t, err, bad.status, bad.code); api.ErrorMessage() != bad.message {
			t.Errorf("message is %q, want %q", api.ErrorMessage(), bad.message)
		}
	}
}

// TestZips: what Lambda could not unpack it does not take.
func TestZips(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Lambda: lambda.Limits{Request: 20000, Unzipped: 1000}})
	c := lambdaClient(sb, "eu-west-1")
	good := makeZip(t, "a", strings.Repeat("x", 500), "b", strings.Repeat("y", 499))
	broken := bytes.Clone(good)
	broken[32] ^= 0xff // within the first entry's data
	const unzip = "Could not unzip uploaded file. Please check your file, then try to upload again."
	for name, z := range map[string]struct {
		zip     []byte
		status  int
		code    string
		message string
	}{
		"just fits": {good, 0, "", ""},
		"a byte more": {makeZip(t, "a", strings.Repeat("x", 500), "b", strings.Repeat("y", 500)), 400, "InvalidParameterValueException",
			"Unzipped size must be smaller than 1000 bytes"},
		"no entries":   {makeZip(t), 400, "InvalidParameterValueException", "Uploaded file must be a non-empty zip"},
		"cut":          {good[:len(good)-1], 400, "InvalidParameterValueException", unzip},
		"broken entry": {broken, 400, "InvalidParameterValueException", unzip},
		"no zip":       {[]byte("x"), 400, "InvalidParameterValueException", unzip},
		"too large": {noise(20000), 413, "RequestEntityTooLargeException",
			"Request must be smaller than 20000 bytes for the PublishLayerVersion operation"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.PublishLayerVersion(t.Context(), inline("layer", z.zip))
			if z.status == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if api := wantError(t, err, z.status, z.code); api.ErrorMessage() != z.message {
				t.Errorf("message is %q, want %q", api.ErrorMessage(), z.message)
			}
		})
	}
	if list, err := c.ListLayerVersions(t.Context(), &awslambda.ListLayerVersionsInput{LayerName: aws.String("layer")}); err != nil || len(list.LayerVersions) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestValidation has the messages as the real service words them; see the
// sources in the package lambda.
func TestValidation(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	zip := makeZip(t, "a", "1")
	runtimes := "[nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3"
	for name, v := range map[string]struct {
		change  func(*awslambda.PublishLayerVersionInput)
		message string
	}{
		"runtimes and architectures": {func(in *awslambda.PublishLayerVersionInput) {
			in.CompatibleRuntimes = []types.Runtime{"invalidruntime", "nodejs20.x"}
			in.CompatibleArchitectures = []types.Architecture{"invalidarch", "x86_64"}
		}, "2 validation errors detected: Value '[invalidruntime, nodejs20.x]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: " + runtimes},
		"architecture": {func(in *awslambda.PublishLayerVersionInput) {
			in.CompatibleArchitectures = []types.Architecture{"riscv"}
		},
			"1 validation error detected: Value '[riscv]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"},
		"sixteen runtimes": {func(in *awslambda.PublishLayerVersionInput) {
			in.CompatibleRuntimes = slices.Repeat([]types.Runtime{"python3.12"}, 16)
		}, "1 validation error detected: Value '[python3.12, "},
		"description": {func(in *awslambda.PublishLayerVersionInput) { in.Description = aws.String(strings.Repeat("ü", 257)) },
			"1 validation error detected: Value '" + strings.Repeat("ü", 257) + "' at 'description' failed to satisfy constraint: Member must have length less than or equal to 256"},
		"licence": {func(in *awslambda.PublishLayerVersionInput) { in.LicenseInfo = aws.String(strings.Repeat("x", 513)) },
			"1 validation error detected: Value '" + strings.Repeat("x", 513) + "' at 'licenseInfo' failed to satisfy constraint: Member must have length less than or equal to 512"},
		"name": {func(in *awslambda.PublishLayerVersionInput) { in.LayerName = aws.String("a.b") },
			`1 validation error detected: Value 'a.b' at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`},
		"long name": {func(in *awslambda.PublishLayerVersionInput) { in.LayerName = aws.String(strings.Repeat("n", 141)) },
			"1 validation error detected: Value '" + strings.Repeat("n", 141) + "' at 'layerName' failed to satisfy constraint: Member must have length less than or equal to 140"},
	} {
		t.Run(name, func(t *testing.T) {
			in := inline("layer", zip)
			v.change(in)
			_, err := c.PublishLayerVersion(t.Context(), in)
			if api := wantError(t, err, 400, "ValidationException"); !strings.HasPrefix(api.ErrorMessage(), v.message) {
				t.Errorf("message is\n%s\nwant\n%s", api.ErrorMessage(), v.message)
			}
		})
	}
	in := inline("layer", zip) // all at their limits
	in.Description, in.LicenseInfo, in.LayerName = aws.String(strings.Repeat("ü", 256)), aws.String(strings.Repeat("x", 512)), aws.String(strings.Repeat("n", 140))
	in.CompatibleRuntimes = slices.Repeat([]types.Runtime{"python3.12"}, 15)
	publish(t, c, in)
	for _, body := range []string{"", "{", `{"Content":7}`} {
		a := call{method: "POST", path: "/2018-10-31/layers/l/versions", service: "lambda", body: body}.do(t, sb)
		if a.status != 400 || a.header.Get("X-Amzn-Errortype") != "InvalidRequestContentException" {
			t.Errorf("%q: %d, %s", body, a.status, a.body)
		}
	}
	a := call{method: "POST", path: "/2018-10-31/layers/l/versions", service: "lambda", body: "{}"}.do(t, sb)
	if want := `{"message":"1 validation error detected: Value null at 'content' failed to satisfy constraint: Member must not be null"}`; a.status != 400 || a.body != want {
		t.Errorf("%d, %s", a.status, a.body)
	}
	a = call{method: "POST", path: "/2018-10-31/layers/l/versions", service: "lambda", body: `{"Content":{}}`}.do(t, sb)
	if a.status != 400 || a.header.Get("X-Amzn-Errortype") != "InvalidParameterValueException" {
		t.Errorf("%d, %s", a.status, a.body)
	}
}

// TestRuntimesAreTheVendors: the sandbox takes exactly the runtimes of the
// API model that the SDK was made from.
func TestRuntimesAreTheVendors(t *testing.T) {
	c := lambdaClient(sandboxtest.Start(t, sandbox.Options{}), "eu-west-1")
	zip := makeZip(t, "a", "1")
	for list := range slices.Chunk(types.Runtime("").Values(), 15) {
		in := inline("layer", zip)
		in.CompatibleRuntimes = list
		if out := publish(t, c, in); !slices.Equal(out.CompatibleRuntimes, list) {
			t.Errorf("runtimes are %v, want %v", out.CompatibleRuntimes, list)
		}
	}
}

func TestListings(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := lambdaClient(sb, "eu-west-1")
	zip := makeZip(t, "a", "1")
	for i := range 5 {
		for _, name := range []string{"alpha", "beta", "gamma"} {
			in := inline(name, zip)
			in.CompatibleRuntimes = []types.Runtime{"python3.12"}
			if i%2 == 1 {
				in.CompatibleRuntimes, in.CompatibleArchitectures = []types.Runtime{"nodejs22.x"}, []types.Architecture{"arm64"}
			}
			in.Description = aws.String(fmt.Sprint(name, i))
			publish(t, c, in)
		}
	}
	versions := func(in awslambda.ListLayerVersionsInput) (numbers []int64) {
		in.LayerName = aws.String("beta")
		pager := awslambda.NewListLayerVersionsPaginator(c, &in)
		for pager.HasMorePages() {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.LayerVersions {
				numbers = append(numbers, v.Version)
			}
		}
		return numbers
	}
	for most := range int32(6) {
		if got := versions(awslambda.ListLayerVersionsInput{MaxItems: aws.Int32(most + 1)}); !slices.Equal(got, []int64{5, 4, 3, 2, 1}) {
			t.Errorf("in pages of %d: %v", most+1, got)
		}
	}
	if got := versions(awslambda.ListLayerVersionsInput{CompatibleRuntime: "nodejs22.x", MaxItems: aws.Int32(1)}); !slices.Equal(got, []int64{4, 2}) {
		t.Errorf("by runtime: %v", got)
	}
	if got := versions(awslambda.ListLayerVersionsInput{CompatibleArchitecture: "x86_64"}); got != nil {
		t.Errorf("by architecture: %v", got)
	}
	var names []string
	pager := awslambda.NewListLayersPaginator(c, &awslambda.ListLayersInput{MaxItems: aws.Int32(2), CompatibleArchitecture: "arm64"})
	for pager.HasMorePages() {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Layers {
			names = append(names, fmt.Sprint(*l.LayerName, l.LatestMatchingVersion.Version, *l.LatestMatchingVersion.Description))
		}
	}
	if !slices.Equal(names, []string{"alpha4alpha3", "beta4beta3", "gamma4gamma3"}) {
		t.Errorf("layers are %v", names)
	}
	if out, err := c.ListLayerVersions(t.Context(), &awslambda.ListLayerVersionsInput{LayerName: aws.String("nobody")}); err != nil || len(out.LayerVersions) != 0 {
		t.Errorf("of a layer that is not there: %v, %v", out, err)
	}
	a := call{method: "GET", path: "/2018-10-31/layers/beta/versions?MaxItems=1", service: "lambda", region: "eu-west-1"}.do(t, sb)
	if strings.Contains(a.body, "CodeSha256") || strings.Contains(a.body, "Content") {
		t.Errorf("a listing has content: %s", a.body)
	}
	for _, query := range []string{"MaxItems=0", "MaxItems=51", "MaxItems=x", "CompatibleRuntime=runtimedoesnotexist", "CompatibleArchitecture=archdoesnotexist"} {
		a := call{method: "GET", path: "/2018-10-31/layers?" + query, service: "lambda"}.do(t, sb)
		if a.status != 400 || a.header.Get("X-Amzn-Errortype") != "ValidationException" {
			t.Errorf("%s: %d, %s", query, a.status, a.body)
		}
	}
	a = call{method: "GET", path: "/2018-10-31/layers?Marker=%3F", service: "lambda"}.do(t, sb)
	if a.status != 400 || a.header.Get("X-Amzn-Errortype") != "InvalidParameterValueException" {
		t.Errorf("marker: %d, %s", a.status, a.body)
	}
}

func TestByArnRefused(t *testing.T) {
	c := lambdaClient(sandboxtest.Start(t, sandbox.Options{}), "eu-west-1")
	for arn, want := range map[string]struct {
		status int
		code   string
	}{
		"arn:aws:lambda:eu-west-1:123456789012:layer:nobody:1": {404, "ResourceNotFoundException"},
		"arn:aws:lambda:us-east-1:123456789012:layer:nobody:1": {404, "ResourceNotFoundException"},
		"arn:aws:lambda:eu-west-1:999999999999:layer:theirs:1": {403, "AccessDeniedException"},
		"arn:aws:lambda:eu-west-1:123456789012:layer:nobody":   {400, "ValidationException"},
		"arn:aws:lambda:eu-west-1:123456789012:layer:nobody:0": {400, "InvalidParameterValueException"},
		"arn:aws:lambda:::awslayer:theirs":                     {404, "ResourceNotFoundException"},
		"nobody":                                               {400, "ValidationException"},
	} {
		_, err := c.GetLayerVersionByArn(t.Context(), &awslambda.GetLayerVersionByArnInput{Arn: &arn})
		t.Run(arn, func(t *testing.T) { wantError(t, err, want.status, want.code) })
	}
}

// TestPublishAtOnce: numbers are neither given twice nor left out.
func TestPublishAtOnce(t *testing.T) {
	c := lambdaClient(sandboxtest.Start(t, sandbox.Options{}), "eu-west-1")
	zip := makeZip(t, "a", "1")
	var mu sync.Mutex
	var numbers []int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			out, err := c.PublishLayerVersion(t.Context(), inline("layer", zip))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			numbers = append(numbers, out.Version)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != int64(i+1) {
			t.Fatalf("numbers are %v", numbers)
		}
	}
}
