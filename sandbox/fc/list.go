package fc

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// page returns the number of items that a listing asks for.
func (x *exchange) page() (int, error) {
	const usual, most = 20, 100
	text := x.r.URL.Query().Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalid("limit '%s' is invalid: it must be between 1 and %d", text, most)
	}
	return n, nil
}

// releasePage returns the number of published versions that a listing asks
// for, the one it is to begin with, 0 for the first, and whether that is the
// oldest.
func (x *exchange) releasePage() (most int, from int64, forward bool, err error) {
	if most, err = x.page(); err != nil {
		return 0, 0, false, err
	}
	q := x.r.URL.Query()
	if text := cmp.Or(q.Get("nextToken"), q.Get("startKey")); text != "" {
		if from, err = strconv.ParseInt(text, 10, 64); err != nil || from < 1 {
			return 0, 0, false, invalid("nextToken '%s' is invalid", text)
		}
	}
	direction := q.Get("direction")
	if direction != "" && direction != "FORWARD" && direction != "BACKWARD" {
		return 0, 0, false, invalid("direction '%s' is invalid: it must be FORWARD or BACKWARD", direction)
	}
	return most, from, direction == "FORWARD", nil
}

func (s *Service) listVersions(x *exchange) (any, error) {
	most, err := x.page()
	if err != nil {
		return nil, err
	}
	start := int64(0)
	if text := x.r.URL.Query().Get("startVersion"); text != "" {
		if start, err = strconv.ParseInt(text, 10, 32); err != nil || start < 0 {
			return nil, invalid("startVersion '%s' is invalid", text)
		}
	}
	doc := struct {
		Layers      []any `json:"layers"`
		NextVersion int64 `json:"nextVersion,omitempty"`
	}{Layers: []any{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[x.target()]
	if l == nil || len(l.Versions) == 0 {
		return nil, noLayer(x.parts["layer"])
	}
	for _, v := range l.Versions { // the oldest first, as the vendor's own tool reads them
		if v.Number < start {
			continue
		}
		if len(doc.Layers) == most {
			doc.NextVersion = v.Number
			break
		}
		doc.Layers = append(doc.Layers, s.describe(x, l, v))
	}
	return doc, nil
}

// paged is one page of items in the order of their names.
type paged[T any] struct {
	items []T
	next  string
}

// cut takes the page that a request asks for out of what there is: names with
// the prefix, from startKey or nextToken on.
func cut[T any](x *exchange, all []T, name func(T) string) (paged[T], error) {
	p := paged[T]{items: []T{}}
	most, err := x.page()
	if err != nil {
		return p, err
	}
	q := x.r.URL.Query()
	from := cmp.Or(q.Get("nextToken"), q.Get("startKey"))
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	for _, one := range all {
		if name(one) < from || !strings.HasPrefix(name(one), q.Get("prefix")) {
			continue
		}
		if len(p.items) == most {
			p.next = name(one)
			break
		}
		p.items = append(p.items, one)
	}
	return p, nil
}

// listLayers lists the newest version of each of the account's layers, or of
// all public ones. There are no official ones.
func (s *Service) listLayers(x *exchange) (any, error) {
	q := x.r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*layer
	for id, l := range s.layers {
		mine := id.account == x.account
		if q.Get("public") == "true" {
			mine = l.Public
		}
		if mine && id.region == x.region && len(l.Versions) > 0 && q.Get("official") != "true" {
			all = append(all, l)
		}
	}
	p, err := cut(x, all, func(l *layer) string { return l.Name })
	if err != nil {
		return nil, err
	}
	doc := struct {
		Layers    []any  `json:"layers"`
		NextToken string `json:"nextToken,omitempty"`
	}{Layers: []any{}, NextToken: p.next}
	for _, l := range p.items {
		doc.Layers = append(doc.Layers, s.describe(x, l, l.Versions[len(l.Versions)-1]))
	}
	return doc, nil
}
