package packager

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
)

// Entries beyond 4 GiB have zip64's extra field and say that they need it. The
// gigabytes before them are a hole in the file.
func TestOffsetsBeyondFourGigabytes(t *testing.T) {
	const hole = 1<<32 - 40
	contents := []string{"before", "across", "after"}
	path := filepath.Join(t.TempDir(), "sparse.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(hole, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	stamp, _ := newDOSTime(0)
	a := newArchive(f, len(contents), stamp)
	a.zip.SetOffset(hole)
	a.offset = hole
	for _, c := range contents {
		l := layer.Listed{Path: c, Mode: layer.Regular, Size: int64(len(c)), Packed: int64(len(c)), Stored: true}
		w, err := a.add(l, crc32.ChecksumIEEE([]byte(c)))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, c)
	}
	if err := a.finish(); err != nil {
		t.Fatal(err)
	}

	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for i, c := range contents {
		f := z.File[i]
		needs, extra := uint16(20), 0
		if i > 0 {
			needs, extra = 45, 28
		}
		if f.ReaderVersion != needs || len(f.Extra) != extra || f.CreatorVersion != 0x0314 {
			t.Errorf("%q: needs %d, made by %#x, extra %x; want %d and %d bytes", c, f.ReaderVersion, f.CreatorVersion, f.Extra, needs, extra)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != c {
			t.Errorf("%q comes back as %q, %v", c, got, err)
		}
	}

	// Another reader's opinion.
	python := testenv.Need(t, "python3")[0]
	out, err := exec.CommandContext(t.Context(), python, "-c", `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for i in z.infolist(): print(i.filename, z.read(i).decode(), i.extract_version)`, path).CombinedOutput()
	if want := "before before 20\nacross across 45\nafter after 45\n"; err != nil || string(out) != want {
		t.Errorf("python: %v\n%s", err, out)
	}
}

func TestDOSTime(t *testing.T) {
	for _, test := range []struct {
		epoch      int64
		date, time uint16
		even       int64
	}{
		{0, 1<<5 | 1, 0, 0},
		{315532800, 1<<5 | 1, 0, 0},
		{315532801, 1<<5 | 1, 0, 0},
		{315532802, 1<<5 | 1, 1, 315532802},
		{951782399, 20<<9 | 2<<5 | 28, 23<<11 | 59<<5 | 29, 951782398}, // the last second before a leap day
		{951782400, 20<<9 | 2<<5 | 29, 0, 951782400},
		{4354819198, 127<<9 | 12<<5 | 31, 23<<11 | 59<<5 | 29, 4354819198},
		{4354819199, 127<<9 | 12<<5 | 31, 23<<11 | 59<<5 | 29, 4354819198},
	} {
		got, err := newDOSTime(test.epoch)
		if err != nil || got != (dosTime{test.date, test.time}) {
			t.Errorf("epoch %d is %#04x %#04x, %v; want %#04x %#04x", test.epoch, got.date, got.time, err, test.date, test.time)
		}
		if got := evenEpoch(test.epoch); got != test.even {
			t.Errorf("epoch %d is kept as %d, want %d", test.epoch, got, test.even)
		}
	}
}

func TestDigesterWhateverTheWrites(t *testing.T) {
	var content []byte
	var passed bytes.Buffer
	d := newDigester(&passed)
	for i, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 0, 5*chunkSize + 7, 3} {
		p := bytes.Repeat([]byte(strconv.Itoa(i)), n)
		content = append(content, p...)
		if written, err := d.Write(p); written != len(p) || err != nil {
			t.Fatalf("wrote %d, %v", written, err)
		}
		clear(p) // the digester has a copy
	}
	got, err := d.finish()
	if err != nil || !bytes.Equal(passed.Bytes(), content) {
		t.Fatalf("%d of %d bytes passed, %v", passed.Len(), len(content), err)
	}
	again := newDigester(io.Discard)
	again.Write(content)
	if want, _ := again.finish(); got != want || got.Size != int64(len(content)) {
		t.Errorf("digests %+v, in one write %+v", got, want)
	}
}

// The check values of the catalogue of CRCs, and SHA-256 of FIPS 180-2.
func TestDigesterKnowsTheCheckValues(t *testing.T) {
	d := newDigester(io.Discard)
	io.WriteString(d, "123456789")
	got, _ := d.finish()
	if got.CRC64 != 0x995dc9bbdf1939fa || got.CRC64Text() != "11051210869376104954" || got.CRC64NVME != 0xae8b14860a799888 {
		t.Errorf("CRC-64 %#x, NVME %#x", got.CRC64, got.CRC64NVME)
	}
	d = newDigester(io.Discard)
	io.WriteString(d, "abc")
	if got, _ := d.finish(); got.SHA256.String() != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("SHA-256 %v", got.SHA256)
	}
}
