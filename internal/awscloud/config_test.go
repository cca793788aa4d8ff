package awscloud

import (
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/layer"
)

// alone takes everything out of the environment that could lead to real
// credentials.
func alone(t *testing.T) {
	t.Helper()
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // so that it comes back
			os.Unsetenv(name)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", empty)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", empty)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// TestStaticIsAlone sets everything that leads elsewhere.
func TestStaticIsAlone(t *testing.T) {
	alone(t)
	asked := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was asked for", r.Method, r.URL)
	}))
	defer asked.Close()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":                  "real",
		"AWS_SECRET_ACCESS_KEY":              "real",
		"AWS_SESSION_TOKEN":                  "real",
		"AWS_PROFILE":                        "no-such-profile",
		"AWS_CONFIG_FILE":                    filepath.Join(t.TempDir(), "missing"),
		"AWS_CA_BUNDLE":                      filepath.Join(t.TempDir(), "missing"),
		"AWS_ENDPOINT_URL":                   asked.URL,
		"AWS_ENDPOINT_URL_S3":                asked.URL,
		"AWS_ENDPOINT_URL_LAMBDA":            asked.URL,
		"AWS_EC2_METADATA_SERVICE_ENDPOINT":  asked.URL,
		"AWS_EC2_METADATA_DISABLED":          "false",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": asked.URL,
		"AWS_ROLE_ARN":                       "arn:aws:iam::123456789012:role/real",
		"AWS_WEB_IDENTITY_TOKEN_FILE":        filepath.Join(t.TempDir(), "missing"),
		"AWS_REGION":                         "ap-south-1",
	} {
		t.Setenv(name, value)
	}
	static := &Credentials{AccessKeyID: "sandbox", SecretAccessKey: "secret", SessionToken: "token"}
	cfg, err := Config(t.Context(), Options{Region: "eu-west-1", Static: static})
	if err != nil {
		t.Fatal(err)
	}
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "sandbox" || got.SecretAccessKey != "secret" || got.SessionToken != "token" {
		t.Errorf("credentials are %+v, error %v", got.AccessKeyID, err)
	}
	if cfg.Region != "eu-west-1" {
		t.Errorf("region is %q", cfg.Region)
	}
	if at := s3.NewFromConfig(cfg).Options().BaseEndpoint; at != nil {
		t.Errorf("S3 is at %q", *at)
	}
	if at := lambda.NewFromConfig(cfg).Options().BaseEndpoint; at != nil {
		t.Errorf("Lambda is at %q", *at)
	}
}

func TestEnvironmentNamesEndpoints(t *testing.T) {
	alone(t)
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	cfg, err := Config(t.Context(), Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	if at := s3.NewFromConfig(cfg).Options().BaseEndpoint; aws.ToString(at) != "http://127.0.0.1:1" {
		t.Errorf("S3 is at %q", aws.ToString(at))
	}
	if at := lambda.NewFromConfig(cfg).Options().BaseEndpoint; at != nil {
		t.Errorf("Lambda is at %q", *at)
	}
}

func TestMissingProfile(t *testing.T) {
	alone(t)
	_, err := Config(t.Context(), Options{Region: "eu-west-1", Profile: "acme"})
	var f *layer.Fault
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &f) || f.Hint == "" || !strings.Contains(err.Error(), `"acme"`) {
		t.Errorf("error is %v, want one about the profile that wraps fs.ErrPermission", err)
	}
}

func TestProfile(t *testing.T) {
	alone(t)
	file := filepath.Join(t.TempDir(), "credentials")
	text := "[acme]\naws_access_key_id = of-acme\naws_secret_access_key = secret\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	cfg, err := Config(t.Context(), Options{Region: "eu-west-1", Profile: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cfg.Credentials.Retrieve(t.Context()); err != nil || got.AccessKeyID != "of-acme" {
		t.Errorf("key is %q, error %v", got.AccessKeyID, err)
	}
}

func TestNoCredentials(t *testing.T) {
	alone(t)
	wrap := func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) {
			t.Error("a request was made")
			return nil, errors.New("none")
		})
	}
	cfg, err := Config(t.Context(), Options{Region: "eu-west-1", Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	_, err = lambda.NewFromConfig(cfg).GetLayerVersion(t.Context(), &lambda.GetLayerVersionInput{
		LayerName: aws.String("a"), VersionNumber: aws.Int64(1),
	})
	f := Fault(err)
	if !errors.Is(f, fs.ErrPermission) || f.Hint == "" || f.Retry || f.Unknown || !strings.Contains(f.Error(), "credentials") {
		t.Errorf("fault is %+v (%v)", *f, f)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestBundleAndWrap needs both the certificates of AWS_CA_BUNDLE and a wrapped
// transport, which the SDK by itself refuses.
func TestBundleAndWrap(t *testing.T) {
	alone(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	wrapped := 0
	cfg, err := Config(t.Context(), Options{Region: "eu-west-1", Wrap: func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			wrapped++
			return next.RoundTrip(r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := cfg.HTTPClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound || wrapped != 1 {
		t.Errorf("status %d, wrapped %d times", answer.StatusCode, wrapped)
	}
}

func TestEndpoint(t *testing.T) {
	set := aws.String("https://s3.example.com")
	tests := []struct {
		configured *string
		target     string
		want       string
		bad        bool
	}{
		{nil, "", "", false},
		{nil, "https://a.example.com", "https://a.example.com", false},
		{set, "https://a.example.com", "https://s3.example.com", false},
		{set, "", "https://s3.example.com", false},
		{nil, "http://127.0.0.1:9000", "http://127.0.0.1:9000", false},
		{nil, "http://[::1]:9000", "http://[::1]:9000", false},
		{nil, "http://localhost", "http://localhost", false},
		{nil, "http://a.example.com", "", true},
		{nil, "http://10.0.0.1", "", true},
		{nil, "http://localhost.example.com", "", true},
		{aws.String("http://a.example.com"), "https://a.example.com", "", true},
		{nil, "ftp://127.0.0.1", "", true},
		{nil, "127.0.0.1:9000", "", true},
		{nil, "https://", "", true},
		{nil, "http://%", "", true},
	}
	for _, test := range tests {
		got, err := Endpoint(test.configured, test.target)
		if aws.ToString(got) != test.want || (err != nil) != test.bad {
			t.Errorf("Endpoint(%q, %q) = %q, %v", aws.ToString(test.configured), test.target, aws.ToString(got), err)
		}
	}
	_, err := Endpoint(nil, "http://user:secret@a.example.com")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v, want one without the password", err)
	}
}
