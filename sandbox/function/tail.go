package function

import "strings"

// logLimit is how much of what a function printed is kept, in bytes.
const logLimit = 64 << 10

// A tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - logLimit; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// String is valid UTF-8, whatever was cut through.
func (t *tail) String() string { return strings.ToValidUTF8(string(t.kept), "\uFFFD") }
