package fc

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/layerbuild/layerbuild/internal/endpoint"
	"github.com/layerbuild/layerbuild/layer"
)

// hostOf returns where an API is reached.
//
// It is never left to the SDKs: in the one for 2.0 the host begins with the
// literal "account-id", and in fc-20230330 v4.8.2 the one of ap-southeast-5
// ends in a tab.
func hostOf(o Options) (*url.URL, error) {
	switch {
	case o.API != "" && o.API != V2 && o.API != V3:
		return nil, fmt.Errorf("function compute has the APIs %q and %q, not %q", V2, V3, o.API)
	case o.API == V2 && (o.Account == "" || strings.Trim(o.Account, "0123456789") != ""):
		return nil, &layer.Fault{
			Message: fmt.Sprintf("function compute 2.0 is reached by the id of the account, and %q is none", o.Account),
			Hint:    "set target.account to the id that the console shows at the upper right",
		}
	case o.Endpoint != "":
		return endpoint.Parse(o.Endpoint)
	case o.Region == "" || strings.Trim(o.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return nil, errors.New("function compute: no region")
	}
	host := "fcv3." + o.Region + ".aliyuncs.com"
	switch {
	case o.API == V2:
		host = o.Account + "." + o.Region + ".fc.aliyuncs.com"
	case older(o.Region):
		host = o.Region + ".fc.aliyuncs.com"
	}
	return &url.URL{Scheme: "https", Host: host}, nil
}

// older reports whether a region has 3.0 at an address of the older form:
// client/client.go of fc-20230330 v4.8.2, Init.
func older(region string) bool {
	switch region {
	case "cn-hangzhou-finance", "cn-heyuan-acdr-1", "cn-shanghai-finance-1", "me-central-1":
		return true
	}
	return false
}
