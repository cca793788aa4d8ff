package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/lambda"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

const (
	region = "eu-central-1"
	bucket = "layers"
)

// A server answers as S3 and as Lambda.
type server struct {
	endpoint string
	key      awscloud.Credentials
}

func (s server) config(t testing.TB, key awscloud.Credentials, wrap publishertest.Wrap) aws.Config {
	t.Helper()
	cfg, err := awscloud.Config(t.Context(), awscloud.Options{Region: region, Static: &key, Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	}
	return cfg
}

func (s server) open(t testing.TB, key awscloud.Credentials, wrap publishertest.Wrap) *lambda.Publisher {
	t.Helper()
	p, err := lambda.New(lambda.Options{Config: s.config(t, key, wrap), Endpoint: s.endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// client is the SDK's, to look behind the publisher's back.
func (s server) client(t testing.TB) *awslambda.Client {
	return awslambda.NewFromConfig(s.config(t, s.key, nil), func(o *awslambda.Options) { o.BaseEndpoint = &s.endpoint })
}

func (s server) harness(t testing.TB) publishertest.Harness {
	wrong := s.key
	wrong.SecretAccessKey += "x"
	client := s.client(t)
	return publishertest.Harness{
		Open: func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher { return s.open(t, s.key, wrap) },
		Denied: func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher {
			return s.open(t, wrong, wrap)
		},
		Count:     func(t testing.TB, name string) int { return count(t, client, name) },
		Grants:    func(t testing.TB, v layer.Version) []string { return granted(t, client, v) },
		Faults:    transient(),
		Throttled: answer(http.StatusTooManyRequests, "TooManyRequestsException", "Retry-After", "7"),
		Publishes: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/versions")
		},
		Foreign: func(t testing.TB, v layer.Version) string {
			_, err := client.AddLayerVersionPermission(context.Background(), &awslambda.AddLayerVersionPermissionInput{
				LayerName: &v.Name, VersionNumber: &v.Number, Action: aws.String("lambda:GetLayerVersion"),
				StatementId: aws.String("by-hand"), Principal: aws.String("444444444444"),
			})
			if err != nil {
				t.Fatal(err)
			}
			return "account:444444444444"
		},
		FunctionPage:  50,
		Use:           func(t testing.TB, function string, v layer.Version) { use(t, client, function, v) },
		Runtimes:      []string{"python3.12", "python3.13"},
		Architectures: []string{"x86_64"},
	}
}

func (s server) upload(t testing.TB) func(context.Context, layer.Artifact) (layer.Object, error) {
	client := awss3.NewFromConfig(s.config(t, s.key, nil), func(o *awss3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &s.endpoint, true
	})
	return func(ctx context.Context, a layer.Artifact) (layer.Object, error) {
		file, err := os.Open(a.Path)
		if err != nil {
			return layer.Object{}, err
		}
		defer file.Close()
		o := layer.Object{Bucket: bucket, Key: "a b/" + a.Digests.SHA256.String() + ".zip"}
		_, err = client.PutObject(ctx, &awss3.PutObjectInput{Bucket: &o.Bucket, Key: &o.Key, Body: file})
		return o, err
	}
}

func answer(status int, code string, header ...string) faults.Fault {
	header = append(header, "X-Amzn-Errortype", code, "Content-Type", "application/json", "X-Amzn-Requestid", "R1")
	return faults.Answer(code, status, `{"Type":"Service","Message":"on purpose"}`, header...)
}

func transient() []faults.Fault {
	internal := answer(http.StatusInternalServerError, "ServiceException")
	return []faults.Fault{
		internal,
		internal.After(),
		answer(http.StatusServiceUnavailable, "ServiceUnavailableException"),
		answer(http.StatusTooManyRequests, "TooManyRequestsException", "Retry-After", "1"),
		faults.Refused(),
		faults.Lost(),
		faults.Cut(0),
		faults.Cut(20),
		faults.Answer("empty", http.StatusOK, "", "Content-Type", "application/json").After(),
	}
}

// use makes a function that uses the version, or publishes the one that is
// there and has it use the version from then on.
func use(t testing.TB, client *awslambda.Client, function string, v layer.Version) {
	t.Helper()
	zip, err := os.ReadFile(zipped(t, "code").Path)
	if err == nil {
		_, err = client.CreateFunction(t.Context(), &awslambda.CreateFunctionInput{
			FunctionName: &function, Role: aws.String(role), Runtime: "python3.12", Handler: aws.String("index.handler"),
			Code: &lambdatypes.FunctionCode{ZipFile: zip}, Layers: []string{v.ARN},
		})
	}
	if taken := new(lambdatypes.ResourceConflictException); errors.As(err, &taken) {
		_, err = client.PublishVersion(t.Context(), &awslambda.PublishVersionInput{FunctionName: &function})
		if err == nil {
			_, err = client.UpdateFunctionConfiguration(t.Context(), &awslambda.UpdateFunctionConfigurationInput{
				FunctionName: &function, Layers: []string{v.ARN},
			})
		}
	}
	if err == nil {
		err = awslambda.NewFunctionUpdatedV2Waiter(client, func(o *awslambda.FunctionUpdatedV2WaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
		}).Wait(t.Context(), &awslambda.GetFunctionInput{FunctionName: &function}, time.Minute)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, client *awslambda.Client, name string) (n int) {
	t.Helper()
	pages := awslambda.NewListLayerVersionsPaginator(client, &awslambda.ListLayerVersionsInput{LayerName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if missing := new(lambdatypes.ResourceNotFoundException); errors.As(err, &missing) {
			return 0
		}
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.LayerVersions)
	}
	return n
}

func granted(t testing.TB, client *awslambda.Client, v layer.Version) (list []string) {
	t.Helper()
	out, err := client.GetLayerVersionPolicy(context.Background(), &awslambda.GetLayerVersionPolicyInput{
		LayerName: &v.Name, VersionNumber: &v.Number,
	})
	if missing := new(lambdatypes.ResourceNotFoundException); errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Principal any
			Condition struct {
				StringEquals map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(*out.Policy), &policy); err != nil {
		t.Fatal(err)
	}
	for _, s := range policy.Statement {
		who, _ := s.Principal.(string)
		if m, ok := s.Principal.(map[string]any); ok {
			who, _ = m["AWS"].(string)
		}
		if org := s.Condition.StringEquals["aws:PrincipalOrgID"]; org != "" {
			who = org
		}
		who = strings.TrimSuffix(strings.TrimPrefix(who, "arn:aws:iam::"), ":root")
		list = append(list, who)
	}
	slices.Sort(list)
	return list
}
