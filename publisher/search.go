package publisher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A search looks for the version that a request would make.
type search struct {
	o Options
	p Publisher
	r Request
	// outdated says why a version with the content will not do.
	outdated []string
}

// look returns the version that will do.
func (s *search) look(ctx context.Context) (Outcome, error) {
	v, err := s.first(ctx)
	if err != nil {
		return Outcome{Outdated: s.outdated}, fmt.Errorf("looking for layer %q: %w", s.r.Name, err)
	}
	return found(v, s.r), nil
}

// first asks for the version that is known, and looks through all if that is
// not it.
func (s *search) first(ctx context.Context) (layer.Version, error) {
	if g, ok := s.p.(Getter); ok && s.o.Known > 0 && s.o.Pending <= 0 {
		var v layer.Version
		err := s.o.retry(ctx, func() (err error) {
			v, err = g.Get(ctx, s.r.Name, s.o.Known)
			return err
		})
		switch {
		case err == nil && match(v, s.r.Artifact.Digests) == nil && s.accepts(v):
			return v, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return v, err
		}
	}
	return s.await(ctx, s.o.Pending)
}

// accepts reports whether a version with the content will do.
func (s *search) accepts(v layer.Version) bool {
	if !s.o.Republish {
		return true
	}
	s.outdated = Outdated(v, s.r)
	return len(s.outdated) == 0
}

// why says why a new version had to be made.
func (s *search) why() string {
	if len(s.outdated) > 0 {
		return "republished: " + strings.Join(s.outdated, "; ")
	}
	return "no version had these bytes"
}

// await looks for a version at once, and again for as long as patience says.
// The error wraps fs.ErrNotExist when all that time there was none.
func (s *search) await(ctx context.Context, patience time.Duration) (layer.Version, error) {
	pause := firstPause
	for {
		var v layer.Version
		err := s.o.retry(ctx, func() (err error) {
			v, err = s.p.Find(ctx, s.r.Name, s.r.Artifact.Digests)
			return err
		})
		if err == nil && !s.accepts(v) {
			err = fmt.Errorf("version %d is outdated: %w", v.Number, fs.ErrNotExist)
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) || patience <= 0 {
			return v, err
		}
		// Time is counted by the pauses alone: what the requests take comes
		// on top, so the wait is never shorter than it has to be.
		wait := min(pause, patience)
		patience -= wait
		pause = min(2*pause, longestPoll)
		if err := s.o.Sleep(ctx, wait); err != nil {
			return layer.Version{}, err
		}
	}
}
