package runtimes_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/runtimes"
)

func limits(t testing.TB, service string) runtimes.Limits {
	t.Helper()
	s, ok := load(t).Service(service)
	if !ok {
		t.Fatalf("no service %q", service)
	}
	return s.Limits
}

func TestExceeded(t *testing.T) {
	const inline, bucket = true, false
	for _, test := range []struct {
		service       string
		zip, unzipped int64
		inline        bool
		want          string
	}{
		{"lambda", 1, 262_144_000, bucket, ""},
		{"lambda", 1, 262_144_001, bucket, "unzipped size 262,144,001 bytes is over AWS Lambda's limit of 262,144,000 bytes for a function with its layers"},
		{"lambda", 52_428_800, 1, inline, ""},
		{"lambda", 52_428_801, 1, inline, "zip size 52,428,801 bytes is over AWS Lambda's limit of 52,428,800 bytes for an upload without a bucket"},
		{"lambda", 52_428_801, 1, bucket, ""},
		{"lambda", 60_000_000, 300_000_000, inline, "unzipped size 300,000,000 bytes is over AWS Lambda's limit of 262,144,000 bytes for a function with its layers; " +
			"zip size 60,000,000 bytes is over AWS Lambda's limit of 52,428,800 bytes for an upload without a bucket"},
		{"scf", 7_300_001, 1, inline, "zip size 7,300,001 bytes is over Tencent SCF's limit of 7,300,000 bytes for an upload without a bucket"},
		{"scf", 7_300_000, 524_288_000, inline, ""},
		{"scf", 1, 524_288_001, bucket, "unzipped size 524,288,001 bytes is over Tencent SCF's limit of 524,288,000 bytes for a function with its layers"},
		{"fc3", 524_288_001, 9_000_000_000, bucket, "zip size 524,288,001 bytes is over Function Compute 3.0's limit of 524,288,000 bytes"},
		{"fc2", 104_857_601, 1, inline, "zip size 104,857,601 bytes is over Function Compute 2.0's limit of 104,857,600 bytes for an upload without a bucket"},
		{"fc2", 0, 0, inline, ""},
	} {
		if got := limits(t, test.service).Exceeded(test.zip, test.unzipped, test.inline); got != test.want {
			t.Errorf("%s, %d, %d, %v: %q, want %q", test.service, test.zip, test.unzipped, test.inline, got, test.want)
		}
	}
	if got := (runtimes.Limits{}).Exceeded(1<<40, 1<<40, inline); got != "" {
		t.Errorf("no limit is exceeded: %q", got)
	}
}

func TestCheckName(t *testing.T) {
	for _, test := range []struct{ service, name, want string }{
		{"lambda", "web-deps_1", ""},
		{"lambda", "1-", ""},
		{"lambda", strings.Repeat("a", 140), ""},
		{"lambda", strings.Repeat("a", 141), `has 141 characters: AWS Lambda takes 1 to 140`},
		{"lambda", "", `name "" has 0 characters`},
		{"lambda", "web.deps", `name "web.deps": AWS Lambda takes letters, digits, "-" and "_" only`},
		{"lambda", "arn:aws:lambda:us-east-1:123456789012:layer:x", "AWS Lambda takes letters"},
		{"lambda", "a\n", "AWS Lambda takes letters"},
		{"lambda", "é", "AWS Lambda takes letters"},
		{"fc2", strings.Repeat("a", 128), ""},
		{"fc3", strings.Repeat("a", 65), `has 65 characters: Function Compute 3.0 takes 1 to 64`},
		{"fc3", "1a", "Function Compute 3.0 takes a letter, then"},
		{"fc3", "a-", ""},
		{"scf", "a", ""},
		{"scf", "a-b_c", ""},
		{"scf", "a-", `neither "-" nor "_" at the end`},
		{"scf", "-a", "Tencent SCF takes a letter"},
		{"scf", strings.Repeat("é", 64), "Tencent SCF takes a letter"},
	} {
		got := limits(t, test.service).CheckName(test.name)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s %q: %q, want %q", test.service, test.name, got, test.want)
		}
	}
}

// A name that the strictest of them takes is good everywhere.
func TestCommonNames(t *testing.T) {
	c := load(t)
	common := `[A-Za-z]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?`
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(common).Draw(t, "name")
		if !regexp.MustCompile("^" + common + "$").MatchString(name) {
			t.Skip()
		}
		for _, s := range c.Services {
			if wrong := s.Limits.CheckName(name); wrong != "" {
				t.Fatal(wrong)
			}
		}
	})
}

func TestCheckTexts(t *testing.T) {
	lambda, fc2, scf := limits(t, "lambda"), limits(t, "fc2"), limits(t, "scf")
	for _, test := range []struct{ got, want string }{
		{lambda.CheckDescription(strings.Repeat("é", 256)), ""},
		{lambda.CheckDescription(strings.Repeat("😀", 256)), ""},
		{lambda.CheckDescription(strings.Repeat("é", 257)), "description has 257 characters: AWS Lambda takes up to 256"},
		{fc2.CheckDescription(strings.Repeat("a", 257)), "description has 257 characters: Function Compute 2.0 takes up to 256"},
		{scf.CheckDescription(strings.Repeat("a", 5000)), ""},
		{lambda.CheckLicense(strings.Repeat("a", 512)), ""},
		{lambda.CheckLicense(strings.Repeat("a", 513)), "license has 513 characters: AWS Lambda takes up to 512"},
		{fc2.CheckLicense(strings.Repeat("a", 513)), ""},
		{lambda.CheckRuntimes(15), ""},
		{lambda.CheckRuntimes(16), "16 runtimes for one layer: AWS Lambda takes up to 15"},
		{fc2.CheckRuntimes(99), ""},
		{scf.CheckRuntimes(6), "6 runtimes for one layer: Tencent SCF takes up to 5"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	if !fc2.NoLicense || limits(t, "fc3").NoLicense || lambda.NoLicense || scf.NoLicense {
		t.Error("only Function Compute 2.0 takes no licence")
	}
	if lambda.NoArchitectures || !fc2.NoArchitectures || !scf.NoArchitectures {
		t.Error("only Lambda takes architectures")
	}
}
