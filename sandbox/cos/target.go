package cos

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A target is what a request is about.
type target struct {
	// region is "" for an address, which is in none, and so are all others
	// for a host that is not COS's.
	region, bucket, key string
	// foreign says that the Host header is not COS's.
	foreign bool
}

var domain = regexp.MustCompile(`^(?:([^:]+)\.)?cos\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)(?::\d+)?$`)

// targetOf reads host and path: <bucket>.cos.<region>.myqcloud.com/<key> or
// cos.<region>.myqcloud.com/<bucket>/<key>, see "Regions and Access Endpoints"
// in the COS documentation.
func (s *Service) targetOf(r *http.Request) target {
	path := strings.TrimPrefix(r.URL.Path, "/")
	m := domain.FindStringSubmatch(r.Host)
	switch {
	case m != nil && m[1] != "":
		return target{region: m[2], bucket: m[1], key: path}
	case m == nil && (!s.o.PathStyle || !isAddress(r.Host)):
		return target{foreign: true}
	}
	var t target
	if m != nil {
		t.region = m[2]
	}
	t.bucket, t.key, _ = strings.Cut(path, "/")
	return t
}

func isAddress(host string) bool {
	if _, err := netip.ParseAddrPort(host); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

const (
	// maxKey is the length of a key in bytes of UTF-8.
	maxKey = 850
	// maxHost is the length of a bucket's whole host name.
	maxHost = 60
)

// bucketName ends in the APPID of its owner.
var bucketName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-\d{5,}$`)

// checkNames holds bucket and key against "Bucket Overview: Naming
// Conventions" and "Object Overview: Object Keys" of the COS documentation.
func (x *exchange) checkNames() error {
	switch {
	case x.foreign:
		return bad("InvalidURI", "Could not parse the specified URI: the host is not COS's.")
	case x.bucket != "" && !bucketName.MatchString(x.bucket):
		return bad("InvalidBucketName", "The specified bucket is not valid.")
	case x.bucket != "" && len(x.bucket+".cos."+x.region+".myqcloud.com") > maxHost:
		return bad("BucketNameTooLong", "The specified bucket name is too long.")
	case len(x.key) > maxKey:
		return bad("KeyTooLong", "The specified key is too long.")
	case !utf8.ValidString(x.key), strings.HasPrefix(x.key, "/"), strings.HasPrefix(x.key, `\`):
		return bad("InvalidObjectName", "The specified object name is not valid.")
	}
	return nil
}

// resource is what the errors and other documents call the target.
func (x *exchange) resource() string {
	if x.bucket == "" || x.region == "" {
		return x.r.Host + x.r.URL.Path
	}
	return x.bucket + ".cos." + x.region + ".myqcloud.com/" + x.key
}
