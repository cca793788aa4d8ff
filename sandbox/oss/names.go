package oss

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxKey is the length of a key in bytes of UTF-8.
const maxKey = 1023

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// checkNames holds bucket and key against "Bucket naming conventions" and
// "Object naming conventions" of the OSS user guide.
func (x *exchange) checkNames() error {
	bucket, key := x.about.Bucket, x.about.Key
	switch {
	case bucket != "" && !bucketName.MatchString(bucket):
		return bad("InvalidBucketName", "The specified bucket is not valid.", Field{"BucketName", bucket})
	case len(key) > maxKey:
		return bad("InvalidObjectName", "The Length of Object name must be less than 1024.", Field{"ObjectName", key})
	case !utf8.ValidString(key), strings.HasPrefix(key, "/"), strings.HasPrefix(key, `\`):
		return bad("InvalidObjectName", "The specified object is not valid.", Field{"ObjectName", strings.ToValidUTF8(key, "\uFFFD")})
	}
	return nil
}
