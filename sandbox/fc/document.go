package fc

import (
	"net"
	"net/http"
	"net/url"
)

// timeFormat is how the layer operations spell a time.
const timeFormat = "2006-01-02T15:04:05Z"

// location is where a zip can be fetched for a while.
type location struct {
	RepositoryType string `json:"repositoryType"`
	Location       string `json:"location"`
}

// layer2 is a version as 2.0 describes it. Only its answer to creating one
// spells the size with a small s, and leaves the newer ARN out.
type layer2 struct {
	LayerName         string   `json:"layerName"`
	Version           int64    `json:"version"`
	Description       string   `json:"description"`
	Code              location `json:"code"`
	CodeSize          int64    `json:"codeSize,omitempty"`
	Codesize          int64    `json:"codesize,omitempty"`
	CodeChecksum      string   `json:"codeChecksum"`
	CreateTime        string   `json:"createTime"`
	ACL               int      `json:"acl"`
	CompatibleRuntime []string `json:"compatibleRuntime"`
	Arn               string   `json:"arn"`
	ArnV2             string   `json:"arnV2,omitempty"`
	License           string   `json:"license,omitempty"`
}

// layer3 is a version as 3.0 describes it.
type layer3 struct {
	ACL               string   `json:"acl"`
	Code              location `json:"code"`
	CodeChecksum      string   `json:"codeChecksum"`
	CodeSize          int64    `json:"codeSize"`
	CompatibleRuntime []string `json:"compatibleRuntime"`
	CreateTime        string   `json:"createTime"`
	Description       string   `json:"description"`
	LayerName         string   `json:"layerName"`
	LayerVersionArn   string   `json:"layerVersionArn"`
	License           string   `json:"license"`
	Version           int64    `json:"version"`
}

// describe returns the document of a version in the API of the request. The
// lock is held.
func (s *Service) describe(x *exchange, l *layer, v *version) any {
	at := location{"OSS", s.link(x, l.Region, v.Object)}
	created := v.Created.UTC().Format(timeFormat)
	if x.api == api3 {
		acl := "0"
		if l.Public {
			acl = "1"
		}
		return layer3{
			ACL: acl, Code: at, CodeChecksum: v.CRC, CodeSize: v.Size, CompatibleRuntime: v.Runtimes, CreateTime: created,
			Description: v.Description, LayerName: l.Name, LayerVersionArn: l.versionArn(v.Number), License: v.License, Version: v.Number,
		}
	}
	acl := 0
	if l.Public {
		acl = 1
	}
	doc := layer2{
		LayerName: l.Name, Version: v.Number, Description: v.Description, Code: at, CodeSize: v.Size, CodeChecksum: v.CRC,
		CreateTime: created, ACL: acl, CompatibleRuntime: v.Runtimes, Arn: l.oldArn(v.Number),
		ArnV2: l.versionArn(v.Number), License: v.License,
	}
	if x.record.Action == "CreateLayerVersion" {
		doc.Codesize, doc.CodeSize, doc.ArnV2 = doc.CodeSize, 0, ""
	}
	return doc
}

// link returns a URL from which the client can fetch a zip that the service
// keeps.
func (s *Service) link(x *exchange, region, object string) string {
	return s.o.Link(x.base(), region, ownBucket(region), object)
}

// base is where the client reached the service: the host that it asked for may
// be the cloud's own.
func (x *exchange) base() url.URL {
	host := x.r.Host
	if at, ok := x.r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		host = at.String()
	}
	return url.URL{Scheme: "http", Host: host}
}
