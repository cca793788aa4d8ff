package lambda

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/layer"
)

// pageSize is the largest page: ListLayerVersions, MaxItems. ListFunctions
// returns no more than so many either, whatever it is asked for.
const pageSize = 50

// Versions lists all versions, without their checksums, sizes and addresses,
// which only [Publisher.Get] tells.
func (p *Publisher) Versions(ctx context.Context, name string) ([]layer.Version, error) {
	pages := lambda.NewListLayerVersionsPaginator(p.client, &lambda.ListLayerVersionsInput{
		LayerName: &name, MaxItems: aws.Int32(pageSize),
	})
	var list []layer.Version
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		f := fault(err)
		if first && absent(f) {
			return nil, nil
		}
		if f == nil && page.LayerVersions == nil {
			f = incomplete()
		}
		if f != nil {
			return nil, fmt.Errorf("listing versions: %w", f)
		}
		for _, item := range page.LayerVersions {
			list = append(list, version(name, item))
		}
	}
	slices.SortFunc(list, func(a, b layer.Version) int { return cmp.Compare(b.Number, a.Number) })
	return list, nil
}

// Get describes a version, its checksum and its address included.
func (p *Publisher) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	out, err := p.client.GetLayerVersion(ctx, &lambda.GetLayerVersionInput{LayerName: &name, VersionNumber: &number})
	f := readFault(err)
	if f == nil && out.Version != number {
		f = incomplete()
	}
	if f != nil {
		return layer.Version{}, f
	}
	v := version(name, types.LayerVersionsListItem{
		Version: out.Version, LayerVersionArn: out.LayerVersionArn, Description: out.Description, CreatedDate: out.CreatedDate,
		LicenseInfo: out.LicenseInfo, CompatibleRuntimes: out.CompatibleRuntimes, CompatibleArchitectures: out.CompatibleArchitectures,
	})
	return withContent(v, out.Content), nil
}

// version is what all answers about a version have.
func version(name string, item types.LayerVersionsListItem) layer.Version {
	return layer.Version{
		Name: name, Number: item.Version, ARN: aws.ToString(item.LayerVersionArn),
		Description: aws.ToString(item.Description), License: aws.ToString(item.LicenseInfo),
		Runtimes: spelled[string](item.CompatibleRuntimes), Architectures: spelled[string](item.CompatibleArchitectures),
		Created: aws.ToString(item.CreatedDate),
	}
}

// withContent adds what listings do not have.
func withContent(v layer.Version, c *types.LayerVersionContentOutput) layer.Version {
	if c == nil {
		return v
	}
	v.Size = c.CodeSize
	v.Location = aws.ToString(c.Location)
	// Lambda spells SHA-256 in base64.
	if sum, err := base64.StdEncoding.DecodeString(aws.ToString(c.CodeSha256)); err == nil {
		v.SHA256 = hex.EncodeToString(sum)
	}
	return v
}
