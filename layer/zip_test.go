package layer

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"testing"
	"time"
)

func pack(t testing.TB, method uint16, made uint16, entries ...[2]string) *zip.Reader {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e[0], Method: method, Modified: time.Unix(1e9, 0)}
		h.SetMode(0o644)
		if e[1] == "link" {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		h.CreatorVersion = made<<8 | 20
		f, err := w.CreateHeader(h)
		if err == nil && e[1] != "" {
			_, err = f.Write([]byte(e[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestListZip(t *testing.T) {
	got, err := ListZip(pack(t, zip.Store, 3, [2]string{"b", "bb"}, [2]string{"a/", ""}, [2]string{"a/b", "link"}, [2]string{"a.b", ""}), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []Listed{
		{Path: "a.b", Mode: Regular, SHA256: sha256.Sum256(nil), Stored: true},
		{Path: "a/b", Mode: Symlink, SHA256: sha256.Sum256([]byte("link")), Size: 4, Packed: 4, Stored: true},
		{Path: "b", Mode: Regular, SHA256: sha256.Sum256([]byte("bb")), Size: 2, Packed: 2, Stored: true},
	}
	if len(got) != len(want) {
		t.Fatalf("listed %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

// TestListZipPacking: the tree digest sees neither order nor compression.
func TestListZipPacking(t *testing.T) {
	a, errA := ListZip(pack(t, zip.Store, 3, [2]string{"a", "aaaaaaaaaaaaaaaaaaaa"}, [2]string{"b", "b"}), 100)
	b, errB := ListZip(pack(t, zip.Deflate, 3, [2]string{"b", "b"}, [2]string{"a", "aaaaaaaaaaaaaaaaaaaa"}), 100)
	if errA != nil || errB != nil || TreeDigest(a) != TreeDigest(b) {
		t.Errorf("digests are %s and %s, errors %v, %v", TreeDigest(a), TreeDigest(b), errA, errB)
	}
	c, err := ListZip(pack(t, zip.Deflate, 0, [2]string{"b", "b"}, [2]string{"a", "aaaaaaaaaaaaaaaaaaaa"}), 100)
	if err != nil || c[0].Mode != 0 || TreeDigest(c) == TreeDigest(a) {
		t.Errorf("a zip that was not made on Unix is listed as %+v, error %v", c, err)
	}
}

func TestListZipLimit(t *testing.T) {
	r := pack(t, zip.Deflate, 3, [2]string{"a", "12345"}, [2]string{"b", "12345"})
	if _, err := ListZip(r, 10); err != nil {
		t.Error(err)
	}
	if _, err := ListZip(r, 9); !errors.Is(err, ErrLimit) {
		t.Errorf("error is %v, want one that wraps ErrLimit", err)
	}
	// An entry that says less than it has.
	r.File[0].UncompressedSize64 = 1
	if _, err := ListZip(r, 9); err == nil || errors.Is(err, ErrLimit) {
		t.Errorf("error is %v, want one about the format", err)
	}
	// Sizes that overflow when they are added.
	r.File[0].UncompressedSize64, r.File[1].UncompressedSize64 = 1, ^uint64(0)
	r.File[0], r.File[1] = r.File[1], r.File[0]
	if _, err := ListZip(r, 9); !errors.Is(err, ErrLimit) {
		t.Errorf("error is %v, want one that wraps ErrLimit", err)
	}
}

func FuzzListZip(f *testing.F) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		var buf bytes.Buffer
		w := zip.NewWriter(&buf)
		h := &zip.FileHeader{Name: "python/a.py", Method: method}
		if e, err := w.CreateHeader(h); err == nil {
			_, _ = e.Write(bytes.Repeat([]byte("a"), 100))
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes())
	}
	f.Add([]byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		const limit = 1 << 20
		list, err := ListZip(r, limit)
		if err != nil {
			return
		}
		var total int64
		for i, e := range list {
			total += e.Size
			if i > 0 && list[i-1].Path > e.Path {
				t.Errorf("%q stands before %q", list[i-1].Path, e.Path)
			}
		}
		if total > limit {
			t.Errorf("%d bytes were listed, the limit is %d", total, limit)
		}
	})
}
