package acs3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// canonicalRequest builds the text whose hash is signed.
func canonicalRequest(r *http.Request, c Claim) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r) + "\n" + canonicalQuery(r.URL.RawQuery) + "\n")
	for _, name := range c.Signed {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.Signed, ";") + "\n" + c.Payload)
	return b.String()
}

// canonicalPath is the path as the client sent it, each segment encoded anew:
// a slash that was encoded stays so.
func canonicalPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if strings.HasPrefix(r.RequestURI, "/") { // not re-encoded by net/url
		path, _, _ = strings.Cut(r.RequestURI, "?")
	}
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = escape(plain)
		}
	}
	return strings.Join(segments, "/")
}

// canonicalQuery sorts the query by name. A name without a value has the sign
// behind it all the same.
func canonicalQuery(raw string) string {
	var fields []string
	for field := range strings.SplitSeq(raw, "&") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		fields = append(fields, reescape(name)+"="+reescape(value))
	}
	slices.SortFunc(fields, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if d := strings.Compare(nameA, nameB); d != 0 {
			return d
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(fields, "&")
}

func reescape(field string) string {
	plain, err := url.QueryUnescape(field)
	if err != nil {
		plain = field
	}
	return escape(plain)
}

// escape encodes everything but RFC 3986's unreserved characters.
func escape(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// headerValue joins the values of a header as they are signed: sorted and
// trimmed. Go's server takes some headers out of the map.
func headerValue(r *http.Request, name string) string {
	if name == "host" {
		return r.Host
	}
	var values []string
	for _, v := range r.Header.Values(name) {
		values = append(values, strings.TrimSpace(v))
	}
	slices.Sort(values)
	return strings.Join(values, ",")
}
