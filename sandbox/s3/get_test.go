package s3

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestByteRange compares with net/http, which knows more (several ranges, a
// range of nothing) but nothing else where both answer with one range.
func TestByteRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 20).Draw(t, "size")
		number := rapid.SampledFrom([]string{"", "0", "1", "2", "5", "19", "20", "21", "007", "99999999999", "x", "-1"})
		from, to := number.Draw(t, "from"), number.Draw(t, "to")
		if from == "" && to == "0" {
			t.Skip("net/http answers with a range of nothing, S3 with 416")
		}
		header := "bytes=" + from + "-" + to
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", header)
		w := httptest.NewRecorder()
		body := bytes.Repeat([]byte("abcdefghij"), 2)[:size]
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		first, length, partial, err := byteRange(header, int64(size))
		switch {
		case w.Code == http.StatusPartialContent && strings.HasPrefix(w.Header().Get("Content-Range"), "bytes "):
			if err != nil || !partial || string(body[first:first+length]) != w.Body.String() {
				t.Fatalf("%s of %d: %d+%d, %t, %v; net/http has %s", header, size, first, length, partial, err, w.Header().Get("Content-Range"))
			}
		case err == nil && partial:
			t.Fatalf("%s of %d: %d+%d; net/http answers %d", header, size, first, length, w.Code)
		}
	})
}

func FuzzByteRange(f *testing.F) {
	f.Add("bytes=0-9", int64(10))
	f.Add("bytes=-5", int64(3))
	f.Add("bytes=-9223372036854775808", int64(1))
	f.Add("bytes=9223372036854775807-", int64(1<<62))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		first, length, partial, err := byteRange(header, size)
		if err == nil && (first < 0 || length < 0 || first+length > size || first+length < first || partial && length == 0) {
			t.Errorf("%q of %d: %d+%d, %t", header, size, first, length, partial)
		}
	})
}
