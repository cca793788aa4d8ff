package s3

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// S3 spells every checksum as the base64 of its big-endian bytes.

func base64CRC(n uint64) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, n))
}

// hexSum returns "" for what is not a checksum of 32 bytes.
func hexSum(text *string) string {
	if b := raw(text, 32); b != nil {
		return hex.EncodeToString(b)
	}
	return ""
}

// decimalSum returns "" for what is not a checksum of 8 bytes.
func decimalSum(text *string) string {
	if b := raw(text, 8); b != nil {
		return strconv.FormatUint(binary.BigEndian.Uint64(b), 10)
	}
	return ""
}

func raw(text *string, size int) []byte {
	if text == nil {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(*text)
	if err != nil || len(b) != size {
		return nil
	}
	return b
}
