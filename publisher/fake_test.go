package publisher

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A fake is a service whose answers are written down beforehand. What is
// beyond the end of a list succeeds.
type fake struct {
	// appears is the Find, counted from 1, that first sees the version; 0 is
	// none until Publish makes one.
	appears int
	version layer.Version
	finds   []error
	publish []error
	shares  []error
	deletes []error
	gets    []error
	// hang makes Publish wait for its context.
	hang bool

	log []string
}

func (f *fake) note(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

func (f *fake) count(what string) (n int) {
	for _, line := range f.log {
		if line == what {
			n++
		}
	}
	return n
}

// next takes the first error of a list.
func next(list *[]error) error {
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

func (f *fake) Find(context.Context, string, layer.Digests) (layer.Version, error) {
	f.note("find")
	if err := next(&f.finds); err != nil {
		return layer.Version{}, err
	}
	if f.appears == 0 || f.count("find") < f.appears {
		return layer.Version{}, fmt.Errorf("nothing: %w", fs.ErrNotExist)
	}
	return f.version, nil
}

func (f *fake) Publish(ctx context.Context, r Request) (layer.Version, error) {
	f.note("publish")
	if f.hang {
		<-ctx.Done()
		return layer.Version{}, ctx.Err()
	}
	if err := next(&f.publish); err != nil {
		return layer.Version{}, err
	}
	return f.version, nil
}

// A full fake has the optional abilities as well.
type full struct{ *fake }

func (f full) Share(_ context.Context, _ layer.Version, s Sharing) (bool, error) {
	f.note("share")
	if err := next(&f.shares); err != nil {
		return true, err
	}
	return !s.Private, nil
}

func (f full) Get(_ context.Context, _ string, number int64) (layer.Version, error) {
	f.note("get %d", number)
	if number != f.version.Number {
		return layer.Version{}, fmt.Errorf("nothing: %w", fs.ErrNotExist)
	}
	return f.version, next(&f.gets)
}

func (f full) Delete(ctx context.Context, _ layer.Version) error {
	f.note("delete")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return next(&f.deletes)
}

var (
	digests = layer.Digests{SHA256: layer.Sum{1}, CRC64: 1, Size: 1}
	request = Request{Name: "web", Artifact: layer.Artifact{Digests: digests}}
	good    = layer.Version{Name: "web", Number: 7, SHA256: digests.SHA256.String(), CRC64: "1"}
	lost    = &layer.Fault{Message: "lost", Unknown: true}
)

// A timer takes no time.
type timer struct{ slept time.Duration }

func (t *timer) sleep(ctx context.Context, d time.Duration) error {
	t.slept += d
	return ctx.Err()
}
