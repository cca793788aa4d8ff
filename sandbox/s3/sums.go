package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

// An algorithm is one of the checksums that S3 knows, see "Checking object
// integrity" in the S3 user guide.
type algorithm struct {
	// name is how headers and XML spell it, "SHA256".
	name string
	// full and composite say what a multipart upload can have of it: a sum
	// of the object's bytes, or a sum of the parts' sums.
	full, composite bool
	make            func() hash.Hash
}

// nvmePolynomial is CRC-64/NVME's, bit-reversed as [crc64.MakeTable] wants it.
const nvmePolynomial = 0x9a6c9329ac4bc9b5

func algorithms() []algorithm {
	return []algorithm{
		{"CRC32", true, true, func() hash.Hash { return crc32.NewIEEE() }},
		{"CRC32C", true, true, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
		{"CRC64NVME", true, false, func() hash.Hash { return crc64.New(crc64.MakeTable(nvmePolynomial)) }},
		{"SHA1", false, true, sha1.New},
		{"SHA256", false, true, sha256.New},
	}
}

// algorithmNamed looks an algorithm up, in any case.
func algorithmNamed(name string) (algorithm, error) {
	for _, a := range algorithms() {
		if strings.EqualFold(a.name, name) {
			return a, nil
		}
	}
	return algorithm{}, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the " +
		"valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
}

// header is the lower-case name of the header with the algorithm's sum.
func (a algorithm) header() string { return "x-amz-checksum-" + strings.ToLower(a.name) }

// defaultKind is the checksum type of a multipart upload that names none.
func (a algorithm) defaultKind() string {
	if a.composite {
		return composite
	}
	return fullObject
}

// The checksum types.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// defaultAlgorithm is what S3 computes when the client names none, since the
// end of 2024.
const defaultAlgorithm = "CRC64NVME"

// A sum is the checksum of an object or a part.
type sum struct {
	// Algorithm and Kind are as the API spells them; Value is base64, with
	// "-N" behind it when it is a composite of N parts.
	Algorithm string `json:"algorithm"`
	Kind      string `json:"type"`
	Value     string `json:"value"`
}

func encode(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// A wish is the checksum that a client asks for and, if it computed it, the
// value that the bytes must have.
type wish struct {
	algorithm algorithm
	// named says that the client chose the algorithm.
	named bool
	// value is base64; it is in the trailer when trailing is set.
	value    string
	trailing bool
}

// wished reads the checksum headers of a request that carries a body.
func wished(h http.Header) (wish, error) {
	var found []wish
	for _, a := range algorithms() {
		if value := h.Get(a.header()); value != "" {
			if err := checkValue(a, value); err != nil {
				return wish{}, err
			}
			found = append(found, wish{algorithm: a, named: true, value: value})
		}
		if strings.EqualFold(strings.TrimSpace(h.Get("X-Amz-Trailer")), a.header()) {
			found = append(found, wish{algorithm: a, named: true, trailing: true})
		}
	}
	switch {
	case len(found) > 1:
		return wish{}, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	case h.Get("X-Amz-Trailer") != "" && (len(found) == 0 || !found[0].trailing):
		return wish{}, invalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	if name := h.Get("X-Amz-Sdk-Checksum-Algorithm"); name != "" {
		a, err := algorithmNamed(name)
		if err != nil {
			return wish{}, err
		}
		if len(found) == 0 {
			return wish{}, invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding " +
				"x-amz-checksum-* or x-amz-trailer headers were found.")
		}
		if a.name != found[0].algorithm.name {
			return wish{}, invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	a, err := algorithmNamed(defaultAlgorithm)
	return wish{algorithm: a}, err
}

// checkValue refuses a sum that is no base64 or has another length.
func checkValue(a algorithm, value string) error {
	b, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(b) != a.make().Size() {
		return invalidRequest("Value for %s header is invalid.", a.header())
	}
	return nil
}
