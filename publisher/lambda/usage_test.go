package lambda_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

// listing is a Lambda that has only a listing of functions, in two pages.
func listing(t *testing.T, pages ...string) server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/2015-03-31/functions/" && r.URL.Path != "/2015-03-31/functions" || q.Get("FunctionVersion") != "ALL" {
			t.Errorf("request is %s", r.URL)
		}
		n := 0
		_, _ = fmt.Sscan(q.Get("Marker"), &n)
		_, _ = fmt.Fprint(w, pages[n])
	}))
	t.Cleanup(s.Close)
	return server{endpoint: s.URL, key: awscloud.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}}
}

func usingFunction(name, version string, layers ...string) map[string]any {
	var list []map[string]string
	for _, arn := range layers {
		list = append(list, map[string]string{"Arn": arn})
	}
	arn := "arn:aws:lambda:eu-central-1:123456789012:function:" + name + ":" + version
	return map[string]any{"FunctionName": name, "FunctionArn": arn, "Version": version, "Layers": list}
}

func functionPage(t *testing.T, next string, functions ...map[string]any) string {
	t.Helper()
	page := map[string]any{"Functions": functions}
	if next != "" {
		page["NextMarker"] = next
	}
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestUsage has layers that are not the one, however much they look like it.
func TestUsage(t *testing.T) {
	const web = "arn:aws:lambda:eu-central-1:123456789012:layer:web:"
	s := listing(t,
		functionPage(t, "1",
			usingFunction("b", "$LATEST", "arn:aws:lambda:eu-central-1:123456789012:layer:other:1", web+"2"),
			usingFunction("b", "7", web+"1"),
			usingFunction("a", "$LATEST", web+"2"),
			usingFunction("none", "$LATEST"),
		),
		functionPage(t, "",
			usingFunction("a", "10", web+"2"),
			usingFunction("foreign", "$LATEST", "arn:aws:lambda:eu-central-1:999999999999:layer:web:1"),
			usingFunction("longer", "$LATEST", "arn:aws:lambda:eu-central-1:123456789012:layer:web-2:1"),
			usingFunction("amazons", "$LATEST", "arn:aws:lambda:::awslayer:AmazonLinux1703"),
		),
	)
	got, err := s.open(t, s.key, nil).Usage(t.Context(), "web")
	want := map[int64][]string{1: {"b:7"}, 2: {"a:$LATEST", "a:10", "b:$LATEST"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("usage is %v, error %v, want %v", got, err, want)
	}
}

// TestUsageIsWhole: what cannot be understood is no reason to think that
// nothing is used.
func TestUsageIsWhole(t *testing.T) {
	nameless := usingFunction("a", "1")
	delete(nameless, "FunctionArn")
	unversioned := usingFunction("a", "1")
	delete(unversioned, "Version")
	full := functionPage(t, "1", usingFunction("a", "1"))
	for name, pages := range map[string][]string{
		"nothing":           {""},
		"null":              {`{"Functions": null}`},
		"another document":  {`{"message": "hello"}`},
		"second page empty": {full, ""},
		"no version":        {functionPage(t, "", unversioned)},
		"no ARN":            {functionPage(t, "", nameless)},
		"layer of no form":  {functionPage(t, "", usingFunction("a", "1", "web:1"))},
		"layer of a word":   {functionPage(t, "", usingFunction("a", "1", "arn:aws:lambda:eu-central-1:123456789012:layer:web:one"))},
	} {
		s := listing(t, pages...)
		got, err := s.open(t, s.key, nil).Usage(t.Context(), "web")
		var f *layer.Fault
		if !errors.As(err, &f) || !f.Unknown || got != nil {
			t.Errorf("%s: usage is %v, error %v, want a fault that says nothing is known", name, got, err)
		}
	}
}
