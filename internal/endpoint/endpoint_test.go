package endpoint

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		address string
		want    string // "" for an error
		named   bool
	}{
		{"https://oss-cn-hangzhou-internal.aliyuncs.com", "https://oss-cn-hangzhou-internal.aliyuncs.com", true},
		{"https://a.example.com:8443/", "https://a.example.com:8443", true},
		{"https://10.0.0.1", "https://10.0.0.1", false},
		{"http://127.0.0.1:9000", "http://127.0.0.1:9000", false},
		{"http://[::1]:9000", "http://[::1]:9000", false},
		{"http://localhost:9000", "http://localhost:9000", false},
		{"http://a.example.com", "", false},
		{"http://10.0.0.1", "", false},
		{"http://localhost.example.com", "", false},
		{"http://127.0.0.1.example.com", "", false},
		{"https://a.example.com/path", "", false},
		{"https://a.example.com?a=b", "", false},
		{"https://a.example.com#b", "", false},
		{"https://user@a.example.com", "", false},
		{"ftp://127.0.0.1", "", false},
		{"127.0.0.1:9000", "", false},
		{"a.example.com", "", false},
		{"https://", "", false},
		{"https://:443", "", false},
		{"http://%", "", false},
		{"", "", false},
	}
	for _, test := range tests {
		u, err := Parse(test.address)
		if (err == nil) != (test.want != "") || err == nil && u.String() != test.want {
			t.Errorf("Parse(%q) is %v, %v, want %q", test.address, u, err, test.want)
		}
		if err == nil && Named(u) != test.named {
			t.Errorf("Named(%q) is %v", test.address, !test.named)
		}
	}
}

func TestParseKeepsPasswords(t *testing.T) {
	_, err := Parse("http://user:secret@a.example.com")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v, want one without the password", err)
	}
}
