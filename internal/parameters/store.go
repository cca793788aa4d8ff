package parameters

import (
	"context"
	"io/fs"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

// A store is the Parameter Store of one account in one region.
type store struct{ client *ssm.Client }

// newStore makes no request. The SDK's own retries are off: a request is
// repeated only after a look at what came of it.
func newStore(cfg aws.Config, endpoint string) (store, error) {
	var bad error
	client := ssm.NewFromConfig(cfg, func(o *ssm.Options) {
		o.BaseEndpoint, bad = awscloud.Endpoint(o.BaseEndpoint, endpoint)
		o.Retryer = aws.NopRetryer{}
	})
	return store{client}, bad
}

// maxNames is how many parameters GetParameters takes:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
const maxNames = 10

// read returns the values of those parameters that are there, by name.
func (s store) read(ctx context.Context, list []Parameter) (map[string]string, error) {
	values := map[string]string{}
	for some := range slices.Chunk(list, maxNames) {
		in := &ssm.GetParametersInput{}
		for _, p := range some {
			in.Names = append(in.Names, p.Name)
		}
		out, err := s.client.GetParameters(ctx, in)
		if err != nil {
			return nil, fault(err)
		}
		for _, p := range out.Parameters {
			values[aws.ToString(p.Name)] = aws.ToString(p.Value)
		}
	}
	return values, nil
}

func (s store) write(ctx context.Context, p Parameter) error {
	_, err := s.client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &p.Name, Value: &p.Value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return fault(err)
	}
	return nil
}

// fault says what an error means. This service answers with status 400
// whatever it is, so only codes tell:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html
// and the errors of PutParameter.
func fault(err error) *layer.Fault {
	f := awscloud.Fault(err)
	switch f.Code {
	case "AccessDeniedException":
		f.Cause = fs.ErrPermission
		f.Hint = "writing parameters needs ssm:GetParameters and ssm:PutParameter on those below the prefix"
	case "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired",
		"RequestExpired", "UnrecognizedClientException":
		f.Cause = fs.ErrPermission
	case "ParameterLimitExceeded", "ParameterMaxVersionLimitExceeded":
		f.Cause = layer.ErrLimit
	case "TooManyUpdates":
		f.Retry = true
	case "HierarchyTypeMismatchException":
		f.Hint = "another tool made the parameter with another type: delete it, or choose another prefix"
	}
	return f
}
