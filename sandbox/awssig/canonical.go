package awssig

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest builds the text whose hash is signed, as "Create a signed
// AWS API request" in the IAM user guide has it.
func canonicalRequest(r *http.Request, c Claim, doubled bool, payload string) string {
	var b strings.Builder
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(canonicalPath(wirePath(r), doubled))
	b.WriteByte('\n')
	b.WriteString(canonicalQuery(r.URL.RawQuery))
	b.WriteByte('\n')
	for _, name := range c.Signed {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(c.Signed, ";"))
	b.WriteByte('\n')
	b.WriteString(payload)
	return b.String()
}

// wirePath is the path as the client sent it. URL.EscapedPath would do, but
// re-encodes a path that a client encoded in its own way.
func wirePath(r *http.Request) string {
	if !strings.HasPrefix(r.RequestURI, "/") {
		return r.URL.EscapedPath()
	}
	p, _, _ := strings.Cut(r.RequestURI, "?")
	return p
}

// canonicalPath encodes the path of the wire. S3 takes the path as it is and
// encodes it once; all others tidy it up and encode it, encoded as it already
// is, once more.
func canonicalPath(wire string, doubled bool) string {
	if wire == "" {
		return "/"
	}
	if doubled {
		tidy := path.Clean(wire)
		if strings.HasSuffix(wire, "/") && tidy != "/" {
			tidy += "/"
		}
		return escape(tidy, true)
	}
	plain, err := url.PathUnescape(wire)
	if err != nil {
		plain = wire
	}
	return escape(plain, true)
}

// canonicalQuery sorts the query by encoded name, then by encoded value, and
// leaves the signature itself out.
func canonicalQuery(raw string) string {
	var pairs [][2]string
	for field := range strings.SplitSeq(raw, "&") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		name, value = reescape(name), reescape(value)
		if name != "X-Amz-Signature" {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if d := strings.Compare(a[0], b[0]); d != 0 {
			return d
		}
		return strings.Compare(a[1], b[1])
	})
	fields := make([]string, len(pairs))
	for i, p := range pairs {
		fields[i] = p[0] + "=" + p[1]
	}
	return strings.Join(fields, "&")
}

func reescape(field string) string {
	plain, err := url.QueryUnescape(field)
	if err != nil {
		plain = field
	}
	return escape(plain, false)
}

// escape is AWS's UriEncode: everything but RFC 3986's unreserved characters
// as upper-case percent escapes, and slashes too unless they are kept.
func escape(text string, slashes bool) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '/' && slashes:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// headerValue joins the values of a header as they are signed: trimmed, runs
// of spaces made one. Go's server takes some headers out of the map.
func headerValue(r *http.Request, name string) string {
	var values []string
	switch name {
	case "host":
		values = []string{r.Host}
	case "transfer-encoding":
		values = r.TransferEncoding
	case "content-length":
		values = r.Header.Values(name)
		if len(values) == 0 && r.ContentLength >= 0 {
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
	default:
		values = r.Header.Values(name)
	}
	tidy := make([]string, len(values))
	for i, v := range values {
		tidy[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(tidy, ",")
}
