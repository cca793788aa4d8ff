package lambda

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Usage asks for all versions of all functions of the account in the region,
// which takes a request for every 50 of them. Functions are named with their
// version, as in "web:3" and "web:$LATEST". Functions of other accounts are not
// seen: who may use a version, [Publisher.Grants] tells.
func (p *Publisher) Usage(ctx context.Context, name string) (map[int64][]string, error) {
	pages := lambda.NewListFunctionsPaginator(p.client, &lambda.ListFunctionsInput{
		FunctionVersion: types.FunctionVersionAll, MaxItems: aws.Int32(pageSize),
	})
	usage := map[int64][]string{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		f := fault(err)
		if f == nil && page.Functions == nil {
			f = incomplete()
		}
		if f != nil {
			return nil, fmt.Errorf("listing functions: %w", f)
		}
		for _, f := range page.Functions {
			numbers, err := uses(f, name)
			if err != nil {
				return nil, fmt.Errorf("listing functions: %w", err)
			}
			for _, n := range numbers {
				usage[n] = append(usage[n], aws.ToString(f.FunctionName)+":"+aws.ToString(f.Version))
			}
		}
	}
	for _, functions := range usage {
		slices.Sort(functions)
	}
	return usage, nil
}

// uses returns which versions of the named layer of a function's own account
// and region it uses. A layer that cannot be told from that one is an error.
func uses(f types.FunctionConfiguration, name string) ([]int64, error) {
	function, ok := parseARN(aws.ToString(f.FunctionArn), "function")
	if !ok || f.Version == nil {
		return nil, fmt.Errorf("function %q: %w", aws.ToString(f.FunctionName), incomplete())
	}
	var numbers []int64
	for _, l := range f.Layers {
		arn := aws.ToString(l.Arn)
		if strings.Contains(arn, ":::awslayer:") {
			continue // one of Amazon's, see the pattern of LayerVersionArn in the API reference
		}
		version, ok := parseARN(arn, "layer")
		n, err := strconv.ParseInt(version.version, 10, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("function %q: layer %q: %w", aws.ToString(f.FunctionName), arn, incomplete())
		}
		if version.region == function.region && version.account == function.account && version.name == name {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// A resource is what the ARN of a layer version or of a function names:
// arn:aws:lambda:eu-west-1:123456789012:layer:name:1.
type resource struct{ region, account, name, version string }

func parseARN(arn, kind string) (r resource, ok bool) {
	f := strings.Split(arn, ":")
	if len(f) != 8 || f[0] != "arn" || f[2] != "lambda" || f[5] != kind {
		return resource{}, false
	}
	return resource{region: f[3], account: f[4], name: f[6], version: f[7]}, true
}
