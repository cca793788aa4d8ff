package packager_test

import (
	"archive/zip"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// The whole of the format, field by field, as docs/format.md has it.
func TestHeaders(t *testing.T) {
	tr := everyKind()
	a := pack(t, tr, packager.Options{Epoch: 1000000001})
	z := takeApart(t, read(t, a.Path))
	if len(z.entries) != len(tr.Entries) {
		t.Fatalf("%d entries, want %d", len(z.entries), len(tr.Entries))
	}
	for i, e := range tr.Entries {
		l, packed := a.Entries[i], z.entries[i].packed
		want := rawHeader{
			needs:  20,
			method: zip.Deflate,
			// 2001-09-09 01:46:40
			time: 1<<11 | 46<<5 | 20, date: 21<<9 | 9<<5 | 9,
			packed: uint32(l.Packed), size: uint32(e.Size),
			name: e.Path,
		}
		if l.Stored {
			want.method = zip.Store
		}
		if e.Path == "naïve/文件 ✓.txt" {
			want.flags = 0x800
		}
		got := z.entries[i]
		want.crc = got.local.crc // archive/zip checks it where contents are compared
		equalHeaders(t, "local", want, got.local)

		want.madeBy = 0x0314
		want.external = map[layer.Mode]uint32{
			layer.Regular: 0o100644 << 16, layer.Executable: 0o100755 << 16, layer.Symlink: 0o120777 << 16,
		}[e.Mode]
		want.offset = got.central.offset // compared with the place by takeApart
		equalHeaders(t, "central", want, got.central)
		if int64(len(packed)) != l.Packed {
			t.Errorf("%q: %d bytes packed, listed are %d", e.Path, len(packed), l.Packed)
		}
	}
	if z.zip64 || z.comment != "" {
		t.Errorf("zip64 %v, comment %q", z.zip64, z.comment)
	}
}

func equalHeaders(t *testing.T, which string, want, got rawHeader) {
	t.Helper()
	if len(got.extra) > 0 {
		t.Errorf("%s header of %q has an extra field %x", which, want.name, got.extra)
	}
	want.extra, got.extra = nil, nil
	if g, w := (rawZip{entries: []rawEntry{{local: got}}}).String(), (rawZip{entries: []rawEntry{{local: want}}}).String(); g != w {
		t.Errorf("%s header\n%swant\n%s", which, g, w)
	}
	if got.madeBy != want.madeBy || got.external != want.external || got.comment != "" || got.disk != 0 || got.internal != 0 {
		t.Errorf("%s header of %q: %+v, want %+v", which, want.name, got, want)
	}
}

func TestEmptyTreeIsTheEmptyZip(t *testing.T) {
	a := pack(t, layer.Tree{}, packager.Options{})
	if want := "PK\x05\x06" + string(make([]byte, 18)); string(read(t, a.Path)) != want {
		t.Errorf("it is %x", read(t, a.Path))
	}
	// The value that the empty zip is known by on the clouds.
	if got := a.Digests.CRC64Text(); got != "2220831586920633690" {
		t.Errorf("CRC-64 is %s", got)
	}
}

func TestMoreEntriesThanTheEndRecordCanCount(t *testing.T) {
	entries := make([]layer.Entry, 0, 66_000)
	for i := range cap(entries) {
		path := []byte("00000000")
		for j, n := 7, i; n > 0; j, n = j-1, n/10 {
			path[j] += byte(n % 10)
		}
		entries = append(entries, file(string(path), path[:i%100/99]))
	}
	a := pack(t, layer.Tree{Entries: entries}, packager.Options{Level: 1, Memory: 1 << 20})
	z := takeApart(t, read(t, a.Path))
	if !z.zip64 || z.records != 66_000 || z.endRecords != 0xffff || z.endSize != 0xffffffff || z.endOffset != 0xffffffff {
		t.Errorf("end records: zip64 %v, %d records, end tells %d, %d at %d", z.zip64, z.records, z.endRecords, z.endSize, z.endOffset)
	}
	for _, e := range z.entries {
		if e.local.needs != 20 || len(e.central.extra) != 0 {
			t.Fatalf("%q needs %d, extra %x: no entry needs zip64", e.local.name, e.local.needs, e.central.extra)
		}
	}
	c, err := packager.Read(t.Context(), a.Path, packager.Limits{})
	if err != nil || c.Artifact.Digests != a.Digests {
		t.Errorf("read back: %v, %+v; want %+v", err, c.Artifact.Digests, a.Digests)
	}
}
