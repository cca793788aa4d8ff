package main

import (
	"strings"
	"testing"
)

func TestParseReference(t *testing.T) {
	const fc = "acs:fc:cn-hangzhou:1880770869020000:layers/my_Layer-1/versions/2"
	tests := []struct {
		text string
		want reference // zero for a path
		bad  bool
	}{
		{"arn:aws:lambda:us-east-1:123456789012:layer:web:7", reference{"aws", "us-east-1", "123456789012", "arn:aws:lambda:us-east-1:123456789012:layer:web", 7, "arn:aws:lambda:us-east-1:123456789012:layer:web:7"}, false},
		{"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:w-e_b:12", reference{"aws", "us-gov-west-1", "123456789012", "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:w-e_b", 12, "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:w-e_b:12"}, false},
		{fc, reference{"aliyun", "cn-hangzhou", "1880770869020000", "my_Layer-1", 2, fc}, false},
		{"aws/us-east-1/web:7", reference{cloud: "aws", region: "us-east-1", name: "web", number: 7}, false},
		{"aliyun/cn-hangzhou/web:latest", reference{cloud: "aliyun", region: "cn-hangzhou", name: "web"}, false},
		{"tencent/ap-guangzhou/web_1:10", reference{cloud: "tencent", region: "ap-guangzhou", name: "web_1", number: 10}, false},
		{"local/web:3", reference{cloud: "local", region: "local", name: "web", number: 3}, false},
		{"local:web:3", reference{cloud: "local", region: "local", name: "web", number: 3}, false},

		{"arn:aws:lambda:us-east-1:123456789012:layer:web", reference{}, true},
		{"arn:aws:lambda:us-east-1:123456789012:function:web:7", reference{}, true},
		{"arn:aws:s3:::bucket/web.zip", reference{}, true},
		{"arn:aws:lambda:us-east-1:123456789012:layer:web:0", reference{}, true},
		{"acs:fc:cn-hangzhou:1880770869020000:layers/web", reference{}, true},
		{"aws/us-east-1/web:0", reference{}, true},
		{"aws/us-east-1/web:99999999999999999999", reference{}, true},

		{"web.zip", reference{}, false},
		{"aws/us-east-1/web.zip", reference{}, false},
		{"./aws/us-east-1/web:7", reference{}, false},
		{"dist/aws/web:7", reference{}, false},
		{"azure/westeurope/web:7", reference{}, false},
		{"aws/us-east-1/web:7.zip", reference{}, false},
		{`C:\web.zip`, reference{}, false},
		{"local/a/b:3", reference{}, false},
		{"", reference{}, false},
	}
	for _, test := range tests {
		got, ok, err := parseReference(test.text)
		isReference := test.bad || test.want != (reference{})
		if ok != isReference || (err != nil) != test.bad || err == nil && got != test.want {
			t.Errorf("%q is %+v, %v, error %v, want %+v", test.text, got, ok, err, test.want)
		}
		if err == nil && ok && got.String() != test.text && got.String() != strings.Replace(test.text, "local:", "local/", 1) {
			t.Errorf("%q is spelled as %q", test.text, got)
		}
	}
}
