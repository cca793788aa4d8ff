package cossig

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// formatString builds the text whose hash is signed. The path is not escaped
// in it, however the client sent it.
func formatString(r *http.Request, c Claim) string {
	return strings.ToLower(r.Method) + "\n" + r.URL.Path + "\n" +
		pairs(c.Params, paramValues(r)) + "\n" + pairs(c.Headers, headerValues(r)) + "\n"
}

// pairs joins what is signed of parameters or headers, by name and then by
// value.
func pairs(names []string, values func(name string) []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	var fields []string
	for _, name := range slices.Compact(names) {
		list := slices.Sorted(slices.Values(values(name)))
		if len(list) == 0 {
			list = []string{""}
		}
		for _, value := range list {
			fields = append(fields, name+"="+escape(value))
		}
	}
	return strings.Join(fields, "&")
}

// paramValues looks parameters up by their name in lower case and escaped.
func paramValues(r *http.Request) func(name string) []string {
	query, _ := Query(r) // was read before, by Parse
	byName := map[string][]string{}
	for name, values := range query {
		name = strings.ToLower(escape(name))
		byName[name] = append(byName[name], values...)
	}
	return func(name string) []string { return byName[name] }
}

// headerValues looks headers up by their name in lower case. Go's server takes
// some headers out of the map.
func headerValues(r *http.Request) func(name string) []string {
	return func(name string) []string {
		plain, err := url.PathUnescape(name)
		if err != nil {
			plain = name
		}
		values := r.Header.Values(plain)
		switch {
		case plain == "host":
			return []string{r.Host}
		case plain == "transfer-encoding":
			return r.TransferEncoding
		case plain == "content-length" && len(values) == 0 && r.ContentLength >= 0:
			return []string{strconv.FormatInt(r.ContentLength, 10)}
		}
		return values
	}
}

// escape is COS's UrlEncode: everything but RFC 3986's unreserved characters
// as upper-case percent escapes.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func stringToSign(c Claim, format string) string {
	sum := sha1.Sum([]byte(format))
	return algorithm + "\n" + c.Sign.String() + "\n" + hex.EncodeToString(sum[:]) + "\n"
}

// sign computes the signature of a text. The key that is derived from the
// secret is used in its hexadecimal form.
func sign(secret string, c Claim, text string) string {
	return mac(mac(secret, c.KeyTime.String()), text)
}

func mac(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}
