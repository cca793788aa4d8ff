package objects_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/objects"
)

var here = objects.Place{Account: "me", Region: "here", Bucket: "bucket"}

func open(t interface{ Fatal(...any) }, dir string, strict bool) *objects.Store {
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := objects.New(objects.Options{Folder: folder, Clock: time.Now, Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func receive(t interface{ Fatal(...any) }, s *objects.Store, body string) *objects.Body {
	b, err := s.Receive(strings.NewReader(body), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t interface{ Fatal(...any) }, s *objects.Store, key string) (objects.Object, string) {
	o, file, err := s.Open(here, key)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return o, string(b)
}

// blobs counts what is on disk for objects and parts, and what is in the
// scratch space.
func blobs(t *testing.T, dir string) (kept, scratch int) {
	t.Helper()
	for name, n := range map[string]*int{"blobs": &kept, "tmp": &scratch} {
		entries, err := os.ReadDir(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		*n = len(entries)
	}
	return kept, scratch
}

func TestReceive(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, false)
	b := receive(t, s, "123456789")
	if b.Size != 9 || b.Sum() != "11051210869376104954" || b.MD5 != md5.Sum([]byte("123456789")) {
		t.Errorf("body is %+v", b)
	}
	b.Discard()
	b.Discard()
	if b, err := s.Receive(strings.NewReader("too much"), 3); err != nil || b.Size != 4 {
		t.Errorf("body is %+v, %v", b, err)
	} else {
		b.Discard()
	}
	if _, err := s.Receive(io.MultiReader(strings.NewReader("cut"), failing{}), 100); !errors.Is(err, errFailing) {
		t.Errorf("error is %v", err)
	}
	if kept, scratch := blobs(t, dir); kept != 0 || scratch != 0 {
		t.Errorf("%d blobs and %d scratch files are left", kept, scratch)
	}
}

var errFailing = errors.New("failing")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errFailing }

func TestPlaces(t *testing.T) {
	s := open(t, t.TempDir(), false)
	place := func(account, region, bucket string, existing bool) objects.Place {
		return objects.Place{Account: account, Region: region, Bucket: bucket, Existing: existing}
	}
	for _, v := range []struct {
		at   objects.Place
		want error
	}{
		{place("me", "here", "bucket", true), objects.ErrNoBucket},
		{place("me", "here", "bucket", false), nil},
		{place("me", "", "bucket", true), nil},
		{place("you", "here", "bucket", false), objects.ErrDenied},
		{place("me", "there", "bucket", false), &objects.Elsewhere{Region: "here"}},
		{place("me", "here", "missing-x", false), objects.ErrNoBucket},
		{place("me", "here", "denied-x", false), objects.ErrDenied},
	} {
		_, err := s.Enter(v.at)
		if fmt.Sprint(err) != fmt.Sprint(v.want) {
			t.Errorf("%+v: %v, want %v", v.at, err, v.want)
		}
	}
	strict := open(t, t.TempDir(), true)
	if _, err := strict.Enter(here); !errors.Is(err, objects.ErrNoBucket) {
		t.Errorf("error is %v", err)
	}
	if _, err := strict.Make(here); err != nil {
		t.Error(err)
	}
	if b, err := strict.Make(here); !errors.Is(err, objects.ErrOwned) || b.Region != "here" {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := strict.Enter(here); err != nil {
		t.Error(err)
	}
}

// TestModel puts, deletes, lists and restarts at random and compares with a
// map.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "objects")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := open(t, dir, false)
		model := map[string]string{}
		key := rapid.SampledFrom([]string{"a", "a/b", "a/b/c", "a/c", "b", "ü", "..", "a b"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, body, create := key.Draw(t, "key"), rapid.String().Draw(t, "body"), rapid.Bool().Draw(t, "create")
				b := receive(t, s, body)
				defer b.Discard()
				_, there := model[k]
				o, err := s.Put(here, k, b, nil, create)
				if create && there {
					if !errors.Is(err, objects.ErrExists) {
						t.Fatalf("error is %v", err)
					}
					return
				}
				if err != nil || o.ETag != fmt.Sprintf("%x", md5.Sum([]byte(body))) || o.CRC != crc64.Checksum([]byte(body), crc64.MakeTable(crc64.ECMA)) {
					t.Fatalf("%+v, %v", o, err)
				}
				model[k] = body
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				_, there := model[k]
				if err := s.Delete(here, k); there != (err == nil) || !there && !errors.Is(err, objects.ErrNoKey) && !errors.Is(err, objects.ErrNoBucket) {
					t.Fatalf("error is %v", err)
				}
				delete(model, k)
			},
			"restart": func(t *rapid.T) { s = open(t, dir, false) },
			"list": func(t *rapid.T) {
				q := objects.Query{
					Prefix:    rapid.SampledFrom([]string{"", "a", "a/", "z"}).Draw(t, "prefix"),
					Delimiter: rapid.SampledFrom([]string{"", "/"}).Draw(t, "delimiter"),
					Limit:     rapid.IntRange(1, 4).Draw(t, "limit"),
				}
				var got []string
				for {
					page, err := s.List(here, q)
					if err != nil || len(page.Items) > q.Limit {
						t.Fatalf("%d items, %v", len(page.Items), err)
					}
					for _, item := range page.Items {
						got = append(got, item.Name)
						if item.Object != nil && item.Object.Size != int64(len(model[item.Name])) {
							t.Fatalf("%+v", item.Object)
						}
					}
					if !page.More {
						break
					}
					q.After = page.Last()
				}
				if want := listing(model, q); !slices.Equal(got, want) {
					t.Fatalf("%+v: %q, want %q", q, got, want)
				}
			},
			"get": func(t *rapid.T) {
				k := key.Draw(t, "key")
				if _, there := model[k]; !there {
					t.Skip("nothing to read")
				}
				if o, got := read(t, s, k); got != model[k] || o.Key != k {
					t.Fatalf("%q is %q, want %q", k, got, model[k])
				}
			},
		})
	})
}

// listing is what a listing of all pages has, computed in the plainest way.
func listing(model map[string]string, q objects.Query) []string {
	names := map[string]bool{}
	for key := range model {
		if !strings.HasPrefix(key, q.Prefix) {
			continue
		}
		name := key
		if i := strings.Index(key[len(q.Prefix):], q.Delimiter); q.Delimiter != "" && i >= 0 {
			name = key[:len(q.Prefix)+i+len(q.Delimiter)]
		}
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// TestNothingIsLeft: whatever is replaced, deleted, aborted or left behind by
// a process that was killed does not stay on disk.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, false)
	put := func(key, body string) {
		b := receive(t, s, body)
		defer b.Discard()
		if _, err := s.Put(here, key, b, nil, false); err != nil {
			t.Fatal(err)
		}
	}
	put("k", "one")
	put("k", "two")
	put("gone", "x")
	if err := s.Discard("bucket", "gone"); err != nil {
		t.Fatal(err)
	}
	aborted := begin(t, s, "a", "x", "x")
	if err := s.Abort(here, "a", aborted); err != nil {
		t.Fatal(err)
	}
	pending := begin(t, s, "o", "part", "part again")
	if kept, scratch := blobs(t, dir); kept != 2 || scratch != 0 {
		t.Errorf("%d blobs and %d scratch files", kept, scratch)
	}
	receive(t, s, "never put anywhere")
	if err := os.WriteFile(filepath.Join(dir, "blobs", "orphan"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, false)
	if kept, scratch := blobs(t, dir); kept != 2 || scratch != 0 {
		t.Errorf("%d blobs and %d scratch files after a restart", kept, scratch)
	}
	if _, parts, err := s.Parts(here, "o", pending); err != nil || len(parts) != 1 || parts[0].Size != int64(len("part again")) {
		t.Errorf("parts are %+v, %v", parts, err)
	}
}

// begin starts an upload and sends part 1 as often as there are bodies.
func begin(t *testing.T, s *objects.Store, key string, bodies ...string) string {
	t.Helper()
	u, err := s.Begin(here, key, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		b := receive(t, s, body)
		defer b.Discard()
		if _, err := s.AddPart(here, key, u.ID, 1, b); err != nil {
			t.Fatal(err)
		}
	}
	return u.ID
}

// TestCompleteFails: an upload whose bytes cannot be read stays what it was,
// and can be completed when they can.
func TestCompleteFails(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, false)
	id := begin(t, s, "k", "body")
	_, parts, err := s.Parts(here, "k", id)
	if err != nil {
		t.Fatal(err)
	}
	blob := filepath.Join(dir, "blobs", parts[0].Blob)
	if err := os.Rename(blob, blob+".away"); err != nil {
		t.Fatal(err)
	}
	c := objects.Completion{Key: "k", ID: id, Parts: []objects.Listed{{Number: 1, ETag: parts[0].ETag}}}
	if _, err := s.Complete(here, c); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("error is %v", err)
	}
	if _, scratch := blobs(t, dir); scratch != 0 {
		t.Errorf("%d scratch files are left", scratch)
	}
	if err := os.Rename(blob+".away", blob); err != nil {
		t.Fatal(err)
	}
	if o, err := s.Complete(here, c); err != nil || o.Size != 4 || !o.Multipart || !strings.HasSuffix(o.ETag, "-1") {
		t.Errorf("%+v, %v", o, err)
	}
	if _, body := read(t, s, "k"); body != "body" {
		t.Errorf("object is %q", body)
	}
}

// TestOpenOutlives: a reader has the object as it was, whatever becomes of it.
func TestOpenOutlives(t *testing.T) {
	s := open(t, t.TempDir(), false)
	b := receive(t, s, "first")
	if _, err := s.Put(here, "k", b, nil, false); err != nil {
		t.Fatal(err)
	}
	_, file, err := s.Open(here, "k")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := s.Delete(here, "k"); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(file); err != nil || got.String() != "first" {
		t.Errorf("%q, %v", got.String(), err)
	}
}
