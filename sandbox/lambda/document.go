package lambda

import (
	"net/url"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// created is how Lambda spells a time.
const created = "2006-01-02T15:04:05.000+0000"

// locationLife is how long the URL in an answer holds: "a presigned URL …
// valid for 10 minutes", GetLayerVersion in the API reference.
const locationLife = 10 * time.Minute

// summary is a version as the listings have it, without its content.
type summary struct {
	LayerVersionArn         string
	Version                 int64
	Description             string
	CreatedDate             string
	CompatibleRuntimes      *[]string `json:",omitempty"`
	CompatibleArchitectures *[]string `json:",omitempty"`
	LicenseInfo             *string   `json:",omitempty"`
}

// detail is a version as publishing and getting have it.
type detail struct {
	Content  content
	LayerArn string
	summary
}

type content struct {
	Location   string
	CodeSha256 string
	CodeSize   int64
}

func (l *layer) summary(v *version) summary {
	return summary{
		LayerVersionArn: l.versionArn(v.Number), Version: v.Number, Description: v.Description,
		CreatedDate: v.Created.UTC().Format(created), CompatibleRuntimes: v.Runtimes,
		CompatibleArchitectures: v.Architectures, LicenseInfo: v.License,
	}
}

func (s *Service) detail(x *exchange, l *layer, v *version) detail {
	base := url.URL{Scheme: "http", Host: x.r.Host}
	location := awssig.Presign(base, ownBucket(l.Region), v.Object, l.Region, s.o.Own, s.o.Clock(), locationLife)
	return detail{
		Content:  content{Location: location, CodeSha256: v.SHA256, CodeSize: v.Size},
		LayerArn: l.id().arn(), summary: l.summary(v),
	}
}

// ownBucket is where the service keeps zips: the real one's bucket has this
// name, and is not the customer's either.
func ownBucket(region string) string { return "awslambda-" + region + "-layers" }
