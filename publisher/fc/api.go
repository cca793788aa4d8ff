package fc

import (
	"context"
	"fmt"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// An api is one of the two: the same operations in other words. Errors are
// *layer.Fault.
type api interface {
	create(ctx context.Context, name string, in creation) (version, error)
	get(ctx context.Context, name string, number int64) (version, error)
	// list returns a page of the versions and where the next one begins, 0
	// for the last.
	list(ctx context.Context, name string, start int64) (page []version, next int64, err error)
	remove(ctx context.Context, name string, number int64) error
	// open lets everybody use the layer with all its versions, or nobody.
	open(ctx context.Context, name string, public bool) error

	// createFunction reports whether something may have been made, also when
	// it failed.
	createFunction(ctx context.Context, f function) (made bool, err error)
	// state returns the state of a function and the reason for it.
	state(ctx context.Context, name string) (state, reason string, err error)
	invoke(ctx context.Context, name string, event []byte) (publisher.TrialReport, error)
	// deleteFunction removes a function and what was made for it. What is not
	// there is no error.
	deleteFunction(ctx context.Context, name string) error
	// trials lists throw-away functions.
	trials(ctx context.Context) ([]trial, error)
	// survey shows every function of this API, and every published version of
	// one, with the ARNs of its layers. It shows several at the same time. What
	// is deleted meanwhile is left out.
	survey(ctx context.Context, show func(user string, layers []string)) error
}

// A version is a layer version, and whether its layer is public.
type version struct {
	layer.Version
	public bool
}

// A function is what a throw-away function is made from.
type function struct {
	name, runtime, handler, role string
	// layers are ARNs: the first wins.
	layers []string
	// zip is in base64, checksum its CRC-64 in decimal.
	zip, checksum string
	// memory is in MiB, timeout in seconds.
	memory, timeout int32
}

// A trial is a throw-away function that is there.
type trial struct {
	name    string
	created time.Time
}

// arn is the name of a version that functions take.
func arn(region, account, name string, number int64) string {
	return fmt.Sprintf("acs:fc:%s:%s:layers/%s/versions/%d", region, account, name, number)
}

// value is what a pointer of the SDKs points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// given is nil for nothing.
func given[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func pointers(list []string) []*string {
	pointers := make([]*string, len(list))
	for i := range list {
		pointers[i] = &list[i]
	}
	return pointers
}

// values are what pointers of the SDKs point to.
func values(pointers []*string) []string {
	var list []string
	for _, p := range pointers {
		list = append(list, value(p))
	}
	return list
}

// timeOf reads a time, however an API spells it; one that cannot be read is
// the zero time.
func timeOf(text string) time.Time {
	for _, format := range []string{time.RFC3339, "2006-01-02T15:04:05.999-0700"} {
		if t, err := time.Parse(format, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
