package sample

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// Tar returns a sample as a tar.
func Tar(t testing.TB, files []File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.Path, Mode: int64(perm(f)), Typeflag: tar.TypeReg, Size: int64(len(f.Body))}
		switch {
		case f.Folder:
			h.Typeflag, h.Name = tar.TypeDir, f.Path+"/"
		case f.Target != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, f.Target
		case f.Hard != "":
			h.Typeflag, h.Linkname = tar.TypeLink, f.Hard
		}
		check(t, w.WriteHeader(h))
		_, err := io.WriteString(w, f.Body)
		check(t, err)
	}
	check(t, w.Close())
	return b.Bytes()
}

// Zip returns a sample as a zip. Hard links are left out.
func Zip(t testing.TB, files []File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		if f.Hard != "" {
			continue
		}
		h := &zip.FileHeader{Name: f.Path, Method: zip.Deflate}
		body := f.Body
		switch {
		case f.Folder:
			h.Name += "/"
			h.SetMode(fs.ModeDir | 0o755)
		case f.Target != "":
			body = f.Target
			h.SetMode(fs.ModeSymlink | 0o777)
		default:
			h.SetMode(perm(f))
		}
		e, err := w.CreateHeader(h)
		check(t, err)
		if !strings.HasSuffix(h.Name, "/") {
			_, err = io.WriteString(e, body)
			check(t, err)
		}
	}
	check(t, w.Close())
	return b.Bytes()
}

// Gzip compresses data.
func Gzip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	check(t, err)
	check(t, w.Close())
	return b.Bytes()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
