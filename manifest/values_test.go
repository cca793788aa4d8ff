package manifest

import "testing"

func TestRender(t *testing.T) {
	values := map[string]string{"runtime": "python312", "arch": "{runtime}", "a": "x"}
	tests := []struct{ template, want string }{
		{"", ""},
		{"plain", "plain"},
		{"{runtime}-{arch}-{runtime}", "python312-{runtime}-python312"},
		{"{region}{a}", "{region}x"},
		{"{{a}}", "{x}"},
	}
	for _, tt := range tests {
		if got := Render(tt.template, values); got != tt.want {
			t.Errorf("Render(%q) is %q, want %q", tt.template, got, tt.want)
		}
	}
	if got := Render("{a}", nil); got != "{a}" {
		t.Errorf("got %q without values", got)
	}
}

func TestBytesOf(t *testing.T) {
	tests := []struct {
		size string
		want int64
	}{
		{"1B", 1},
		{"2 kB", 2_000},
		{"20MB", 20_000_000},
		{"3GB", 3_000_000_000},
		{"64KiB", 65_536},
		{"5 MiB", 5_242_880},
		{"999999999GiB", 999_999_999 << 30},
	}
	for _, tt := range tests {
		if !size().takes(tt.size) || size().shapes[1].(text).problem(tt.size) != "" {
			t.Errorf("%q is not taken", tt.size)
		}
		if got := bytesOf(tt.size); got != tt.want || got <= 0 {
			t.Errorf("%q is %d, want %d", tt.size, got, tt.want)
		}
	}
	for _, wrong := range []string{"1", "1K", "1KB", "1kb", "1.5MB", "0MB", "-1B", "1  MB", "MB", " 1MB", "1MB ", "01MB", "1234567890B", "1TB", "1iB"} {
		if size().shapes[1].(text).problem(wrong) == "" {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, right := range []string{"1s", "90s", "5m", "2h", "1h30m", "1h1s", "1h2m3s", "99999h"} {
		if wrong := duration().problem(right); wrong != "" {
			t.Error(wrong)
		}
		if got := decodeTarget(map[string]any{"timeout": right}).Timeout; got <= 0 {
			t.Errorf("%q is %v", right, got)
		}
	}
	for _, wrong := range []string{"5", "0s", "s", "5M", "1.5h", "30m1h", "5m5m", "-5m", "5m ", "100ms", "999999s", "1h0m"} {
		if duration().problem(wrong) == "" {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestNear(t *testing.T) {
	words := []string{"aws", "aliyun", "tencent", "local", "x86_64", "arm64", "include"}
	tests := []struct{ text, want string }{
		{"asw", "aws"},
		{"AWS", "aws"},
		{"amazon", "aws"},
		{"alibaba", "aliyun"},
		{"qcloud", "tencent"},
		{"amd64", "x86_64"},
		{"aarch64", "arm64"},
		{"x86-64", "x86_64"},
		{"inlcude", "include"},
		{"includes", "include"},
		{"lo", ""},
		{"", ""},
		{"exclude", "include"},
		{"something else", ""},
	}
	for _, tt := range tests {
		if got := near(tt.text, words); got != tt.want {
			t.Errorf("near %q is %q, want %q", tt.text, got, tt.want)
		}
	}
}
