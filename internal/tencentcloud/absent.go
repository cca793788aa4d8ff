package tencentcloud

import (
	"errors"
	"strings"

	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
)

// errAbsent: nobody has set this source up.
var errAbsent = errors.New("not set up")

func errHalf(name string) error { return errors.New(name + " is not set") }

// absent recognises sources that nobody has set up. The SDK's providers say so
// in words only.
func absent(err error) bool {
	if errors.Is(err, errAbsent) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "could not find config file") ||
		strings.HasPrefix(text, "env TKE_") && strings.HasSuffix(text, "not exist")
}

// harmless shortens the text of an error of the SDK's providers, which print
// whole answers, secrets included.
func harmless(err error) string {
	text := err.Error()
	var e *sdkerrors.TencentCloudSDKError
	if errors.As(err, &e) {
		text = e.Message
	}
	if i := strings.IndexAny(text, "{\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimRight(text, " :,")
}
