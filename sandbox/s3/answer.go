package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// answer sends a document with status 200.
func (x *exchange) answer(doc any) error {
	text, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	text = append([]byte(xml.Header), text...)
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	x.w.WriteHeader(http.StatusOK)
	x.w.Write(text) // fails only when the client is gone
	return nil
}

// checkSmall holds a body that was read whole against its signed hash.
func (x *exchange) checkSmall(text []byte) error {
	got := sha256.Sum256(text)
	if hexSum.MatchString(x.payload) && hex.EncodeToString(got[:]) != x.payload {
		return bad("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.",
			Field{"ClientComputedContentSHA256", x.payload}, Field{"S3ComputedContentSHA256", hex.EncodeToString(got[:])})
	}
	return nil
}

// stamp is how XML documents spell a time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type owner struct{ ID, DisplayName string }

// ownerOf makes up the canonical user id of an account, 64 hexadecimal digits.
func ownerOf(account string) owner {
	id := sha256.Sum256([]byte(account))
	return owner{ID: hex.EncodeToString(id[:]), DisplayName: "sandbox"}
}
