package s3

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxKey is the length of a key in bytes of UTF-8.
const maxKey = 1024

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// checkBucketName holds a name against "General purpose bucket naming rules"
// of the S3 user guide.
func checkBucketName(name string) error {
	_, err := netip.ParseAddr(name)
	isAddress := err == nil
	switch {
	case !bucketName.MatchString(name), isAddress, strings.Contains(name, ".."),
		strings.HasPrefix(name, "xn--"), strings.HasPrefix(name, "sthree-"), strings.HasPrefix(name, "amzn-s3-demo-"),
		strings.HasSuffix(name, "-s3alias"), strings.HasSuffix(name, "--ol-s3"), strings.HasSuffix(name, ".mrap"),
		strings.HasSuffix(name, "--x-s3"), strings.HasSuffix(name, "--table-s3"):
		return bad("InvalidBucketName", "The specified bucket is not valid.", Field{"BucketName", name})
	}
	return nil
}

func checkKey(key string) error {
	switch {
	case !utf8.ValidString(key):
		return bad("InvalidURI", "Couldn't parse the specified URI.", Field{"URI", key})
	case len(key) > maxKey:
		return bad("KeyTooLongError", "Your key is too long",
			Field{"Size", strconv.Itoa(len(key))}, Field{"MaxSizeAllowed", strconv.Itoa(maxKey)})
	}
	return nil
}
