package outputs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/internal/testenv"
)

// TestSource has a shell read the file, and wants what a reader sees that does
// nothing but split lines, as docker does.
func TestSource(t *testing.T) {
	var b bytes.Buffer
	if err := outputs.Env(&b, sample()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "layers.env")
	if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv.Need(t, "sh")[0], "-c", `set -a; . "$1"; env | grep '^LAYERBUILD_' | sort`, "sh", file)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	cmd = exec.Command(testenv.Need(t, "sort")[0])
	cmd.Stdin = strings.NewReader(strings.Join(want, ""))
	sorted, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(sorted), string(got)); d != "" {
		t.Error(d)
	}
}

func TestEnvRefusesQuoting(t *testing.T) {
	for _, arn := range []string{"a b", "a#b", "~a", "a$b", "a'b", `a"b`, "a\nb", "a\\b", "a;b", "ü", "a=b", "a&b"} {
		var b bytes.Buffer
		err := outputs.Env(&b, []outputs.Item{{Cloud: "aws", Region: "r", Name: "n", Version: 1, ARN: arn}})
		if err == nil || !strings.Contains(err.Error(), "LAYERBUILD_AWS_R_N_ARN") || b.Len() > 0 {
			t.Errorf("%q: error is %v, after %q", arn, err, b.String())
		}
	}
}
