package deflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/packager/deflate"
)

func TestFormatNamesTheRequiredRelease(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^(?:require)?\s+github\.com/klauspost/compress v(\S+)`).FindSubmatch(mod)
	if m == nil {
		t.Fatal("go.mod does not require klauspost/compress")
	}
	if want := "klauspost-" + string(m[1]); deflate.Format != want {
		t.Errorf("Format is %q, but go.mod requires %q: bytes of one release must not carry the name of another", deflate.Format, want)
	}
}

func TestLevelsOutOfRange(t *testing.T) {
	for _, level := range []int{-2, -1, 0, 10} {
		if _, err := deflate.NewEncoder(level); err == nil {
			t.Errorf("level %d was accepted", level)
		}
	}
}

// The sums hold the format: if one differs, Format has to change with it. They
// are the same on every architecture.
func TestBytesOfTheFormat(t *testing.T) {
	want := map[int]string{
		1: "38b6abc1ab2cfb1c",
		2: "9678ec0687d17009",
		3: "a989076acfab5876",
		4: "d983c3f2f35e0e5c",
		5: "a2501780dbf5adf3",
		6: "d80d3cdc49bf2c0b",
		7: "1cc90c400b4c7630",
		8: "edf00d993a2a315a",
		9: "f94ff610ea8b26f6",
	}
	content := prose(deflate.BlockSize + 12345)
	for level := deflate.MinLevel; level <= deflate.MaxLevel; level++ {
		sum := sha256.Sum256(compress(t, newEncoder(t, level), content))
		if got := hex.EncodeToString(sum[:8]); got != want[level] {
			t.Errorf("level %d: bytes have sum %s, want %s", level, got, want[level])
		}
	}
}

func TestRoundTrip(t *testing.T) {
	encoders := map[int]*deflate.Encoder{}
	for level := deflate.MinLevel; level <= deflate.MaxLevel; level++ {
		encoders[level] = newEncoder(t, level)
	}
	contents := map[string][]byte{"prose": prose(2 * deflate.BlockSize), "noise": noise(2 * deflate.BlockSize), "zeros": make([]byte, 2*deflate.BlockSize)}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(
			rapid.IntRange(0, 300),
			rapid.IntRange(0, 70_000),
			rapid.SampledFrom([]int{
				deflate.WindowSize, deflate.BlockSize - 1, deflate.BlockSize, deflate.BlockSize + 1, 2 * deflate.BlockSize,
			}),
		).Draw(t, "size")
		level := rapid.IntRange(deflate.MinLevel, deflate.MaxLevel).Draw(t, "level")
		content := contents[rapid.SampledFrom([]string{"prose", "noise", "zeros"}).Draw(t, "kind")][:size]
		packed := compress(t, encoders[level], content)
		if got := inflate(t, packed); !bytes.Equal(got, content) {
			t.Fatalf("level %d: %d bytes come back as %d others", level, len(content), len(got))
		}
	})
}

// An encoder's internal positions overflow after some 65,000 blocks; before,
// between and after that it has to give what a fresh one gives.
func TestHistoryOfAnEncoderDoesNotMatter(t *testing.T) {
	content := prose(deflate.BlockSize + 5000)
	for level := deflate.MinLevel; level <= deflate.MaxLevel; level++ {
		t.Run(fmt.Sprint("level ", level), func(t *testing.T) {
			blocks := 70_000
			if level > 6 {
				blocks = 200 // these clear their tables on each block
			}
			want := compress(t, newEncoder(t, level), content)
			used := newEncoder(t, level)
			var out []byte
			var err error
			for i := range blocks {
				size := 10
				if i%100 == 0 {
					size = 500 + i%1000
				}
				out, err = used.Append(out[:0], nil, content[i%1000:][:size], true)
				if err != nil {
					t.Fatal(err)
				}
				if i%20_000 == 19_999 && !bytes.Equal(compress(t, used, content), want) {
					t.Fatalf("other bytes after %d blocks", i+1)
				}
			}
			if !bytes.Equal(compress(t, used, content), want) {
				t.Fatalf("other bytes after %d blocks", blocks)
			}
		})
	}
}

// After a block with a dictionary, the next entry must not see it.
func TestDictionaryDoesNotOutliveItsBlock(t *testing.T) {
	content := prose(4000)
	for level := deflate.MinLevel; level <= deflate.MaxLevel; level++ {
		e := newEncoder(t, level)
		if _, err := e.Append(nil, content, content, true); err != nil {
			t.Fatal(err)
		}
		packed, err := e.Append(nil, nil, content, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := inflate(t, packed); !bytes.Equal(got, content) {
			t.Errorf("level %d: an entry after a dictionary does not stand alone", level)
		}
	}
}

func TestDictionaryHelps(t *testing.T) {
	content := noise(20_000)
	e := newEncoder(t, 6)
	packed, err := e.Append(nil, content, content, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) > 2000 {
		t.Errorf("%d bytes that are all in the dictionary take %d", len(content), len(packed))
	}
}

func newEncoder(t testing.TB, level int) *deflate.Encoder {
	t.Helper()
	e, err := deflate.NewEncoder(level)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// compress cuts the content as the package comment says.
func compress(t interface{ Fatal(...any) }, e *deflate.Encoder, content []byte) []byte {
	var out []byte
	for at := 0; ; at += deflate.BlockSize {
		end := min(at+deflate.BlockSize, len(content))
		var err error
		out, err = e.Append(out, content[max(0, at-deflate.WindowSize):at], content[at:end], end == len(content))
		if err != nil {
			t.Fatal(err)
		}
		if end == len(content) {
			return out
		}
	}
}

func inflate(t interface{ Fatal(...any) }, packed []byte) []byte {
	content, err := io.ReadAll(stdflate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// prose is text of a skewed vocabulary, the same on each call.
func prose(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, 0, n+16)
	for len(out) < n {
		out = fmt.Appendf(out, "word%d ", r.IntN(1+r.IntN(200)))
	}
	return out[:n]
}

func noise(n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(out)
	return out
}
