package alicloud

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
)

// alone takes everything out of the environment that could lead to real
// credentials, and returns an empty home folder.
func alone(t *testing.T) string {
	t.Helper()
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "ALIBABA") || strings.HasPrefix(name, "OSS_") {
			t.Setenv(name, "") // so that it comes back
			os.Unsetenv(name)
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	return home
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// check asks in both ways.
func check(t *testing.T, p *Provider, id, secret, token string) {
	t.Helper()
	got, err := p.GetCredentials(t.Context())
	if err != nil || got.AccessKeyID != id || got.AccessKeySecret != secret || got.SecurityToken != token {
		t.Errorf("credentials are %q, error %v, want %q", got.AccessKeyID, err, id)
	}
	model, err := p.Credential().GetCredential()
	if err != nil || *model.AccessKeyId != id || *model.AccessKeySecret != secret || *model.SecurityToken != token {
		t.Errorf("credentials are %+v, error %v, want %q", model, err, id)
	}
}

// refused checks an error, and that no secret is in it.
func refused(t *testing.T, p *Provider, want string) {
	t.Helper()
	_, err := p.GetCredentials(t.Context())
	var f *layer.Fault
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &f) || f.Hint == "" || f.Retry || f.Unknown || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want one with %q that wraps fs.ErrPermission", err, want)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, f), "hush") {
		t.Errorf("error is %v, with a secret", err)
	}
}

// TestStaticIsAlone sets everything that leads elsewhere.
func TestStaticIsAlone(t *testing.T) {
	home := alone(t)
	asked := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was asked for", r.Method, r.URL)
	}))
	defer asked.Close()
	for name, value := range map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID":         "real",
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET":     "real",
		"ALIBABA_CLOUD_SECURITY_TOKEN":        "real",
		"ALIBABA_CLOUD_PROFILE":               "no-such-profile",
		"ALIBABA_CLOUD_CONFIG_FILE":           filepath.Join(home, "missing"),
		"ALIBABA_CLOUD_CREDENTIALS_FILE":      filepath.Join(home, "missing"),
		"ALIBABA_CLOUD_ROLE_ARN":              "acs:ram::1:role/real",
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN":     "acs:ram::1:oidc-provider/real",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE":       filepath.Join(home, "missing"),
		"ALIBABA_CLOUD_CREDENTIALS_URI":       asked.URL,
		"ALIBABA_CLOUD_ECS_METADATA":          "real",
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false",
		"OSS_ACCESS_KEY_ID":                   "real",
		"OSS_ACCESS_KEY_SECRET":               "real",
	} {
		t.Setenv(name, value)
	}
	check(t, New(Options{Profile: "acme", Static: &Credentials{"sandbox", "secret", "token"}}), "sandbox", "secret", "token")
}

func TestChain(t *testing.T) {
	const config = `{"current":"mine","profiles":[
		{"name":"mine","mode":"AK","access_key_id":"of-mine","access_key_secret":"s1"},
		{"name":"acme","mode":"StsToken","access_key_id":"of-acme","access_key_secret":"s2","sts_token":"t2"}]}`
	const shared = "[default]\ntype = access_key\naccess_key_id = of-file\naccess_key_secret = s3\n"
	tests := []struct {
		name      string
		env       map[string]string
		files     map[string]string
		profile   string
		id, s, to string
	}{
		{"environment", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}, map[string]string{".aliyun/config.json": config}, "", "id", "s", ""},
		{"with a token", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s", "ALIBABA_CLOUD_SECURITY_TOKEN": "t"}, nil, "", "id", "s", "t"},
		{"current profile", nil, map[string]string{".aliyun/config.json": config, ".alibabacloud/credentials": shared}, "", "of-mine", "s1", ""},
		{"profile of the environment", map[string]string{"ALIBABA_CLOUD_PROFILE": "acme"}, map[string]string{".aliyun/config.json": config}, "", "of-acme", "s2", "t2"},
		{"profile by name", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}, map[string]string{".aliyun/config.json": config}, "acme", "of-acme", "s2", "t2"},
		{"credentials file", nil, map[string]string{".alibabacloud/credentials": shared}, "", "of-file", "s3", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := alone(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			for name, text := range test.files {
				write(t, filepath.Join(home, name), text)
			}
			check(t, New(Options{Profile: test.profile}), test.id, test.s, test.to)
		})
	}
}

func TestNoCredentials(t *testing.T) {
	alone(t)
	p := New(Options{})
	refused(t, p, "none in the environment")
	// Unlike the SDK's own chain, which stays with the last source.
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")
	check(t, p, "id", "s", "")
}

func TestBadSources(t *testing.T) {
	tests := []struct {
		name, profile string
		env, files    map[string]string
		want          string
	}{
		{"half an environment", "", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}, nil, "(ALIBABA_CLOUD_ACCESS_KEY_SECRET)"},
		{"missing profile", "acme", nil, map[string]string{".aliyun/config.json": `{"profiles":[{"name":"a","access_key_secret":"hush"}]}`}, `CLI profile "acme": unable to get profile`},
		{"no configuration", "acme", nil, nil, `CLI profile "acme": reading aliyun cli config`},
		{"broken configuration", "", nil, map[string]string{".aliyun/config.json": `access_key_secret = hush`}, "not valid JSON"},
		{"broken credentials file", "", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = hush"}, "credentials file: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := alone(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			for name, text := range test.files {
				write(t, filepath.Join(home, name), text)
			}
			refused(t, New(Options{Profile: test.profile}), test.want)
		})
	}
}

func TestCredentialsURI(t *testing.T) {
	alone(t)
	answers := []string{
		`{"AccessKeyId":"id","AccessKeySecret":"hush"}`,
		`{"AccessKeyId":"id","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2100-01-01T00:00:00Z"}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, answers[0])
		answers = answers[1:]
	}))
	defer server.Close()
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", server.URL+"?token=hush")
	p := New(Options{})
	refused(t, p, "credentials URI: ")
	check(t, p, "id", "s", "t")
}

func TestConcurrent(t *testing.T) {
	home := alone(t)
	write(t, filepath.Join(home, ".aliyun/config.json"), `{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"id","access_key_secret":"s"}]}`)
	p := New(Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := p.GetCredentials(t.Context()); err != nil || got.AccessKeyID != "id" {
				t.Errorf("credentials are %q, error %v", got.AccessKeyID, err)
			}
		})
	}
	wg.Wait()
}
