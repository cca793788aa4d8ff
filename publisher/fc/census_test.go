package fc_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

// An edition is the functions of one time, by name, with the ARNs of their
// layers.
type edition map[string][]string

// A census is a Function Compute with functions that use layers. Its pages have
// two items.
type census struct {
	// functions are those of 3.0, by name: each as it is, then as it was in its
	// versions 1, 2 and so on.
	functions map[string][]edition
	// services are those of 2.0 in the same way.
	services map[string][]edition
	// terse leaves the layers out of listings, older the newer ARNs of 2.0.
	terse, older bool

	mu sync.Mutex
	// targets are those of the requests.
	targets []string
}

// history is a function of 3.0 with the layers that it has and had.
func history(name string, layers ...[]string) []edition {
	var list []edition
	for _, arns := range layers {
		list = append(list, edition{name: arns})
	}
	return list
}

// aCensus has functions of every kind.
func aCensus() *census {
	theirs := strings.Replace(webArn(1), account, "42", 1)
	return &census{
		functions: map[string][]edition{
			"a": history("a", []string{webArn(1), webArn(2)}, []string{webArn(1)}, nil, []string{webArn(3)}),
			"b": history("b", nil),
			"c": history("c", []string{strings.Replace(webArn(1), "web", "web-2", 1), theirs}),
			"d": history("d", nil, []string{webArn(4)}),
			"e": history("e", []string{webArn(2)}),
		},
		services: map[string][]edition{
			"s": {
				edition{"a": {webArn(2)}, "b": nil, "c": {webArn(1)}},
				edition{"a": {webArn(5)}},
				edition{"a": nil, "b": {webArn(6)}, "z": {webArn(6)}},
				edition{},
			},
			"t": {edition{}},
			"u": {edition{"a": {theirs, webArn(7)}}},
		},
	}
}

// everybody is the usage of all that aCensus has.
func everybody() map[int64][]string {
	return map[int64][]string{
		1: {"a", "a:1", "s/c"}, 2: {"a", "e", "s/a"}, 3: {"a:3"}, 4: {"d:1"}, 5: {"s.1/a"}, 6: {"s.2/b", "s.2/z"}, 7: {"u/a"},
	}
}

func (c *census) open(t *testing.T, api string, wrap publishertest.Wrap) *fc.Publisher {
	t.Helper()
	over := http.RoundTripper(roundTripper(c.answer))
	if wrap != nil {
		over = wrap(over)
	}
	p, err := fc.New(fc.Options{API: api, Region: region, Account: account, Transport: over, Sleep: noSleep, Credential: credential(secret)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answer takes a request without a network.
func (c *census) answer(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.targets = append(c.targets, r.URL.RequestURI())
	c.mu.Unlock()
	w := httptest.NewRecorder()
	err := json.NewEncoder(w).Encode(c.document(r))
	return w.Result(), err
}

// document goes by the names that the path has for its parts.
func (c *census) document(r *http.Request) any {
	parts := strings.Split(r.URL.Path, "/")[2:]
	q := r.URL.Query()
	name, at, from := "", 0, q.Get("nextToken")
	_, _ = fmt.Sscan(q.Get("qualifier"), &at)
	if len(parts) > 1 {
		name = parts[1]
	}
	switch parts[0] + fmt.Sprint(len(parts)) {
	case "functions1":
		return cut("functions", c.functions, from, func(name string) any { return c.v3(name, c.functions[name][0][name], c.terse) })
	case "functions2":
		return c.v3(name, c.functions[name][at][name], false)
	case "functions3":
		return cut("versions", published(c.functions[name]), from, func(id string) any { return map[string]any{"versionId": id} })
	case "services1":
		return cut("services", c.services, from, func(name string) any { return map[string]any{"serviceName": name} })
	case "services3":
		if parts[2] == "versions" {
			return cut("versions", published(c.services[name]), from, func(id string) any { return map[string]any{"versionId": id} })
		}
		of := c.services[name][at]
		return cut("functions", of, from, func(name string) any { return c.v2(name, of[name], c.terse) })
	case "services4":
		return c.v2(parts[3], c.services[name][at][parts[3]], false)
	}
	return map[string]any{"layers": []any{map[string]any{"layerName": "web", "version": 9, "layerVersionArn": webArn(9), "arnV2": webArn(9)}}}
}

func (c *census) v3(name string, arns []string, terse bool) any {
	f := map[string]any{"functionName": name}
	if !terse {
		list := []any{}
		for _, arn := range arns {
			list = append(list, map[string]any{"arn": arn, "size": 1})
		}
		f["layers"] = list
	}
	return f
}

func (c *census) v2(name string, arns []string, terse bool) any {
	f := map[string]any{"functionName": name}
	if terse {
		return f
	}
	older := []string{}
	for _, arn := range arns {
		parts := strings.Split(arn, "/")
		older = append(older, strings.Repeat("0a", 16)+"#"+parts[1]+"#"+parts[3])
	}
	f["layers"] = older
	if !c.older {
		f["layersArnV2"] = arns
	}
	return f
}

// cut is a page of what is listed under a name.
func cut[V any](title string, all map[string]V, from string, describe func(string) any) any {
	names := slices.Sorted(maps.Keys(all))
	i, _ := slices.BinarySearch(names, from)
	answer, list := map[string]any{}, []any{}
	for _, name := range names[i:] {
		if len(list) == 2 {
			answer["nextToken"] = name
			break
		}
		list = append(list, describe(name))
	}
	answer[title] = list
	return answer
}

// published are the numbers of the versions among editions.
func published(all []edition) map[string]edition {
	list := map[string]edition{}
	for i, one := range all {
		if i > 0 {
			list[fmt.Sprint(i)] = one
		}
	}
	return list
}

func webArn(n int) string {
	return fmt.Sprintf("acs:fc:%s:%s:layers/web/versions/%d", region, account, n)
}
