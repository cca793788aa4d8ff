package main

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/layerbuild/layerbuild/pipeline"
)

// A reference names a published version.
type reference struct {
	// cloud and region are as in targets.
	cloud, region string
	// account is the layer's, "" where the reference does not say it.
	account string
	// name is the layer's, as its service wants to be asked for it.
	name string
	// number is the version's, 0 for the newest one.
	number int64
	// arn is the version's, "" where the reference is not one.
	arn string
}

var (
	// A layer of another account is known to Lambda by its ARN only:
	// https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html
	lambdaARN = regexp.MustCompile(`^(arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:[\w-]+):(\d+)$`)
	fcARN     = regexp.MustCompile(`^acs:fc:([a-z0-9-]+):(\w+):layers/([\w-]+)/versions/(\d+)$`)
	localARN  = regexp.MustCompile(`^local[:/]([^:/\\]+):(\d+|latest)$`)
	plain     = regexp.MustCompile(`^(aws|aliyun|tencent)/([a-z0-9-]+)/([\w-]+):(\d+|latest)$`)
	anyARN    = regexp.MustCompile(`^(arn|acs):`)
)

// referenceForms is what a reference may look like, for messages.
const referenceForms = "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:NUMBER, acs:fc:REGION:ACCOUNT:layers/NAME/versions/NUMBER, " +
	"CLOUD/REGION/NAME:NUMBER or local/NAME:NUMBER, where NUMBER may be \"latest\" after the last two"

// parseReference reports whether the text names a published version, and not a
// file. What begins as an ARN and goes on otherwise is an error.
func parseReference(text string) (r reference, ok bool, err error) {
	number := ""
	if m := lambdaARN.FindStringSubmatch(text); m != nil {
		r, number = reference{cloud: "aws", region: m[2], account: m[3], name: m[1], arn: text}, m[4]
	} else if m := fcARN.FindStringSubmatch(text); m != nil {
		r, number = reference{cloud: "aliyun", region: m[1], account: m[2], name: m[3], arn: text}, m[4]
	} else if m := localARN.FindStringSubmatch(text); m != nil {
		r, number = reference{cloud: pipeline.LocalRegion, region: pipeline.LocalRegion, name: m[1]}, m[2]
	} else if m := plain.FindStringSubmatch(text); m != nil {
		r, number = reference{cloud: m[1], region: m[2], name: m[3]}, m[4]
	} else if anyARN.MatchString(text) {
		return r, true, fmt.Errorf("%q is no layer version: want %s", text, referenceForms)
	} else {
		return r, false, nil
	}
	if number == "latest" {
		return r, true, nil
	}
	if r.number, err = strconv.ParseInt(number, 10, 64); err != nil || r.number == 0 {
		return r, true, fmt.Errorf("%q is no layer version: versions are counted from 1", text)
	}
	return r, true, nil
}

func (r reference) String() string {
	if r.arn != "" {
		return r.arn
	}
	number := "latest"
	if r.number > 0 {
		number = strconv.FormatInt(r.number, 10)
	}
	at := r.cloud
	if r.cloud != pipeline.LocalRegion {
		at += "/" + r.region
	}
	return at + "/" + r.name + ":" + number
}
