package objects

import (
	"maps"
	"slices"
	"strings"
)

// A Query chooses what a listing has.
type Query struct {
	Prefix string
	// Delimiter makes one item of all keys that are equal up to where it
	// first stands behind the prefix. "" does not.
	Delimiter string
	// After is the item behind which the listing begins.
	After string
	// Limit is the most items that a page has.
	Limit int
}

// A Page is one part of a listing, in the order of the keys' bytes.
type Page struct {
	Items []Item
	// More says that there is something behind the last item.
	More bool
}

// Last is the item with which the page ends, "" if it has none.
func (p Page) Last() string {
	if len(p.Items) == 0 {
		return ""
	}
	return p.Items[len(p.Items)-1].Name
}

// An Item is an object, or what several keys have in common.
type Item struct {
	// Name is the key, or the common prefix with its delimiter.
	Name string
	// Object is nil for a common prefix.
	Object *Object
}

// List returns a page of a bucket's objects.
func (s *Store) List(p Place, q Query) (Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return Page{}, err
	}
	var page Page
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		name, common := group(key, q)
		if !strings.HasPrefix(key, q.Prefix) || name <= q.After || common && name == page.Last() {
			continue
		}
		if len(page.Items) == q.Limit {
			page.More = true
			break
		}
		item := Item{Name: name}
		if !common {
			o := *b.objects[key]
			item.Object = &o
		}
		page.Items = append(page.Items, item)
	}
	return page, nil
}

// group returns what stands for a key in a listing: itself, or what it has in
// common with all keys to the next delimiter.
func group(key string, q Query) (name string, common bool) {
	rest, ok := strings.CutPrefix(key, q.Prefix)
	if !ok || q.Delimiter == "" {
		return key, false
	}
	before, _, found := strings.Cut(rest, q.Delimiter)
	if !found {
		return key, false
	}
	return q.Prefix + before + q.Delimiter, true
}
