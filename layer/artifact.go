package layer

import "strconv"

// Digests are what is known of a finished zip.
type Digests struct {
	// Tree is the digest of the content, see [TreeDigest].
	Tree Sum
	// SHA256, CRC64 and CRC64NVME are of the zip's bytes. CRC64 is CRC-64/XZ
	// (Go's crc64.ECMA), which FC, OSS and COS call CRC-64-ECMA and spell in
	// decimal; CRC64NVME is the polynomial that S3 knows.
	SHA256    Sum
	CRC64     uint64
	CRC64NVME uint64
	// Size is the zip's length in bytes.
	Size int64
}

// CRC64Text returns the CRC-64 as an unsigned decimal string, as OSS, COS and
// Function Compute spell it.
func (d Digests) CRC64Text() string { return strconv.FormatUint(d.CRC64, 10) }

// Packing says how a zip was packed: everything besides the tree that its
// bytes depend on.
type Packing struct {
	// Compressor names the encoder and the format number that its bytes
	// depend on, such as "klauspost-1.20.3".
	Compressor string
	// Level is the deflate level, 1 to 9.
	Level int
	// Epoch is the time of every entry, in seconds since 1970, 0 for
	// 1980-01-01, the earliest time that a zip can hold.
	Epoch int64
}

// An Artifact is a finished zip on disk, with its digests.
type Artifact struct {
	// Path is where the zip lies.
	Path    string
	Digests Digests
	Packing Packing
	// Unzipped is the sum of the entries' sizes in bytes.
	Unzipped int64
	// Entries are sorted bytewise by path.
	Entries []Listed
}
