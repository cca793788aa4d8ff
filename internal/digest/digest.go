// Package digest computes everything that the clouds may say about the bytes
// of a zip, in one pass.
package digest

import (
	"crypto/sha256"
	"hash"
	"hash/crc64"

	"github.com/layerbuild/layerbuild/layer"
)

// nvme is the polynomial of CRC-64/NVME, reversed as hash/crc64 wants it: NVM
// Express NVM Command Set Specification, section 5.2.1.3.4.
const nvme = 0x9a6c9329ac4bc9b5

// A Hash is an [io.Writer] that never fails.
type Hash struct {
	sha                  hash.Hash
	ecma, nvme           uint64
	size                 int64
	ecmaTable, nvmeTable *crc64.Table
}

// New returns the hash of nothing.
func New() *Hash {
	return &Hash{sha: sha256.New(), ecmaTable: crc64.MakeTable(crc64.ECMA), nvmeTable: crc64.MakeTable(nvme)}
}

func (h *Hash) Write(p []byte) (int, error) {
	h.sha.Write(p)
	h.ecma = crc64.Update(h.ecma, h.ecmaTable, p)
	h.nvme = crc64.Update(h.nvme, h.nvmeTable, p)
	h.size += int64(len(p))
	return len(p), nil
}

// Digests returns the digests of what was written so far. The tree digest, of
// the zip's content, is not among them.
func (h *Hash) Digests() layer.Digests {
	return layer.Digests{SHA256: layer.Sum(h.sha.Sum(nil)), CRC64: h.ecma, CRC64NVME: h.nvme, Size: h.size}
}
