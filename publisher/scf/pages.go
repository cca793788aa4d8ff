package scf

import (
	"context"
	"time"

	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
)

// pageSize is the most that is asked for in one answer of a listing.
const pageSize = 100

// A listing is asked for in pages.
type listing[T any] struct {
	action string
	// name tells the items apart, "" for one that is none.
	name func(T) string
	// ask returns up to pageSize items beginning at the offset, and how many
	// there are in all.
	ask func(ctx context.Context, offset int64) (page []T, total int64, err error)
}

// all returns everything that is listed. A listing that changes while it is
// read is read again, and is an error if it goes on changing.
func (l listing[T]) all(ctx context.Context, p *Publisher) ([]T, error) {
	const attempts = 3
	for range attempts {
		items, whole, err := l.once(ctx, p)
		if err != nil || whole {
			return items, err
		}
	}
	return nil, &layer.Fault{Message: "the listing changed each time it was read", Retry: true}
}

// once reads from the first to the last page. Pages are counted in items: when
// one is removed from a page that was read, the first of the next moves there
// and is never seen. So each page begins with the last item of the one before,
// and if it does not, the items are not the whole listing.
func (l listing[T]) once(ctx context.Context, p *Publisher) (items []T, whole bool, err error) {
	seen := map[string]bool{}
	last := ""
	for {
		page, total, err := l.page(ctx, p, int64(max(0, len(items)-1)))
		if err != nil {
			return nil, false, err
		}
		full := len(page) >= pageSize
		if len(items) > 0 {
			if len(page) == 0 || l.name(page[0]) != last {
				return nil, false, nil
			}
			page = page[1:]
		}
		for _, item := range page {
			last = l.name(item)
			if seen[last] {
				return nil, false, nil
			}
			seen[last] = true
			items = append(items, item)
		}
		// A service may have pages of its own size, and the count may be that
		// of the page.
		if complete := int64(len(items)) >= total; len(page) == 0 || !full && complete {
			return items, complete, nil
		}
	}
}

func (l listing[T]) page(ctx context.Context, p *Publisher, offset int64) (page []T, total int64, err error) {
	err = p.patiently(ctx, l.action, func(ctx context.Context) error {
		if page, total, err = l.ask(ctx, offset); err != nil {
			return err
		}
		for _, item := range page {
			if l.name(item) == "" {
				return errEmpty
			}
		}
		return nil
	})
	return page, total, err
}

// patiently makes a request again when its answer was lost or put off, since a
// long series of questions is not to fail by one of them.
func (p *Publisher) patiently(ctx context.Context, action string, send func(context.Context) error) error {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: time.Minute, Sleep: p.o.Sleep}
	_, err := poll.Until(ctx, pace, func() (bool, error) {
		err := p.do(ctx, action, send)
		return err == nil, err
	})
	return err
}
