package publisher

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

func TestMarked(t *testing.T) {
	const digits = "0123456789abcdef01234567"
	tests := []struct {
		description string
		ok          bool
	}{
		{"lb1:" + digits, true},
		{"some words lb1:" + digits, true},
		{" lb1:" + digits, true},
		{"", false},
		{"some words", false},
		{digits, false},
		{"wordslb1:" + digits, false},
		{"lb2:" + digits, false},
		{"lb1:" + digits + " and more", false},
		{"lb1:" + digits + "\n", false},
		{"lb1:" + digits[1:], false},
		{"lb1:" + digits + "0", false},
		{"lb1:" + strings.ToUpper(digits), false},
		{"lb1:" + digits[1:] + "g", false},
		{"lb1:" + digits[3:] + "é", false},
	}
	for _, test := range tests {
		got, ok := Marked(test.description)
		if ok != test.ok || ok && got != digits {
			t.Errorf("Marked(%q) = %q, %v, want %v", test.description, got, ok, test.ok)
		}
	}
}

func TestDescribe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "description")
		var d layer.Digests
		copy(d.Tree[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "tree"))
		got := Describe(text, d)
		if text != "" && len(got) != len(text)+MarkerLen || len(got) > len(text)+MarkerLen {
			t.Errorf("%q grew by %d bytes, want %d", text, len(got)-len(text), MarkerLen)
		}
		if digits, ok := Marked(got); !ok || !strings.HasPrefix(d.Tree.String(), digits) || len(digits) != 24 {
			t.Errorf("Marked(%q) = %q, %v", got, digits, ok)
		}
		if !strings.HasPrefix(got, text) {
			t.Errorf("%q does not begin with %q", got, text)
		}
	})
}

func FuzzMarked(f *testing.F) {
	f.Add("")
	f.Add("lb1:0123456789abcdef01234567")
	f.Add("\xff lb1:0123456789abcdef0123456\xff")
	f.Fuzz(func(t *testing.T, description string) {
		digits, ok := Marked(description)
		if ok && (len(digits) != 24 || !strings.HasSuffix(description, "lb1:"+digits)) {
			t.Errorf("Marked(%q) = %q", description, digits)
		}
	})
}
