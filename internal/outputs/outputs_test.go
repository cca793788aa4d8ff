package outputs_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/outputs"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample has an item of each kind.
func sample() []outputs.Item {
	sum := func(digit string) string { return strings.Repeat(digit, 64) }
	return []outputs.Item{
		{Cloud: "tencent", Region: "ap-guangzhou", Name: "web-deps", Version: 3, SHA256: sum("b"), CRC64: "2", Size: 20,
			Runtimes: []string{"Python3.10"}, Status: "unchanged"},
		{Cloud: "aws", Region: "us-east-1", Name: "web-deps", Version: 7, ARN: "arn:aws:lambda:us-east-1:123456789012:layer:web-deps:7",
			SHA256: sum("a"), CRC64: "1", Size: 10, Runtimes: []string{"python3.12", "python3.13"}, Architectures: []string{"x86_64"}, Status: "created"},
		{Cloud: "aws", Region: "eu-west-1", Name: "web-deps", Version: 9, ARN: "arn:aws:lambda:eu-west-1:123456789012:layer:web-deps:9",
			SHA256: sum("c"), Status: "failed", Error: "sharing: 403 <AccessDenied> a|b `c`\nand more\n"},
		{Cloud: "aws", Region: "me-south-1", Name: "web-deps", SHA256: sum("a"), Status: "skipped", Reason: "the region is not enabled for the account"},
	}
}

func TestGolden(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table.md":           func(b *bytes.Buffer) error { return outputs.Markdown(b, sample()) },
		"layers.auto.tfvars": func(b *bytes.Buffer) error { return outputs.Tfvars(b, sample()) },
		"layers.env":         func(b *bytes.Buffer) error { return outputs.Env(b, sample()) },
		"none.md":            func(b *bytes.Buffer) error { return outputs.Markdown(b, nil) },
		"none.auto.tfvars":   func(b *bytes.Buffer) error { return outputs.Tfvars(b, nil) },
		"none.env":           func(b *bytes.Buffer) error { return outputs.Env(b, nil) },
		"annotations":        func(b *bytes.Buffer) error { return gitHub(b).Write(sample(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), b.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestOrder: what is written does not depend on the order of the items.
func TestOrder(t *testing.T) {
	there, back := sample(), sample()
	for i := range back {
		back[i] = there[len(there)-1-i]
	}
	for _, write := range []func(*bytes.Buffer, []outputs.Item) error{
		func(b *bytes.Buffer, list []outputs.Item) error { return outputs.Tfvars(b, list) },
		func(b *bytes.Buffer, list []outputs.Item) error { return outputs.Env(b, list) },
	} {
		var a, b bytes.Buffer
		if err := write(&a, there); err != nil {
			t.Fatal(err)
		}
		if err := write(&b, back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(a.String(), b.String()); d != "" {
			t.Error(d)
		}
	}
}

func TestPublished(t *testing.T) {
	one := outputs.Item{Cloud: "aws", Region: "eu-west-1", Name: "a", Version: 1, ARN: "arn:1", SHA256: "x", Status: "created"}
	twin, other, failed := one, one, one
	twin.Status = "unchanged"
	other.Version, other.ARN = 2, "arn:2"
	failed.Status = "failed"
	if got, err := outputs.Published([]outputs.Item{one, failed, twin, {Cloud: "aws", Status: "planned"}}); err != nil || len(got) != 1 {
		t.Errorf("published are %+v, %v", got, err)
	}
	_, err := outputs.Published([]outputs.Item{one, other})
	if err == nil || err.Error() != `"aws/eu-west-1/a" stands for two versions: arn:1 and arn:2` {
		t.Errorf("error is %v", err)
	}
}

// TestCollisions: names that differ only in what cannot be in a variable.
func TestCollisions(t *testing.T) {
	item := func(region, name string) outputs.Item {
		return outputs.Item{Cloud: "aws", Region: region, Name: name, Version: 1, SHA256: "x"}
	}
	for _, pair := range [][2]outputs.Item{
		{item("eu-west-1", "a-b"), item("eu-west-1", "a_b")},
		{item("eu-west-1", "web"), item("eu-west-1", "Web")},
	} {
		var b bytes.Buffer
		err := outputs.Env(&b, pair[:])
		if err == nil || !strings.Contains(err.Error(), pair[0].Key()) || !strings.Contains(err.Error(), pair[1].Key()) || b.Len() > 0 {
			t.Errorf("error is %v, after %q", err, b.String())
		}
		if err := gitHub(&b).Write(pair[:], nil); err == nil || b.Len() > 0 {
			t.Errorf("error is %v, after %q", err, b.String())
		}
	}
}
