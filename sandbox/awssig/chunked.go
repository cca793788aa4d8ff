package awssig

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The values of x-amz-content-sha256 that announce an aws-chunked body.
const (
	StreamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// What can be wrong with an aws-chunked body.
var (
	// ErrChunk: the framing cannot be read or is cut short.
	ErrChunk = errors.New("malformed aws-chunked body")
	// ErrChunkSize: a chunk that is not the last has fewer than 8192 bytes.
	ErrChunkSize = errors.New("chunk too small")
	// ErrChunkSignature: a chunk or the trailer is not what was signed.
	ErrChunkSignature = errors.New("chunk signature does not match")
	// ErrTrailer: what follows the last chunk cannot be read.
	ErrTrailer = errors.New("malformed trailer")
)

const (
	minChunk = 8192
	// maxLine bounds the lines of the framing, maxTrailers their number.
	maxLine     = 1024
	maxTrailers = 16
	emptySum    = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// A ChunkReader decodes an aws-chunked body, as "Transferring Payload in
// Multiple Chunks" and "Including Trailing Headers" of the S3 API reference
// describe it. Bytes are handed on before the signature of their chunk was
// compared: they are good only when Read has returned io.EOF.
type ChunkReader struct {
	body      *bufio.Reader
	id        Identity
	signed    bool
	trailers  bool
	left      int64
	small     bool
	previous  string
	announced string
	sum       hash.Hash
	trailer   map[string]string
	err       error
}

// Chunks returns a reader of the payload in an aws-chunked body, whose mode is
// the request's x-amz-content-sha256.
func (id Identity) Chunks(body io.Reader, mode string) (*ChunkReader, error) {
	r := &ChunkReader{
		body: bufio.NewReaderSize(body, 64<<10), id: id, previous: id.Signature,
		sum: sha256.New(), trailer: map[string]string{},
	}
	switch mode {
	case StreamingSigned:
		r.signed = true
	case StreamingSignedTrailer:
		r.signed, r.trailers = true, true
	case StreamingUnsignedTrailer:
		r.trailers = true
	default:
		return nil, fmt.Errorf("%w: mode %q", ErrChunk, mode)
	}
	r.err = r.next()
	return r, nil
}

// Trailer returns the trailing headers by lower-case name, once Read has
// returned io.EOF.
func (r *ChunkReader) Trailer() map[string]string { return r.trailer }

// Read implements [io.Reader]. Its error wraps one of this package's chunk
// errors, or is io.EOF, or the body's own.
func (r *ChunkReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if r.signed {
		r.sum.Write(p[:n])
	}
	switch {
	case err != nil:
		r.err = short(err)
	case r.left == 0:
		r.err = r.endChunk()
	}
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}

// endChunk checks the chunk that was just read and goes to the next.
func (r *ChunkReader) endChunk() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if line != "" {
		return fmt.Errorf("%w: no line end after a chunk", ErrChunk)
	}
	if err := r.checkChunk(); err != nil {
		return err
	}
	return r.next()
}

// next reads the head of a chunk, and everything to the end of the body when
// it is the last one.
func (r *ChunkReader) next() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, err := strconv.ParseUint(digits, 16, 62)
	if err != nil {
		return fmt.Errorf("%w: chunk size %q", ErrChunk, digits)
	}
	name, signature, _ := strings.Cut(extension, "=")
	if r.signed != (name == "chunk-signature") {
		return fmt.Errorf("%w: chunk extension %q", ErrChunk, name)
	}
	r.announced = signature
	if size > 0 {
		if r.small {
			return ErrChunkSize
		}
		r.left, r.small = int64(size), size < minChunk
		return nil
	}
	if err := r.checkChunk(); err != nil {
		return err
	}
	if err := r.readTrailer(); err != nil {
		return err
	}
	if _, err := r.body.ReadByte(); err == nil {
		return fmt.Errorf("%w: bytes after the end", ErrChunk)
	} else if err != io.EOF {
		return err
	}
	return io.EOF
}

func (r *ChunkReader) checkChunk() error {
	if !r.signed {
		return nil
	}
	sum := hex.EncodeToString(r.sum.Sum(nil))
	r.sum.Reset()
	return r.checkSignature("AWS4-HMAC-SHA256-PAYLOAD", emptySum+"\n"+sum, r.announced)
}

// checkSignature compares a signature of the chain and makes it the previous.
func (r *ChunkReader) checkSignature(kind, tail, provided string) error {
	text := kind + "\n" + r.id.Time.Format(TimeFormat) + "\n" + r.id.Scope() + "\n" + r.previous + "\n" + tail
	want := sign(r.id.signingKey, text)
	if !hmac.Equal([]byte(want), []byte(provided)) {
		return ErrChunkSignature
	}
	r.previous = want
	return nil
}

// readTrailer reads to the empty line that ends the body.
func (r *ChunkReader) readTrailer() error {
	var canonical []string
	for range maxTrailers {
		line, err := r.line()
		if err != nil {
			return err
		}
		if line == "" {
			return r.checkTrailer(canonical)
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if _, twice := r.trailer[name]; !ok || twice || !r.trailers || !headerName.MatchString(name) {
			return fmt.Errorf("%w: %q", ErrTrailer, name)
		}
		r.trailer[name] = value
		if name != trailerSignature {
			canonical = append(canonical, name+":"+value+"\n")
		}
	}
	return fmt.Errorf("%w: more than %d lines", ErrTrailer, maxTrailers)
}

const trailerSignature = "x-amz-trailer-signature"

func (r *ChunkReader) checkTrailer(canonical []string) error {
	signature, has := r.trailer[trailerSignature]
	delete(r.trailer, trailerSignature)
	if r.trailers && r.signed != has {
		return fmt.Errorf("%w: %s", ErrTrailer, trailerSignature)
	}
	if !has {
		return nil
	}
	slices.Sort(canonical)
	return r.checkSignature("AWS4-HMAC-SHA256-TRAILER", hexSum([]byte(strings.Join(canonical, ""))), signature)
}

// line reads a line of the framing without its end.
func (r *ChunkReader) line() (string, error) {
	var b strings.Builder
	for b.Len() < maxLine {
		c, err := r.body.ReadByte()
		if err != nil {
			return "", short(err)
		}
		if c == '\n' {
			text, ok := strings.CutSuffix(b.String(), "\r")
			if !ok {
				return "", fmt.Errorf("%w: line end without CR", ErrChunk)
			}
			return text, nil
		}
		b.WriteByte(c)
	}
	return "", fmt.Errorf("%w: line longer than %d bytes", ErrChunk, maxLine)
}

// short turns an end of the body within the framing into an error.
func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: cut short", ErrChunk)
	}
	return err
}
