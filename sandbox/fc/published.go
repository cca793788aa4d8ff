package fc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// releases are the published versions of a function, or in 2.0 of a service
// with all its functions.
type releases struct {
	// Last is the number that was given out last.
	Last int64 `json:"last,omitempty"`
	// List has the oldest first.
	List []release `json:"list,omitempty"`
}

// A release is a published version. It never changes.
type release struct {
	Number      int64     `json:"number"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
	// Functions are as they were when it was published.
	Functions []*deployed `json:"functions"`
}

// releaseDocument is a release as both APIs describe it.
type releaseDocument struct {
	VersionID        string `json:"versionId"`
	Description      string `json:"description"`
	CreatedTime      string `json:"createdTime"`
	LastModifiedTime string `json:"lastModifiedTime"`
}

func (one release) document() releaseDocument {
	at := one.Created.UTC().Format(timeFormat)
	return releaseDocument{strconv.FormatInt(one.Number, 10), one.Description, at, at}
}

// index returns where the release with the number is, or -1.
func (r releases) index(number string) int {
	return slices.IndexFunc(r.List, func(one release) bool { return strconv.FormatInt(one.Number, 10) == number })
}

// functions returns what all releases hold.
func (r releases) functions() []*deployed {
	var all []*deployed
	for _, one := range r.List {
		all = append(all, one.Functions...)
	}
	return all
}

// current reports whether the newest release has the functions as they are.
func (r releases) current(functions []*deployed) (bool, error) {
	if len(r.List) == 0 {
		return false, nil
	}
	before, err := json.Marshal(r.List[len(r.List)-1].Functions)
	if err != nil {
		return false, err
	}
	now, err := json.Marshal(functions)
	return bytes.Equal(before, now), err
}

// A versioned is what versions are published of: a function in 3.0, a service
// in 2.0.
type versioned struct {
	// title is what messages call it.
	title     string
	releases  releases
	functions []*deployed
	// keep puts other releases in place of these.
	keep func(releases) error
}

// versioned returns what the path names. The lock is held.
func (s *Service) versioned(x *exchange) (versioned, error) {
	if x.api == api2 {
		one, err := s.service(x)
		if err != nil {
			return versioned{}, err
		}
		return versioned{fmt.Sprintf("service '%s'", one.Name), one.Published, s.inService(one), func(r releases) error {
			next := *one
			next.Published = r
			return s.putService(&next)
		}}, nil
	}
	f, err := s.function(x)
	if err != nil {
		return versioned{}, err
	}
	return versioned{fmt.Sprintf("function '%s'", f.Name), f.Published, []*deployed{f.frozen()}, func(r releases) error {
		next := *f
		next.Published = r
		return s.putFunction(&next)
	}}, nil
}

// at returns the functions that a request asks for by its qualifier. There are
// no aliases.
func (v versioned) at(x *exchange) ([]*deployed, error) {
	qualifier := x.r.URL.Query().Get("qualifier")
	if qualifier == "" || qualifier == "LATEST" {
		return v.functions, nil
	}
	if strings.Trim(qualifier, "0123456789") != "" {
		return nil, notFound("AliasNotFound", "alias '%s' of %s does not exist", qualifier, v.title)
	}
	i := v.releases.index(qualifier)
	if i < 0 {
		return nil, v.missing(qualifier)
	}
	return v.releases.List[i].Functions, nil
}

func (v versioned) missing(number string) error {
	return notFound("VersionNotFound", "version '%s' of %s does not exist", number, v.title)
}

// publishRelease publishes a version. The code for one that would be the same
// as the last is what users of the vendor's tools quote.
func (s *Service) publishRelease(x *exchange) (any, error) {
	var in struct{ Description string }
	if len(x.body) > 0 {
		if err := x.decode(&in); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.versioned(x)
	if err != nil {
		return nil, err
	}
	same, err := v.releases.current(v.functions)
	if err != nil {
		return nil, err
	}
	if same {
		return nil, &failure{status: http.StatusBadRequest, code: "VersionPublishError",
			message: fmt.Sprintf("can not publish version for %s, detail: 'No changes were made since last publish'", v.title)}
	}
	next := v.releases
	next.Last++
	one := release{next.Last, in.Description, s.o.Clock().UTC(), v.functions}
	next.List = append(slices.Clone(next.List), one)
	if err := v.keep(next); err != nil {
		return nil, err
	}
	return one.document(), nil
}

// listReleases has the newest first, unless it is asked otherwise.
func (s *Service) listReleases(x *exchange) (any, error) {
	most, from, forward, err := x.releasePage()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.versioned(x)
	if err != nil {
		return nil, err
	}
	doc := struct {
		Direction string            `json:"direction"`
		Versions  []releaseDocument `json:"versions"`
		NextToken string            `json:"nextToken,omitempty"`
	}{Direction: "FORWARD", Versions: []releaseDocument{}}
	list := slices.Clone(v.releases.List)
	if !forward {
		doc.Direction = "BACKWARD"
		slices.Reverse(list)
	}
	for _, one := range list {
		if from > 0 && (forward && one.Number < from || !forward && one.Number > from) {
			continue
		}
		if len(doc.Versions) == most {
			doc.NextToken = strconv.FormatInt(one.Number, 10)
			break
		}
		doc.Versions = append(doc.Versions, one.document())
	}
	return doc, nil
}

func (s *Service) deleteRelease(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.versioned(x)
	if err != nil {
		return nil, err
	}
	number := x.parts["release"]
	i := v.releases.index(number)
	if i < 0 {
		return nil, v.missing(number)
	}
	gone, next := v.releases.List[i], v.releases
	next.List = slices.Delete(slices.Clone(next.List), i, i+1)
	if err := v.keep(next); err != nil {
		return nil, err
	}
	return nil, s.releaseAll(gone.Functions...)
}
