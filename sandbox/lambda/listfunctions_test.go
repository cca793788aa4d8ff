package lambda_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/sandbox"
)

// TestListAllVersions has pages end in the middle of a function.
func TestListAllVersions(t *testing.T) {
	s, c := start(t, sandbox.Options{})
	var want, latest []string
	for _, name := range []string{"a", "a-b", "b"} {
		create(t, c, request(t, name, "x"))
		want, latest = append(want, name+":$LATEST"), append(latest, name)
		for i := range 30 {
			change(t, c, &awslambda.UpdateFunctionConfigurationInput{FunctionName: &name, Description: aws.String(fmt.Sprint(i))})
			publishVersion(t, c, &awslambda.PublishVersionInput{FunctionName: &name})
			want = append(want, fmt.Sprint(name, ":", i+1))
		}
	}
	create(t, client(s, "us-east-1"), request(t, "elsewhere", "x"))
	for _, test := range []struct {
		all   types.FunctionVersion
		most  int32
		pages int
		want  []string
	}{
		{types.FunctionVersionAll, 0, 2, want},
		{types.FunctionVersionAll, 10000, 2, want},
		{types.FunctionVersionAll, 7, 14, want},
		{"", 2, 2, latest},
	} {
		var got []string
		pages := awslambda.NewListFunctionsPaginator(c, &awslambda.ListFunctionsInput{FunctionVersion: test.all})
		if test.most > 0 {
			pages = awslambda.NewListFunctionsPaginator(c, &awslambda.ListFunctionsInput{FunctionVersion: test.all, MaxItems: &test.most})
		}
		n := 0
		for ; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Functions {
				got = append(got, strings.TrimPrefix(*f.FunctionArn, functionARN))
			}
		}
		if !slices.Equal(got, test.want) || n != test.pages {
			t.Errorf("%d functions on %d pages, want %d on %d\n%q", len(got), n, len(test.want), test.pages, got)
		}
	}
	pages := awslambda.NewListVersionsByFunctionPaginator(c, &awslambda.ListVersionsByFunctionInput{FunctionName: aws.String("a"), MaxItems: aws.Int32(30)})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Versions {
			got = append(got, strings.TrimPrefix(*f.FunctionArn, functionARN))
		}
	}
	if !slices.Equal(got, want[:31]) {
		t.Errorf("versions are %q", got)
	}
}
