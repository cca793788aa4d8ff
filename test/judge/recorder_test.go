package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// A sent is a request: which operation of which service it is for, and all its
// fields by name, such as "query limit", "header accept" or "body Content.ZipFile".
type sent struct {
	service, operation string
	status             int
	fields             map[string]string
}

// A recorder is a sandbox that notes what it is sent. Its clients make one
// request at a time.
type recorder struct {
	*sandbox.Sandbox
	at string

	mu   sync.Mutex
	last sandbox.Record
	list []sent
}

func record(t *testing.T) *recorder {
	rec := &recorder{}
	rec.Sandbox = sandboxtest.Start(t, sandbox.Options{Log: func(r sandbox.Record) { rec.last = r }})
	server := httptest.NewServer(rec)
	t.Cleanup(server.Close)
	rec.at = server.URL
	return rec
}

// environment is what a process needs to use the recorder.
func (rec *recorder) environment() []string {
	env := environment(rec.Sandbox)
	for i := range env {
		env[i] = strings.ReplaceAll(env[i], rec.URL(), rec.at)
	}
	return env
}

// ServeHTTP implements [http.Handler].
func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fields := rec.fields(r, body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec.last = sandbox.Record{}
	rec.Sandbox.ServeHTTP(w, r)
	one := sent{rec.last.Service, rec.last.Action, rec.last.Status, fields}
	// How often a version is asked for until it is ready is a matter of time.
	if n := len(rec.list); n > 0 && one.operation == "GetLayerVersion" && one.asksAgain(rec.list[n-1]) {
		return
	}
	rec.list = append(rec.list, one)
}

// asksAgain reports whether a request is for the same as the one before.
func (s sent) asksAgain(before sent) bool {
	same := func(field string) bool { return s.fields[field] == before.fields[field] }
	return s.operation == before.operation && same("path") && same("body LayerName") && same("body LayerVersion")
}

// fields are a request in parts. A header of more than one value or a parameter
// that comes twice is one field.
func (rec *recorder) fields(r *http.Request, body []byte) map[string]string {
	fields := map[string]string{"method": r.Method, "path": r.URL.Path}
	if r.Host != strings.TrimPrefix(rec.at, "http://") {
		fields["host"] = r.Host
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fields["query"] = r.URL.RawQuery
	}
	for name, values := range query {
		fields["query "+name] = strings.Join(values, ", ")
	}
	for name, values := range r.Header {
		fields["header "+strings.ToLower(name)] = strings.Join(values, ", ")
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil {
		fields["header content-type"] = media
	}
	var document any
	switch {
	case media == "application/zip" || json.Unmarshal(body, &document) != nil:
		fields["body"] = string(body)
	default:
		flatten(fields, "body", document)
	}
	return fields
}

// flatten adds the leaves of a document. An empty one is a leaf, too.
func flatten(fields map[string]string, name string, value any) {
	object, ok := value.(map[string]any)
	if !ok || len(object) == 0 {
		text, err := json.Marshal(value)
		if err != nil {
			text = fmt.Append(nil, value)
		}
		fields[name] = string(text)
		return
	}
	separator := "."
	if name == "body" {
		separator = " "
	}
	for key, v := range object {
		flatten(fields, name+separator+key, v)
	}
}
