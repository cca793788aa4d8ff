package fc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// Share lets everybody use the layer, or nobody but the account: the access
// list is the layer's and covers all of its versions, see [Publisher.Widens].
// There is no sharing with some.
// https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-putlayeracl
func (p *Publisher) Share(ctx context.Context, v layer.Version, s publisher.Sharing) (changed bool, err error) {
	if len(s.Accounts) > 0 || s.Organization != "" {
		return false, &layer.Fault{
			Message: "function compute shares a layer with everybody or nobody, not with accounts or an organization",
			Hint:    `set target.share to "public" or "private"`,
		}
	}
	present, err := p.api.get(ctx, v.Name, v.Number)
	if err != nil {
		return false, fmt.Errorf("reading the access list: %w", err)
	}
	if present.public == s.Public {
		return false, nil
	}
	if err := p.api.open(ctx, v.Name, s.Public); err != nil {
		var f *layer.Fault
		return errors.As(err, &f) && f.Unknown, fmt.Errorf("changing the access list: %w", err)
	}
	return true, nil
}

// Grants has "public" for a version whose layer is. Nobody says who made it so:
// whoever takes it back takes it back for all versions.
func (p *Publisher) Grants(ctx context.Context, v layer.Version) ([]publisher.Grant, error) {
	present, err := p.api.get(ctx, v.Name, v.Number)
	if err != nil {
		return nil, fmt.Errorf("reading the access list: %w", err)
	}
	if !present.public {
		return nil, nil
	}
	return []publisher.Grant{{To: "public", Ours: true}}, nil
}

// Widens returns the numbers of the layer's other versions, the oldest first,
// if sharing v would make them public too. A version that is only about to be
// made has the number 0: then all that there are are others.
func (p *Publisher) Widens(ctx context.Context, v layer.Version, s publisher.Sharing) ([]int64, error) {
	if !s.Public {
		return nil, nil
	}
	list, err := p.all(ctx, v.Name)
	if err != nil || slices.ContainsFunc(list, func(other version) bool { return other.public }) {
		return nil, err
	}
	var others []int64
	for _, other := range slices.Backward(list) {
		if other.Number != v.Number {
			others = append(others, other.Number)
		}
	}
	return others, nil
}
