package fc

import "errors"

// pageSize is the largest page of any listing.
const pageSize = 100

// A page is a part of a listing, and where the next one begins.
type page[T any] struct {
	items []*T
	next  *string
}

// paged asks for one page after another and hands every item to each. A listing
// that leads back to where it was has no end, and is an error.
func paged[T any](ask func(at *string) (page[T], error), each func(*T) error) error {
	seen := map[string]bool{}
	for at := (*string)(nil); ; {
		p, err := ask(at)
		if err != nil {
			return err
		}
		for _, item := range p.items {
			if item == nil {
				return errEmpty
			}
			if err := each(item); err != nil {
				return err
			}
		}
		if value(p.next) == "" {
			return nil
		}
		if seen[*p.next] {
			return errors.New("the pages of the listing go round in circles")
		}
		seen[*p.next], at = true, p.next
	}
}
