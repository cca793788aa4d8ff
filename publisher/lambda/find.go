package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

const (
	// pageSize is the largest page: ListLayerVersions, MaxItems.
	pageSize = 50
	// A listing has no checksums, each takes a request of its own, so only so
	// many versions are asked for theirs: of those with the marker, and of
	// those without one.
	looks = 10
	// A version is downloaded only to see whether it is the same tree packed
	// differently.
	downloads = 3
)

// Find lists all versions and asks Lambda for the checksum of the ones that
// can be meant: the newest 10 whose description has the marker of this tree,
// and the newest 10 whose description has no marker at all. So a version that
// was published without a marker is found again only while it is among the
// newest.
//
// When no checksum is the same, up to 3 versions with the marker are fetched:
// one that holds the same tree is the one, marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	marked, plain, err := p.candidates(ctx, name, d)
	if err != nil {
		return layer.Version{}, fmt.Errorf("listing versions: %w", err)
	}
	var others []layer.Version
	for _, n := range slices.Concat(first(marked, looks), first(plain, looks)) {
		v, err := p.Get(ctx, name, n)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted a moment ago
		case err != nil:
			return layer.Version{}, fmt.Errorf("asking for version %d: %w", n, err)
		case v.SHA256 == d.SHA256.String():
			return v, nil
		case slices.Contains(marked, n):
			others = append(others, v)
		}
	}
	for _, v := range first(others, downloads) {
		same, err := p.holds(ctx, v, d.Tree)
		if err != nil {
			return layer.Version{}, fmt.Errorf("comparing the content of version %d: %w", v.Number, err)
		}
		if same {
			v.Repacked = true
			return v, nil
		}
	}
	return layer.Version{}, fmt.Errorf("no version of layer %q has this content: %w", name, fs.ErrNotExist)
}

// candidates returns the numbers of the versions with the marker of this tree,
// and of those without any, the newest first.
func (p *Publisher) candidates(ctx context.Context, name string, d layer.Digests) (marked, plain []int64, err error) {
	pages := lambda.NewListLayerVersionsPaginator(p.client, &lambda.ListLayerVersionsInput{
		LayerName: &name, MaxItems: aws.Int32(pageSize),
	})
	var versions []types.LayerVersionsListItem
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if f := readFault(err); f != nil {
			return nil, nil, f
		}
		versions = append(versions, page.LayerVersions...)
	}
	slices.SortFunc(versions, func(a, b types.LayerVersionsListItem) int { return cmp.Compare(b.Version, a.Version) })
	for _, v := range versions {
		digits, ok := publisher.Marked(aws.ToString(v.Description))
		switch {
		case !ok:
			plain = append(plain, v.Version)
		case strings.HasPrefix(d.Tree.String(), digits):
			marked = append(marked, v.Version)
		}
	}
	return marked, plain, nil
}

// Get describes a version, its checksum and its address included.
func (p *Publisher) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	out, err := p.client.GetLayerVersion(ctx, &lambda.GetLayerVersionInput{LayerName: &name, VersionNumber: &number})
	if f := readFault(err); f != nil {
		return layer.Version{}, f
	}
	v := layer.Version{
		Name: name, Number: out.Version, ARN: aws.ToString(out.LayerVersionArn),
		Description: aws.ToString(out.Description), Created: aws.ToString(out.CreatedDate),
	}
	return described(v, out.Content), nil
}

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }
