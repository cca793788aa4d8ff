package tencentcloud

import (
	"context"
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
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/layerbuild/layerbuild/layer"
)

// alone takes everything out of the environment that could lead to real
// credentials, and returns an empty home folder.
func alone(t *testing.T) string {
	t.Helper()
	for _, line := range os.Environ() {
		name, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "TENCENTCLOUD") || strings.HasPrefix(name, "TCCLI") || strings.HasPrefix(name, "TKE_") {
			t.Setenv(name, "") // so that it comes back
			os.Unsetenv(name)
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	return home
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, c common.CredentialIface, err error, id, key, token string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	gotID, gotKey, gotToken := c.GetCredential()
	if gotID != id || gotKey != key || gotToken != token {
		t.Errorf("credentials are %q, %q and %q, want %q, %q and %q", gotID, gotKey, gotToken, id, key, token)
	}
	if c.GetSecretId() != id || c.GetSecretKey() != key || c.GetToken() != token {
		t.Errorf("one by one, credentials are others than %q", id)
	}
}

// refused checks an error, and that no secret is in it.
func refused(t *testing.T, err error, want string) {
	t.Helper()
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
	write(t, filepath.Join(home, ".tccli", "default.credential"), `{"secretId":"real","secretKey":"real"}`)
	for name, value := range map[string]string{
		"TENCENTCLOUD_SECRET_ID": "real", "TENCENTCLOUD_SECRET_KEY": "real", "TENCENTCLOUD_TOKEN": "real",
		"TENCENTCLOUD_CREDENTIALS_FILE": filepath.Join(home, "missing"), "TCCLI_PROFILE": "real",
		"TKE_REGION": "real", "TKE_PROVIDER_ID": "real", "TKE_ROLE_ARN": "real",
		"TKE_WEB_IDENTITY_TOKEN_FILE": filepath.Join(home, "missing"),
	} {
		t.Setenv(name, value)
	}
	never := func(string) string {
		t.Error("the environment was asked")
		return ""
	}
	c, err := New(t.Context(), Options{Profile: "acme", Static: &Credentials{"sandbox", "secret", "token"}, Getenv: never})
	check(t, c, err, "sandbox", "secret", "token")
}

func TestChain(t *testing.T) {
	const shared = "[default]\nsecret_id = of-file\nsecret_key = s1\n"
	tests := []struct {
		name         string
		env, files   map[string]string
		profile      string
		id, key, tok string
	}{
		{"environment", map[string]string{"TENCENTCLOUD_SECRET_ID": " id ", "TENCENTCLOUD_SECRET_KEY": "key\n"}, map[string]string{".tencentcloud/credentials": shared}, "", "id", "key", ""},
		{"token of tccli", map[string]string{"TENCENTCLOUD_SECRET_ID": "id", "TENCENTCLOUD_SECRET_KEY": "key", "TENCENTCLOUD_TOKEN": "t1", "TENCENTCLOUD_SECURITY_TOKEN": "t2"}, nil, "", "id", "key", "t1"},
		{"token of Terraform", map[string]string{"TENCENTCLOUD_SECRET_ID": "id", "TENCENTCLOUD_SECRET_KEY": "key", "TENCENTCLOUD_SECURITY_TOKEN": "t2"}, nil, "", "id", "key", "t2"},
		{"token of CloudBase", map[string]string{"TENCENTCLOUD_SECRET_ID": "id", "TENCENTCLOUD_SECRET_KEY": "key", "TENCENTCLOUD_SESSION_TOKEN": "t3"}, nil, "", "id", "key", "t3"},
		{"file", nil, map[string]string{".tencentcloud/credentials": shared, ".tccli/default.credential": `{"secretId":"no","secretKey":"no"}`}, "", "of-file", "s1", ""},
		{"tccli", nil, map[string]string{".tccli/default.credential": `{"secretId":"of-tccli","secretKey":"s2","token":"t"}`}, "", "of-tccli", "s2", "t"},
		{"profile of the environment", map[string]string{"TCCLI_PROFILE": "acme"}, map[string]string{".tccli/acme.credential": `{"secretId":"of-acme","secretKey":"s3"}`}, "", "of-acme", "s3", ""},
		{"profile by name", map[string]string{"TENCENTCLOUD_SECRET_ID": "id", "TENCENTCLOUD_SECRET_KEY": "key"}, map[string]string{".tccli/acme.credential": `{"secretId":"of-acme","secretKey":"s3"}`}, "acme", "of-acme", "s3", ""},
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
			c, err := New(t.Context(), Options{Profile: test.profile, Getenv: os.Getenv, Now: time.Now})
			check(t, c, err, test.id, test.key, test.tok)
		})
	}
}

func TestBadSources(t *testing.T) {
	tests := []struct {
		name, profile string
		env, files    map[string]string
		want          string
	}{
		{"missing profile", "acme", nil, nil, `tccli profile "acme": could not find config file`},
		{"broken profile", "acme", nil, map[string]string{".tccli/acme.credential": `{"secretKey":hush}`}, `tccli profile "acme": `},
		{"empty profile", "acme", nil, map[string]string{".tccli/acme.credential": `{"secretKey":"hush"}`}, `"secretId"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := alone(t)
			for name, text := range test.files {
				write(t, filepath.Join(home, name), text)
			}
			_, err := New(t.Context(), Options{Profile: test.profile})
			refused(t, err, test.want)
		})
	}
}

// TestFirst has sources that fail in all ways.
func TestFirst(t *testing.T) {
	failing := func(err error) func(context.Context) (common.CredentialIface, error) {
		return func(context.Context) (common.CredentialIface, error) { return nil, err }
	}
	half := Options{Getenv: func(name string) string { return map[string]string{"TENCENTCLOUD_SECRET_KEY": "hush"}[name] }}
	tests := []struct {
		name    string
		sources []source
		want    string
	}{
		{"nothing", []source{{"a", failing(errAbsent)}, {"b", failing(errAbsent)}}, "none in the environment"},
		{"half an environment", []source{{"environment", half.environment}, {"b", failing(errAbsent)}}, "environment: TENCENTCLOUD_SECRET_ID is not set"},
		{"an answer", []source{{"a", failing(errors.New(`Fail to parse json content: {"TmpSecretKey":"hush"}`))}, {"b", failing(errAbsent)}}, "a: Fail to parse json content"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := first(t.Context(), test.sources)
			refused(t, err, test.want)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := first(ctx, []source{{"a", failing(errAbsent)}, {"b", failing(errAbsent)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}

// A service is a machine's metadata service.
type service struct {
	mu      sync.Mutex
	answers map[string]string
	count   int
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	text, ok := s.answers[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprint(w, text)
}

func granted(id string, until time.Time) string {
	return fmt.Sprintf(`{"TmpSecretId":%q,"TmpSecretKey":"key","Token":"token","ExpiredTime":%d,"Code":"Success"}`, id, until.Unix())
}

func TestMachineRole(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	s := &service{answers: map[string]string{"/": "builder", "/builder": granted("one", now.Add(time.Hour))}}
	server := httptest.NewServer(s)
	defer server.Close()
	role := machineRole{address: server.URL + "/", now: func() time.Time { return now }}
	c, err := role.get(t.Context())
	check(t, c, err, "one", "key", "token")
	if s.count != 2 {
		t.Errorf("%d requests were made, want 2", s.count)
	}
	// Shortly before its end the key is renewed.
	s.answers["/builder"] = granted("two", now.Add(2*time.Hour))
	now = now.Add(time.Hour - early + time.Second)
	check(t, c, nil, "two", "key", "token")
	// A service that is gone leaves the key that is there.
	now = now.Add(2 * time.Hour)
	server.Close()
	check(t, c, nil, "two", "key", "token")
}

func TestNoMachineRole(t *testing.T) {
	tests := []struct {
		name    string
		answers map[string]string
		want    string // "" when nobody has set it up
	}{
		{"no service", nil, ""},
		{"no role", map[string]string{"/": "\n"}, ""},
		{"no answer", map[string]string{"/": "builder"}, `asking for role "builder": 404`},
		{"no JSON", map[string]string{"/": "builder", "/builder": "hush"}, "is not JSON"},
		{"no key", map[string]string{"/": "builder", "/builder": `{"Code":"InternalError","TmpSecretKey":"hush"}`}, `"InternalError"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(&service{answers: test.answers})
			defer server.Close()
			_, err := machineRole{address: server.URL + "/", now: time.Now}.get(t.Context())
			if err == nil || absent(err) != (test.want == "") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestSlowMachine has a service that takes connections and never answers.
func TestSlowMachine(t *testing.T) {
	block := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	defer server.Close()
	defer close(block)
	begin := time.Now()
	_, err := machineRole{address: server.URL + "/", now: time.Now}.get(t.Context())
	if took := time.Since(begin); !absent(err) || took > patience+5*time.Second {
		t.Errorf("error after %s is %v", took, err)
	}
}
