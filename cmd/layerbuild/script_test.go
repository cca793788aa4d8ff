package main

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerbuild/layerbuild/internal/handlers"
	"github.com/layerbuild/layerbuild/internal/statelock"
)

// makeFunction FUNCTION LAYER VERSION: makes a function in the emulated cloud
// that the script talks to, with Amazon's own SDK.
func makeFunction(t *testing.T, ts *testscript.TestScript, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: function NAME LAYER VERSION")
	}
	code, err := handlers.For("lambda", "python", nil)
	ts.Check(err)
	endpoint := ts.Getenv("AWS_ENDPOINT_URL_LAMBDA")
	client := lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(ts.Getenv("AWS_ACCESS_KEY_ID"), ts.Getenv("AWS_SECRET_ACCESS_KEY"), ts.Getenv("AWS_SESSION_TOKEN")),
	})
	_, err = client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: &args[0], Runtime: types.RuntimePython312, Handler: &code.Handler,
		Role: aws.String("arn:aws:iam::123456789012:role/function"),
		Code: &types.FunctionCode{ZipFile: code.Zip}, Layers: []string{"arn:aws:lambda:us-east-1:123456789012:layer:" + args[1] + ":" + args[2]},
	})
	ts.Check(err)
}

// holdLock DIR: takes a state folder's lock until the script ends.
func holdLock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: holdlock DIR")
	}
	lock, err := statelock.Acquire(ts.MkAbs(args[0]), "layerbuild test", time.Now())
	ts.Check(err)
	ts.Defer(func() { lock.Release() })
}
