package weather

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// Region returns the region that a request is for: the one in its signature,
// where it has one (S3, Lambda, OSS), else in the header that says so (SCF,
// Function Compute), else in the host (COS, Function Compute). It is "" if
// nothing says so, as in requests to COS at an address.
func Region(r *http.Request) string {
	authorization := r.Header.Get("Authorization")
	query := r.URL.Query()
	switch {
	case strings.HasPrefix(authorization, awssig.Algorithm), query.Has("X-Amz-Algorithm"):
		claim, _ := awssig.Parse(r) // one that cannot be read has no region
		return claim.Region
	case strings.HasPrefix(authorization, osssig.Algorithm), query.Has("x-oss-signature-version"):
		claim, _ := osssig.Parse(r)
		return claim.Region
	}
	for _, name := range []string{"X-Tc-Region", "X-Acs-Region-Id"} {
		if region := r.Header.Get(name); region != "" {
			return region
		}
	}
	if m := host.FindStringSubmatch(r.Host); m != nil {
		return m[1]
	}
	return ""
}

// host finds the region in <bucket>.cos.<region>.myqcloud.com,
// <account>.<region>.fc.aliyuncs.com and fcv3.<region>.aliyuncs.com.
var host = regexp.MustCompile(`^(?:.+\.)?([a-z]+-[a-z0-9-]+?)(?:-internal)?(?:\.fc)?\.(?:aliyuncs\.com|myqcloud\.com|tencentcos\.cn)(?::\d+)?$`)
