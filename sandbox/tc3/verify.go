// Package tc3 is the server's side of Tencent Cloud's signature version 3,
// TC3-HMAC-SHA256: it reads the signature of a request, computes it anew from
// the secret and compares.
//
// The rules are those of "Signature v3" in the API reference
// (tencentcloud.com/document/api/583/33846), and two leniencies that the
// vendor's SDK for JavaScript needs where the endpoint is an address and not
// the service's name: it signs the host without the port, and takes the first
// label of the address for the service.
package tc3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Credential is one key pair.
type Credential struct {
	// Key is the secret id, which is public; Secret never travels. Token must
	// come with a temporary key, "" for a long-lived one.
	Key, Secret, Token string
	// Account is the APPID of the account it belongs to.
	Account string
}

// A Verifier checks the signatures of requests.
type Verifier struct {
	// Skew is how far a request's time may be from the clock.
	Skew time.Duration
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks a secret id up.
	Find func(key string) (Credential, bool)
}

// Verify checks the claim of a request with the given body and returns whose
// it is. The error is a *[Refusal].
func (v Verifier) Verify(r *http.Request, c Claim, body []byte) (Credential, error) {
	refusal := &Refusal{Key: c.Key, Time: c.Time}
	refuse := func(reason Reason, detail string) (Credential, error) {
		refusal.Reason, refusal.Detail = reason, detail
		return Credential{}, refusal
	}
	credential, ok := v.Find(c.Key)
	if !ok {
		return refuse(UnknownKey, c.Key)
	}
	if credential.Token != c.Token {
		return refuse(WrongToken, "")
	}
	refusal.Server = v.Clock().UTC()
	if c.Time.Sub(refusal.Server).Abs() > v.Skew {
		return refuse(Skewed, "")
	}
	if c.Time.Format(dateFormat) != c.Date {
		return refuse(WrongDate, c.Date)
	}
	for _, host := range hosts(r.Host) {
		refusal.Canonical = canonicalRequest(r, c, host, body)
		if hmac.Equal([]byte(signature(credential.Secret, c, refusal.Canonical)), []byte(c.Signature)) {
			return credential, nil
		}
	}
	return refuse(Mismatch, "")
}

// hosts returns what may have been signed as the host.
func hosts(host string) []string {
	bare, _, err := net.SplitHostPort(host)
	if err != nil {
		return []string{host}
	}
	return []string{bare, host}
}

// canonicalRequest builds the text whose hash is signed. The path is always
// "/", and the query of a POST empty.
func canonicalRequest(r *http.Request, c Claim, host string, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n/\n" + r.URL.RawQuery + "\n")
	for _, name := range c.Signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		b.WriteString(name + ":" + strings.ToLower(strings.TrimSpace(value)) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.Signed, ";") + "\n" + hexSum(body))
	return b.String()
}

func signature(secret string, c Claim, canonical string) string {
	text := Algorithm + "\n" + strconv.FormatInt(c.Time.Unix(), 10) + "\n" + c.Scope() + "\n" + hexSum([]byte(canonical))
	key := mac([]byte("TC3"+secret), c.Date)
	key = mac(key, c.Service)
	key = mac(key, terminator)
	return hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
