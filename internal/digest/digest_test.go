package digest

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/layerbuild/layerbuild/layer"
)

// The check values are those of the catalogue of parametrised CRC algorithms
// (https://reveng.sourceforge.io/crc-catalogue/17plus.htm) and of FIPS 180-4.
func TestCheckValues(t *testing.T) {
	tests := []struct {
		text      string
		crc, nvme uint64
		sha       string
	}{
		{"", 0, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"123456789", 11051210869376104954, 12577168950296156296, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
	}
	for _, test := range tests {
		h := New()
		if _, err := io.Copy(h, iotest.OneByteReader(strings.NewReader(test.text))); err != nil {
			t.Fatal(err)
		}
		sha, err := layer.ParseSum(test.sha)
		if err != nil {
			t.Fatal(err)
		}
		want := layer.Digests{SHA256: sha, CRC64: test.crc, CRC64NVME: test.nvme, Size: int64(len(test.text))}
		if got := h.Digests(); got != want {
			t.Errorf("digests of %q are %+v, want %+v", test.text, got, want)
		}
	}
}
