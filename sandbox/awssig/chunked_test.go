package awssig_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// exampleUpload is the chunked upload of "Transferring Payload in Multiple
// Chunks" in the S3 API reference, and of "Including Trailing Headers".
func exampleUpload(t testing.TB, trailer bool) (awssig.Identity, string) {
	t.Helper()
	chunk := func(size int, head string) string { return head + "\r\n" + strings.Repeat("a", size) + "\r\n" }
	v := vector{
		method: "PUT", target: "/examplebucket/chunkObject.txt",
		headers: []string{"X-Amz-Date:20130524T000000Z", "X-Amz-Storage-Class:REDUCED_REDUNDANCY", "Content-Encoding:aws-chunked",
			"X-Amz-Decoded-Content-Length:66560"},
		signed:    "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	}
	mode := awssig.StreamingSigned
	body := chunk(65536, "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648") +
		chunk(1024, "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497") +
		chunk(0, "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")
	if trailer {
		mode = awssig.StreamingSignedTrailer
		v.headers = append(v.headers, "X-Amz-Trailer:x-amz-checksum-crc32c")
		v.signed = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer"
		v.signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
		body = chunk(65536, "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2") +
			chunk(1024, "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7") +
			"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
			"x-amz-checksum-crc32c:sOO8/Q==\r\n" +
			"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
	}
	v.headers = append(v.headers, "X-Amz-Content-Sha256:"+mode)
	r := v.request(exampleScope, "s3.amazonaws.com")
	r.ContentLength = 66824
	claim, err := awssig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	id, err := exampleVerifier().Verify(r, claim, mode)
	if err != nil {
		t.Fatal(err)
	}
	return id, body
}

func decode(id awssig.Identity, body io.Reader, mode string) ([]byte, map[string]string, error) {
	r, err := id.Chunks(body, mode)
	if err != nil {
		return nil, nil, err
	}
	b, err := io.ReadAll(r)
	return b, r.Trailer(), err
}

func TestChunkedExamples(t *testing.T) {
	want := bytes.Repeat([]byte("a"), 66560)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":   func(r io.Reader) io.Reader { return r },
		"by byte": iotest.OneByteReader,
		"halves":  iotest.HalfReader,
		"eof":     iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			id, body := exampleUpload(t, false)
			got, _, err := decode(id, wrap(strings.NewReader(body)), awssig.StreamingSigned)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			id, body = exampleUpload(t, true)
			got, trailer, err := decode(id, wrap(strings.NewReader(body)), awssig.StreamingSignedTrailer)
			if err != nil || !bytes.Equal(got, want) || len(trailer) != 1 || trailer["x-amz-checksum-crc32c"] != "sOO8/Q==" {
				t.Errorf("%d bytes, %v, %v", len(got), trailer, err)
			}
		})
	}
}

// TestChunkedAnyCut cuts the body everywhere: nothing short of all of it may
// pass for the whole.
func TestChunkedAnyCut(t *testing.T) {
	id, body := exampleUpload(t, true)
	for n := len(body) - 300; n < len(body); n++ {
		if _, _, err := decode(id, strings.NewReader(body[:n]), awssig.StreamingSignedTrailer); !errors.Is(err, awssig.ErrChunk) {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(body), err)
		}
	}
}

func TestChunkedRefused(t *testing.T) {
	id, signed := exampleUpload(t, false)
	_, withTrailer := exampleUpload(t, true)
	idTrailer, _ := exampleUpload(t, true)
	replace := func(body, old, with string) string {
		if !strings.Contains(body, old) {
			t.Fatalf("no %q to replace", old)
		}
		return strings.Replace(body, old, with, 1)
	}
	for name, c := range map[string]struct {
		id   awssig.Identity
		mode string
		body string
		want error
	}{
		"changed byte":              {id, awssig.StreamingSigned, replace(signed, "aaa", "aba"), awssig.ErrChunkSignature},
		"changed signature":         {id, awssig.StreamingSigned, replace(signed, "=0055", "=0155"), awssig.ErrChunkSignature},
		"changed last signature":    {id, awssig.StreamingSigned, replace(signed, "=b6c6", "=b7c6"), awssig.ErrChunkSignature},
		"chunk left out":            {id, awssig.StreamingSigned, signed[strings.Index(signed, "400;"):], awssig.ErrChunkSignature},
		"no signature":              {id, awssig.StreamingSigned, "0\r\n\r\n", awssig.ErrChunk},
		"size is no number":         {id, awssig.StreamingSigned, replace(signed, "400;", "4zz;"), awssig.ErrChunk},
		"size is negative":          {id, awssig.StreamingSigned, replace(signed, "400;", "-40;"), awssig.ErrChunk},
		"size overflows":            {id, awssig.StreamingSigned, replace(signed, "400;", "ffffffffffffffff;"), awssig.ErrChunk},
		"size one too small":        {id, awssig.StreamingSigned, replace(signed, "400;", "3ff;"), awssig.ErrChunk},
		"bare line feed":            {id, awssig.StreamingSigned, replace(signed, "648\r\n", "648\n"), awssig.ErrChunk},
		"line without end":          {id, awssig.StreamingSigned, strings.Repeat("0", 5000), awssig.ErrChunk},
		"bytes after the end":       {id, awssig.StreamingSigned, signed + "x", awssig.ErrChunk},
		"trailer not announced":     {id, awssig.StreamingSigned, replace(signed, "9df9\r\n", "9df9\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n"), awssig.ErrTrailer},
		"changed trailer":           {idTrailer, awssig.StreamingSignedTrailer, replace(withTrailer, "sOO8/Q==", "sOO8/g=="), awssig.ErrChunkSignature},
		"changed trailer signature": {idTrailer, awssig.StreamingSignedTrailer, replace(withTrailer, ":d81f", ":d91f"), awssig.ErrChunkSignature},
		"trailer signature missing": {idTrailer, awssig.StreamingSignedTrailer, withTrailer[:strings.Index(withTrailer, "x-amz-trailer-sig")] + "\r\n", awssig.ErrTrailer},
		"trailer twice":             {id, awssig.StreamingUnsignedTrailer, "0\r\na:1\r\na:1\r\n\r\n", awssig.ErrTrailer},
		"trailer without colon":     {id, awssig.StreamingUnsignedTrailer, "0\r\nnonsense\r\n\r\n", awssig.ErrTrailer},
		"too many trailers":         {id, awssig.StreamingUnsignedTrailer, "0\r\n" + trailerLines(17) + "\r\n", awssig.ErrTrailer},
		"small chunk before last":   {id, awssig.StreamingUnsignedTrailer, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n", awssig.ErrChunkSize},
		"unknown mode":              {id, "STREAMING-NOTHING", "0\r\n\r\n", awssig.ErrChunk},
		"empty":                     {id, awssig.StreamingUnsignedTrailer, "", awssig.ErrChunk},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := decode(c.id, strings.NewReader(c.body), c.mode); !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
		})
	}
}

func trailerLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(string(rune('a'+i)) + ":1\r\n")
	}
	return b.String()
}

func TestChunkedBodyFails(t *testing.T) {
	id, body := exampleUpload(t, false)
	broken := errors.New("connection reset")
	r := io.MultiReader(strings.NewReader(body[:1000]), iotest.ErrReader(broken))
	if _, _, err := decode(id, r, awssig.StreamingSigned); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
}

func TestUnsignedChunks(t *testing.T) {
	id, _ := exampleUpload(t, false)
	big := strings.Repeat("x", 8192)
	got, trailer, err := decode(id, strings.NewReader("2000\r\n"+big+"\r\n3\r\nabc\r\n0\r\nX-Amz-Checksum-CRC32: 1234 \r\n\r\n"), awssig.StreamingUnsignedTrailer)
	if err != nil || string(got) != big+"abc" || trailer["x-amz-checksum-crc32"] != "1234" {
		t.Errorf("%d bytes, %v, %v", len(got), trailer, err)
	}
}

// FuzzChunks: whatever comes in, there is an end, and what is decoded is never
// longer than what came in.
func FuzzChunks(f *testing.F) {
	id, signed := exampleUpload(f, false)
	f.Add([]byte(signed[strings.Index(signed, "400;"):]), uint8(0))
	f.Add([]byte(signed[strings.Index(signed, "0;chunk"):]), uint8(1))
	f.Add([]byte("3\r\nabc\r\n0\r\na:b\r\n\r\n"), uint8(2))
	f.Add([]byte("0;chunk-signature="), uint8(0))
	modes := []string{awssig.StreamingSigned, awssig.StreamingSignedTrailer, awssig.StreamingUnsignedTrailer}
	f.Fuzz(func(t *testing.T, body []byte, mode uint8) {
		r, err := id.Chunks(bytes.NewReader(body), modes[int(mode)%len(modes)])
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if len(got) > len(body) {
			t.Errorf("%d bytes out of %d", len(got), len(body))
		}
		if err == nil && !bytes.HasSuffix(body, []byte("\r\n")) {
			t.Error("a body without its end was accepted")
		}
		if n, again := r.Read(make([]byte, 1)); n != 0 || again == nil {
			t.Errorf("read on after the end: %d, %v", n, again)
		}
	})
}
