package fc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
)

// A crowd is a Function Compute with many versions of one layer. It lists the
// oldest first, unless it was told otherwise.
type crowd struct {
	versions int
	// describe returns the description of a version, crc its checksum.
	describe func(n int) string
	crc      func(n int) string
	// unlisted leaves the addresses of the zips out of listings.
	unlisted bool
	newest   bool
	// next, when set, is the same next page each time.
	next int
	// body, when set, is the answer to every listing.
	body string

	lists, gets, downloads int
}

var versionPath = regexp.MustCompile(`^/\d{4}-\d\d-\d\d/layers/web/versions(?:/(\d+))?$`)

func (c *crowd) open(t *testing.T, api string) *fc.Publisher {
	t.Helper()
	var at string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := versionPath.FindStringSubmatch(r.URL.Path)
		switch {
		case m == nil:
			c.downloads++
			_, _ = w.Write([]byte("no zip"))
		case m[1] == "":
			c.lists++
			if c.body != "" {
				_, _ = w.Write([]byte(c.body))
				return
			}
			c.list(w, r, at, api)
		default:
			c.gets++
			var n int
			_, _ = fmt.Sscan(m[1], &n)
			_ = json.NewEncoder(w).Encode(c.version(n, at, api, true))
		}
	}))
	t.Cleanup(s.Close)
	at = s.URL
	p, err := fc.New(fc.Options{
		API: api, Region: region, Account: account, Endpoint: s.URL,
		Credential: credential(secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (c *crowd) version(n int, at, api string, located bool) map[string]any {
	v := map[string]any{
		"layerName": "web", "version": n, "description": c.describe(n), "codeChecksum": c.crc(n), "codeSize": 100, "acl": "0",
	}
	if api == fc.V2 {
		v["acl"] = 0
	}
	if located {
		v["code"] = map[string]any{"location": fmt.Sprint(at, "/zip/", n, "?signature=secret")}
	}
	return v
}

func (c *crowd) list(w http.ResponseWriter, r *http.Request, at, api string) {
	numbers := make([]int, c.versions)
	for i := range numbers {
		numbers[i] = i + 1
	}
	if c.newest {
		slices.Reverse(numbers)
	}
	from, limit := numbers[0], 20
	_, _ = fmt.Sscan(r.URL.Query().Get("startVersion"), &from)
	_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
	rest := numbers[slices.Index(numbers, from):]
	answer := map[string]any{}
	if len(rest) > limit {
		answer["nextVersion"] = rest[limit]
		rest = rest[:limit]
	}
	if c.next > 0 {
		answer["nextVersion"] = c.next
	}
	layers := []any{}
	for _, n := range rest {
		layers = append(layers, c.version(n, at, api, !c.unlisted))
	}
	answer["layers"] = layers
	_ = json.NewEncoder(w).Encode(answer)
}

// TestFind: of all pages the highest version is found, and whatever others write into descriptions, only so many are looked into.
func TestFind(t *testing.T) {
	d := layer.Digests{Tree: layer.Sum{1}, CRC64: 7, Size: 100}
	marked := func(int) string { return publisher.Describe("", d) }
	plain := func(int) string { return "by hand" }
	none := func(int) string { return "8" }
	only := func(numbers ...int) func(int) string {
		return func(n int) string {
			if slices.Contains(numbers, n) {
				return "7"
			}
			return "8"
		}
	}
	tests := []struct {
		name                   string
		crowd                  crowd
		found                  int64
		lists, gets, downloads int
	}{
		{"on the first page", crowd{versions: 250, describe: plain, crc: only(3, 70)}, 70, 3, 0, 0},
		{"on two pages", crowd{versions: 250, describe: plain, crc: only(3, 230)}, 230, 3, 0, 0},
		{"on two pages, the newest first", crowd{versions: 250, describe: plain, crc: only(3, 230), newest: true}, 230, 3, 0, 0},
		{"on the last page", crowd{versions: 250, describe: plain, crc: only(201)}, 201, 3, 0, 0},
		{"the newest first", crowd{versions: 250, describe: plain, crc: only(201), newest: true}, 201, 3, 0, 0},
		{"the oldest of all", crowd{versions: 250, describe: plain, crc: only(1), newest: true}, 1, 3, 0, 0},
		{"one page exactly", crowd{versions: 100, describe: plain, crc: none}, 0, 1, 0, 0},
		{"none", crowd{versions: 250, describe: plain, crc: none}, 0, 3, 0, 0},
		{"all marked", crowd{versions: 120, describe: marked, crc: none}, 0, 2, 0, 3},
		{"all marked, without addresses", crowd{versions: 120, describe: marked, crc: none, unlisted: true}, 0, 2, 3, 3},
		{"a page that comes again", crowd{versions: 5, describe: plain, crc: none, next: 1}, 0, 2, 0, 0},
		{"no list", crowd{body: `{}`}, 0, 1, 0, 0},
		{"null", crowd{body: `{"layers": null}`}, 0, 1, 0, 0},
	}
	each(t, func(t *testing.T, api string) {
		for _, test := range tests {
			c := test.crowd
			v, err := c.open(t, api).Find(t.Context(), "web", d)
			if v.Number != test.found || (err == nil) != (test.found > 0) || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: found version %d, error %v, want %d", test.name, v.Number, err, test.found)
			}
			if c.lists != test.lists || c.gets != test.gets || c.downloads != test.downloads {
				t.Errorf("%s: %d lists, %d gets, %d downloads, want %d, %d, %d", test.name, c.lists, c.gets, c.downloads, test.lists, test.gets, test.downloads)
			}
		}
	})
}

// TestAllPages: whatever the order of the pages is, the highest comes first in
// the list of versions, and the oldest in that of what would become public.
func TestAllPages(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		for _, newest := range []bool{false, true} {
			text := func(int) string { return "" }
			c := crowd{versions: 250, describe: text, crc: text, newest: newest}
			p := c.open(t, api)
			list, err := p.Versions(t.Context(), "web")
			if err != nil || len(list) != 250 {
				t.Fatalf("%d versions, error %v, want 250", len(list), err)
			}
			others, err := p.Widens(t.Context(), layer.Version{Name: "web"}, publisher.Sharing{Public: true})
			if err != nil || len(others) != 250 {
				t.Fatalf("%d others, error %v, want 250", len(others), err)
			}
			for i := range 250 {
				if list[i].Number != int64(250-i) || others[i] != int64(i+1) {
					t.Fatalf("at %d: version %d, other %d", i, list[i].Number, others[i])
				}
			}
		}
	})
}

// TestListThatIsNone: an answer that cannot be understood does not mean that
// there are no versions.
func TestListThatIsNone(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		for _, body := range []string{" ", "null", "<html>", `{"layers": 7}`, `{"layers": [null]}`, `{"layers": [{"description": "no number"}]}`} {
			c := crowd{body: body}
			_, err := c.open(t, api).Find(t.Context(), "web", layer.Digests{Size: 1})
			var f *layer.Fault
			if errors.Is(err, fs.ErrNotExist) || !errors.As(err, &f) || !f.Unknown || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: error is %v, want one to be repeated", body, err)
			}
		}
	})
}

// TestSizeCounts: the CRC-64 alone is not enough.
func TestSizeCounts(t *testing.T) {
	c := crowd{versions: 1, describe: func(int) string { return "" }, crc: func(int) string { return "7" }}
	_, err := c.open(t, fc.V3).Find(t.Context(), "web", layer.Digests{CRC64: 7, Size: 101})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want one that wraps fs.ErrNotExist", err)
	}
}
