package packager_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// A rawZip is a zip taken apart by the book (APPNOTE 4.3), without archive/zip,
// so that a test sees every field as it is on disk.
type rawZip struct {
	entries []rawEntry
	// end has the end records as they are.
	end                    []byte
	zip64                  bool
	records, size, offset  uint64
	endRecords             uint16
	endSize, endOffset     uint32
	comment                string
	zip64MadeBy, zip64Need uint16
}

// A rawEntry is a local header and its directory header.
type rawEntry struct {
	local, central rawHeader
	packed         []byte
}

type rawHeader struct {
	madeBy, needs, flags, method, time, date uint16
	crc, packed, size                        uint32
	name                                     string
	extra                                    []byte
	comment                                  string
	disk, internal                           uint16
	external, offset                         uint32
}

// A cursor reads little-endian numbers.
type cursor struct {
	t    testing.TB
	data []byte
	at   int
}

func (c *cursor) bytes(n int) []byte {
	c.t.Helper()
	if n < 0 || c.at+n > len(c.data) {
		c.t.Fatalf("the zip ends at %d, %d bytes from %d are wanted", len(c.data), n, c.at)
	}
	c.at += n
	return c.data[c.at-n : c.at]
}

func (c *cursor) u16() uint16 { return binary.LittleEndian.Uint16(c.bytes(2)) }
func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.bytes(4)) }
func (c *cursor) u64() uint64 { return binary.LittleEndian.Uint64(c.bytes(8)) }

func (c *cursor) signature(want uint32) bool {
	if c.at+4 <= len(c.data) && binary.LittleEndian.Uint32(c.data[c.at:]) == want {
		c.at += 4
		return true
	}
	return false
}

// takeApart reads a zip front to back and fails at any byte that belongs to
// nothing.
func takeApart(t testing.TB, data []byte) rawZip {
	t.Helper()
	var z rawZip
	c := &cursor{t: t, data: data}
	offsets := []int{}
	for at := c.at; c.signature(0x04034b50); at = c.at {
		var h rawHeader
		h.needs, h.flags, h.method, h.time, h.date = c.u16(), c.u16(), c.u16(), c.u16(), c.u16()
		h.crc, h.packed, h.size = c.u32(), c.u32(), c.u32()
		name, extra := int(c.u16()), int(c.u16())
		h.name, h.extra = string(c.bytes(name)), c.bytes(extra)
		offsets = append(offsets, at)
		z.entries = append(z.entries, rawEntry{local: h, packed: c.bytes(int(h.packed))})
	}
	directory := c.at
	for i := 0; c.signature(0x02014b50); i++ {
		if i == len(z.entries) {
			t.Fatalf("the directory has more than %d entries", i)
		}
		var h rawHeader
		h.madeBy, h.needs, h.flags, h.method, h.time, h.date = c.u16(), c.u16(), c.u16(), c.u16(), c.u16(), c.u16()
		h.crc, h.packed, h.size = c.u32(), c.u32(), c.u32()
		name, extra, comment := int(c.u16()), int(c.u16()), int(c.u16())
		h.disk, h.internal, h.external, h.offset = c.u16(), c.u16(), c.u32(), c.u32()
		h.name, h.extra, h.comment = string(c.bytes(name)), c.bytes(extra), string(c.bytes(comment))
		z.entries[i].central = h
		if int(h.offset) != offsets[i] {
			t.Errorf("%q: the directory points to %d, the entry is at %d", h.name, h.offset, offsets[i])
		}
	}
	end := c.at
	if c.signature(0x06064b50) {
		z.zip64 = true
		c.u64()
		z.zip64MadeBy, z.zip64Need = c.u16(), c.u16()
		c.u32()
		c.u32()
		z.records, _, z.size, z.offset = c.u64(), c.u64(), c.u64(), c.u64()
		if !c.signature(0x07064b50) {
			t.Fatal("no zip64 locator")
		}
		c.bytes(16)
	}
	if !c.signature(0x06054b50) {
		t.Fatalf("bytes at %d belong to nothing: %x", c.at, data[c.at:min(len(data), c.at+16)])
	}
	c.u16()
	c.u16()
	z.endRecords, _, z.endSize, z.endOffset = c.u16(), c.u16(), c.u32(), c.u32()
	z.comment = string(c.bytes(int(c.u16())))
	z.end = data[end:c.at]
	if !z.zip64 {
		z.records, z.size, z.offset = uint64(z.endRecords), uint64(z.endSize), uint64(z.endOffset)
	}
	if c.at != len(data) {
		t.Errorf("%d bytes follow the end", len(data)-c.at)
	}
	if int(z.records) != len(z.entries) || int(z.offset) != directory || int(z.size) != end-directory {
		t.Errorf("the end tells %d entries and a directory of %d bytes at %d, found are %d, %d at %d",
			z.records, z.size, z.offset, len(z.entries), end-directory, directory)
	}
	return z
}

// String lists every field, for golden files and people.
func (z rawZip) String() string {
	var b strings.Builder
	for i, e := range z.entries {
		l, c := e.local, e.central
		fmt.Fprintf(&b, "entry %d %q\n", i, l.name)
		fmt.Fprintf(&b, "  local    needs %d flags %#04x method %d time %#04x date %#04x crc32 %08x packed %d size %d extra %x\n",
			l.needs, l.flags, l.method, l.time, l.date, l.crc, l.packed, l.size, l.extra)
		fmt.Fprintf(&b, "  central  made by %#04x needs %d flags %#04x method %d time %#04x date %#04x crc32 %08x packed %d size %d extra %x\n",
			c.madeBy, c.needs, c.flags, c.method, c.time, c.date, c.crc, c.packed, c.size, c.extra)
		fmt.Fprintf(&b, "           name %q comment %q disk %d internal %d external %08x offset %d\n", c.name, c.comment, c.disk, c.internal, c.external, c.offset)
		fmt.Fprintf(&b, "  packed   sha256 %.16s\n", sum(e.packed))
	}
	fmt.Fprintf(&b, "end %x\n", z.end)
	return b.String()
}
