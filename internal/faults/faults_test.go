package faults

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

func TestTransport(t *testing.T) {
	type got struct {
		status int
		body   string
		err    error
		acted  bool
	}
	throttled := Answer("throttled", 429, "slow", "Retry-After", "7")
	tests := []struct {
		name  string
		fault Fault
		want  got
	}{
		{"nothing", Fault{}, got{200, "answer to sent", nil, true}},
		{"answer", throttled, got{429, "slow", nil, false}},
		{"answer after acting", throttled.After(), got{429, "slow", nil, true}},
		{"refused", Refused(), got{0, "", syscall.ECONNREFUSED, false}},
		{"lost", Lost(), got{0, "", syscall.ECONNRESET, true}},
		{"cut at 0", Cut(0), got{200, "", io.ErrUnexpectedEOF, true}},
		{"cut at 3", Cut(3), got{200, "ans", io.ErrUnexpectedEOF, true}},
		{"cut after the end", Cut(99), got{200, "answer to sent", nil, true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var have got
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				have.acted = true
				body, _ := io.ReadAll(r.Body)
				_, _ = io.WriteString(w, "answer to "+string(body))
			}))
			defer server.Close()
			transport := &Transport{Next: http.DefaultTransport, Script: At(2, test.fault)}
			client := &http.Client{Transport: transport}
			ask := func() {
				answer, err := client.Post(server.URL, "text/plain", strings.NewReader("sent"))
				have.err = err
				if err == nil {
					var body []byte
					body, have.err = io.ReadAll(answer.Body)
					answer.Body.Close()
					have.status, have.body = answer.StatusCode, string(body)
				}
			}
			ask()
			if have != (got{200, "answer to sent", nil, true}) {
				t.Fatalf("the first request got %+v", have)
			}
			have = got{}
			ask()
			if !errors.Is(have.err, test.want.err) {
				t.Errorf("error is %v, want %v", have.err, test.want.err)
			}
			have.err = test.want.err
			if have != test.want {
				t.Errorf("got %+v, want %+v", have, test.want)
			}
			if transport.Count() != 2 {
				t.Errorf("%d requests were counted, want 2", transport.Count())
			}
		})
	}
}

func TestAnswerToHead(t *testing.T) {
	transport := &Transport{Script: func(int, *http.Request) Fault { return Answer("", 404, "body", "X-A", "b") }}
	for method, want := range map[string]string{http.MethodHead: "", http.MethodGet: "body"} {
		answer, err := transport.RoundTrip(httptest.NewRequest(method, "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || string(body) != want || answer.Header.Get("X-A") != "b" {
			t.Errorf("%s got %q, %v, %v", method, body, answer.Header, err)
		}
	}
}
