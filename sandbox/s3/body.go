package s3

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// maxObject is the most that one request can carry, 5 GiB.
const maxObject = 5 << 30

// A payload is a body that was received whole and found to be what the
// request said of it. It lies in the scratch space until it is kept.
type payload struct {
	path string
	size int64
	// md5 is hexadecimal.
	md5 string
	sum sum
}

// receive streams the body of a request to disk and holds it against every
// promise that the request makes: length, MD5, SHA-256, checksum, chunk
// signatures. Nothing is left behind when it fails.
func (s *Service) receive(x *exchange, want wish) (payload, error) {
	size, err := announced(x)
	if err != nil {
		return payload{}, err
	}
	contentMD5, err := announcedMD5(x.r.Header)
	if err != nil {
		return payload{}, err
	}
	body, trailer, err := x.plainBody()
	if err != nil {
		return payload{}, chunkFailure(x, err)
	}
	file, err := s.o.Folder.Temp()
	if err != nil {
		return payload{}, err
	}
	p := payload{path: file.Name()}
	sums := map[string]hash.Hash{"md5": md5.New(), "want": want.algorithm.make()}
	if hexSum.MatchString(x.payload) {
		sums["sha256"] = sha256.New()
	}
	writers := []io.Writer{file}
	for _, h := range sums {
		writers = append(writers, h)
	}
	p.size, err = io.Copy(io.MultiWriter(writers...), io.LimitReader(body, size+1))
	if err = errors.Join(chunkFailure(x, err), file.Close()); err == nil {
		p.md5 = hex.EncodeToString(sums["md5"].Sum(nil))
		p.sum = sum{Algorithm: want.algorithm.name, Kind: fullObject, Value: encode(sums["want"])}
		err = p.check(x, size, contentMD5, sums["sha256"], want, trailer)
	}
	if err != nil {
		os.Remove(p.path)
		return payload{}, err
	}
	return p, nil
}

// announced returns the length of the payload as the request gives it.
func announced(x *exchange) (int64, error) {
	size := x.r.ContentLength
	if x.streaming() {
		n, err := strconv.ParseInt(x.r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil {
			n = -1
		}
		size = n
	}
	switch {
	case size < 0 && len(x.r.TransferEncoding) > 0 && !x.streaming():
		return 0, notImplemented("Transfer-Encoding", "")
	case size < 0:
		return 0, fail(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	case size > maxObject:
		return 0, bad("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
			Field{"ProposedSize", strconv.FormatInt(size, 10)}, Field{"MaxSizeAllowed", strconv.FormatInt(maxObject, 10)})
	}
	return size, nil
}

func announcedMD5(h http.Header) ([]byte, error) {
	text := h.Get("Content-Md5")
	if text == "" {
		return nil, nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != md5.Size {
		return nil, bad("InvalidDigest", "The Content-MD5 you specified was invalid.", Field{"Content-MD5", text})
	}
	return b, nil
}

// plainBody is the payload without the framing of aws-chunked, and its
// trailing headers, which are there once it was read.
func (x *exchange) plainBody() (io.Reader, func() map[string]string, error) {
	if !x.streaming() {
		return x.r.Body, func() map[string]string { return nil }, nil
	}
	chunks, err := x.identity.Chunks(x.r.Body, x.payload)
	if err != nil {
		return nil, nil, err
	}
	return chunks, chunks.Trailer, nil
}

// chunkFailure words what is wrong with a body while it is read.
func chunkFailure(x *exchange, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, awssig.ErrChunkSignature):
		return signatureMismatch(&awssig.Refusal{Key: x.identity.Key})
	case errors.Is(err, awssig.ErrChunkSize):
		return fail(http.StatusForbidden, "InvalidChunkSizeError",
			"Only the last chunk is allowed to have a size less than 8192 bytes")
	case errors.Is(err, awssig.ErrTrailer):
		return bad("MalformedTrailerError",
			"The request contained trailing data that was not well-formed or did not conform to our published schema.")
	}
	return incompleteBody()
}

// check compares what was received with what was promised.
func (p payload) check(x *exchange, size int64, contentMD5 []byte, sha256 hash.Hash, want wish, trailer func() map[string]string) error {
	if p.size != size {
		return incompleteBody()
	}
	if got, _ := hex.DecodeString(p.md5); contentMD5 != nil && string(got) != string(contentMD5) {
		return bad("BadDigest", "The Content-MD5 you specified did not match what we received.",
			Field{"ExpectedDigest", hex.EncodeToString(contentMD5)}, Field{"CalculatedDigest", base64.StdEncoding.EncodeToString(got)})
	}
	if sha256 != nil {
		if got := hex.EncodeToString(sha256.Sum(nil)); got != x.payload {
			return bad("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.",
				Field{"ClientComputedContentSHA256", x.payload}, Field{"S3ComputedContentSHA256", got})
		}
	}
	value := want.value
	if want.trailing {
		value = trailer()[want.algorithm.header()]
		if err := checkValue(want.algorithm, value); err != nil {
			return err
		}
	}
	if value != "" && value != p.sum.Value {
		return bad("BadDigest", "The "+want.algorithm.name+" you specified did not match the calculated checksum.")
	}
	return nil
}
