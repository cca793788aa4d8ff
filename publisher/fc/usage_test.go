package fc_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

// TestUsage: the functions of both APIs are found by either, also when a
// listing does not say what layers they have.
func TestUsage(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		for _, terse := range []bool{false, true} {
			c := aCensus()
			c.terse = terse
			usage, err := c.open(t, api, nil).Usage(t.Context(), "web")
			if diff := cmp.Diff(everybody(), usage); diff != "" || err != nil {
				t.Errorf("terse %v: error %v, usage (-want +got):\n%s", terse, err, diff)
			}
		}
	})
}

// TestUsageByOlderARNs: they do not say whose a layer is, so somebody else's of
// the same name counts as well.
func TestUsageByOlderARNs(t *testing.T) {
	c := aCensus()
	c.functions, c.older = nil, true
	usage, err := c.open(t, fc.V3, nil).Usage(t.Context(), "web")
	want := map[int64][]string{1: {"s/c", "u/a"}, 2: {"s/a"}, 5: {"s.1/a"}, 6: {"s.2/b", "s.2/z"}, 7: {"u/a"}}
	if diff := cmp.Diff(want, usage); diff != "" || err != nil {
		t.Errorf("error %v, usage (-want +got):\n%s", err, diff)
	}
}

// answering answers single requests otherwise, by the end of their target.
func answering(end string, f faults.Fault) publishertest.Wrap {
	return func(next http.RoundTripper) http.RoundTripper {
		return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
			if strings.HasSuffix(r.URL.RequestURI(), end) {
				return f
			}
			return faults.Fault{}
		}}
	}
}

// The ends of targets that aCensus is asked for.
const (
	firstFunctions = "/functions?fcVersion=v3&limit=100"
	firstServices  = "/services?limit=100"
	versionsOfA    = "/functions/a/versions?limit=100"
	a3             = "/functions/a?qualifier=3"
	versionsOfS    = "/services/s/versions?limit=100"
	functionsOfS   = "/services/s/functions?limit=100"
	functionsOfS2  = "/services/s/functions?limit=100&qualifier=2"
)

// TestUsageMeanwhile: what is deleted between a listing and the next question
// uses nothing.
func TestUsageMeanwhile(t *testing.T) {
	gone := func(code string) faults.Fault { return answer(http.StatusNotFound, code) }
	tests := []struct {
		end, code string
		missing   map[int64]string
	}{
		{a3, "VersionNotFound", map[int64]string{3: "a:3"}},
		{a3, "FunctionNotFound", map[int64]string{3: "a:3"}},
		{versionsOfA, "FunctionNotFound", map[int64]string{1: "a:1", 3: "a:3"}},
		{functionsOfS2, "VersionNotFound", map[int64]string{6: "s.2/b s.2/z"}},
		{functionsOfS, "ServiceNotFound", map[int64]string{1: "s/c", 2: "s/a"}},
		{versionsOfS, "ServiceNotFound", map[int64]string{5: "s.1/a", 6: "s.2/b s.2/z"}},
	}
	for _, test := range tests {
		want := everybody()
		for n, users := range test.missing {
			for _, user := range strings.Fields(users) {
				want[n] = without(want[n], user)
			}
			if len(want[n]) == 0 {
				delete(want, n)
			}
		}
		usage, err := aCensus().open(t, fc.V3, answering(test.end, gone(test.code))).Usage(t.Context(), "web")
		if diff := cmp.Diff(want, usage); diff != "" || err != nil {
			t.Errorf("%s %s: error %v, usage (-want +got):\n%s", test.end, test.code, err, diff)
		}
	}
}

func without(list []string, item string) []string {
	var rest []string
	for _, one := range list {
		if one != item {
			rest = append(rest, one)
		}
	}
	return rest
}

// TestUsageUnknown: whatever could not be asked, or not be understood, is an
// error that says what.
func TestUsageUnknown(t *testing.T) {
	denied, missing := answer(http.StatusForbidden, "AccessDenied"), answer(http.StatusNotFound, "LayerNotFound")
	say := func(body string) faults.Fault { return faults.Answer("", http.StatusOK, body) }
	tests := []struct {
		end    string
		answer faults.Fault
		want   string
	}{
		{firstFunctions, denied, "function compute 3.0: listing functions: 403 AccessDenied"},
		{firstServices, denied, "function compute 2.0: listing services: 403 AccessDenied"},
		{versionsOfA, denied, `listing the versions of function "a": 403 AccessDenied`},
		{a3, denied, `asking for the layers of function "a:3": 403 AccessDenied`},
		{versionsOfS, denied, `listing the versions of service "s": 403 AccessDenied`},
		{functionsOfS2, denied, `listing the functions of service "s.2": 403 AccessDenied`},
		{firstServices, answer(http.StatusNotFound, "ServiceNotFound"), "listing services: 404 ServiceNotFound"},
		{a3, missing, `function "a:3": 404 LayerNotFound`},
		{functionsOfS, faults.Answer("", http.StatusNotFound, "<html>"), `the functions of service "s": 404`},
		{a3, say("{}"), `function "a:3"`},
		{a3, say(""), `function "a:3"`},
		{firstFunctions, say(`{"functions": [null]}`), "listing functions"},
		{firstFunctions, say(`{"functions": [{"layers": []}]}`), "listing functions"},
		{firstServices, say(`{"services": [{}]}`), "listing services"},
		{functionsOfS, say(`{"functions": [{"layers": []}]}`), `the functions of service "s"`},
		{versionsOfA, say(`{"versions": [{}]}`), `the versions of function "a"`},
		{versionsOfS, say(`{"versions": [{}]}`), `the versions of service "s"`},
		{firstServices, say("<html>"), "listing services"},
		{"limit=100&nextToken=c", say(`{"functions": [], "nextToken": "c"}`), "listing functions: the pages of the listing go round in circles"},
		{a3, say(`{"functionName": "a", "layers": [{"arn": "arn of the future: web 3"}]}`), `function "a:3": "arn of the future: web 3" is no ARN of a layer version`},
		{a3, say(`{"functionName": "a", "layers": [{"size": 7}]}`), `function "a:3": "" is no ARN`},
	}
	for _, test := range tests {
		usage, err := aCensus().open(t, fc.V3, answering(test.end, test.answer)).Usage(t.Context(), "web")
		if err == nil || usage != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: usage %v, error %v, want %q", test.end, usage, err, test.want)
		}
	}
	if _, err := aCensus().open(t, fc.V2, answering(firstFunctions, denied)).Usage(t.Context(), "web"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v, want one that wraps fs.ErrPermission", err)
	}
}

// TestUsageFaults puts faults at each request, one at a time: what passes is
// tried again.
func TestUsageFaults(t *testing.T) {
	smooth := aCensus()
	if _, err := smooth.open(t, fc.V3, nil).Usage(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	throttled := answer(http.StatusTooManyRequests, "Throttling.User", "Retry-After", "1")
	for _, fault := range []faults.Fault{throttled, answer(http.StatusInternalServerError, "InternalServerError"), faults.Lost(), faults.Cut(20)} {
		for k := 1; k <= len(smooth.targets); k++ {
			rough := func(next http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Next: next, Script: faults.At(k, fault)}
			}
			usage, err := aCensus().open(t, fc.V3, rough).Usage(t.Context(), "web")
			if k == 1 && err != nil { // the listing of versions is the callers' to repeat
				continue
			}
			if diff := cmp.Diff(everybody(), usage); diff != "" || err != nil {
				t.Errorf("%s at %d: error %v, usage (-want +got):\n%s", fault.Name, k, err, diff)
			}
		}
	}
}

// TestUsageAddresses: each API is asked at an address of its own. The account
// that is in the one of 2.0 is taken from the layer.
func TestUsageAddresses(t *testing.T) {
	c := aCensus()
	var mu sync.Mutex
	hosts := map[string]bool{}
	over := roundTripper(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		hosts[r.URL.Host+" "+strings.Split(r.URL.Path, "/")[1]] = true
		mu.Unlock()
		return c.answer(r)
	})
	p, err := fc.New(fc.Options{Region: region, Transport: over, Credential: credential(secret)})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := p.Usage(t.Context(), "web")
	if diff := cmp.Diff(everybody(), usage); diff != "" || err != nil {
		t.Errorf("error %v, usage (-want +got):\n%s", err, diff)
	}
	want := map[string]bool{"fcv3.cn-hangzhou.aliyuncs.com 2023-03-30": true, account + ".cn-hangzhou.fc.aliyuncs.com 2021-04-06": true}
	if diff := cmp.Diff(want, hosts); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestUsageOfNothing: without versions there is nothing that could be in use.
func TestUsageOfNothing(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		c := start(t, api, nil)
		usage, err := c.open(t, secret, nil).Usage(t.Context(), "web")
		if len(usage) > 0 || err != nil || fmt.Sprint(c.requests) != "[ListLayerVersions]" {
			t.Errorf("usage %v, error %v after %q", usage, err, c.requests)
		}
	})
}

// TestUsageInterrupted: no request is made any more.
func TestUsageInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := aCensus()
	wrap := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.RequestURI(), firstServices) {
				cancel()
			}
			return next.RoundTrip(r)
		})
	}
	usage, err := c.open(t, fc.V2, wrap).Usage(ctx, "web")
	if usage != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("usage %v, error %v, want context.Canceled", usage, err)
	}
}

// TestPace: every request waits its turn, and is not made when there is none.
func TestPace(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		stop := errors.New("no turn")
		turns, left := 0, 1000
		c := start(t, api, nil)
		sent := &faults.Transport{Next: http.DefaultTransport, Script: faults.At(3, answer(http.StatusTooManyRequests, "Throttling.User"))}
		p, err := fc.New(fc.Options{
			API: api, Region: region, Account: account, Endpoint: c.URL, Transport: sent, Sleep: noSleep, Credential: credential(secret),
			Pace: func(context.Context) error {
				turns++
				if turns > left {
					return stop
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Publish(t.Context(), request(zipped(t, "a"))); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Usage(t.Context(), "web"); err != nil {
			t.Fatal(err)
		}
		if want := 5; turns != want || sent.Count() != want { // publish, versions, functions twice, services
			t.Errorf("%d turns for %d requests, want %d", turns, sent.Count(), want)
		}
		left = turns
		_, err = p.Versions(t.Context(), "web")
		var f *layer.Fault
		if !errors.Is(err, stop) || errors.As(err, &f) || sent.Count() != 5 {
			t.Errorf("error is %v after %d requests", err, sent.Count())
		}
	})
}
