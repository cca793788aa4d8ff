package parameters

import (
	"fmt"
	"regexp"
	"strings"
)

// DefaultPrefix is where parameters are when nothing else is said.
const DefaultPrefix = "/layerbuild"

// The service's rules for names, from "Requirements and constraints for
// parameter names" in the Systems Manager user guide: at most 15 levels and
// 1,011 characters, the ARN around the name included.
const (
	maxLevels = 15
	// below is how many levels come after the prefix: the layer and its
	// property.
	below = 2
	// maxPrefix leaves room for the longest ARN around it, and the longest
	// layer name (140) after it.
	maxPrefix = 1011 - len("arn:aws-us-gov:ssm:ap-southeast-1:123456789012:parameter") - len("/") - 140 - len("/version")
)

var level = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// CheckPrefix reports what is wrong with the beginning of parameter names such
// as "/platform/layers".
func CheckPrefix(prefix string) error {
	rest, ok := strings.CutPrefix(prefix, "/")
	if !ok {
		return fmt.Errorf("parameter prefix %q: want it to begin with a slash", prefix)
	}
	levels := strings.Split(rest, "/")
	for _, l := range levels {
		if !level.MatchString(l) {
			return fmt.Errorf("parameter prefix %q: want names of letters, digits and . _ - between slashes, and none at the end", prefix)
		}
	}
	first := strings.ToLower(levels[0])
	switch {
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		return fmt.Errorf(`parameter prefix %q: names that begin with "aws" or "ssm" are the service's own`, prefix)
	case len(levels)+below > maxLevels:
		return fmt.Errorf("parameter prefix %q: %d levels, want at most %d", prefix, len(levels), maxLevels-below)
	case len(prefix) > maxPrefix:
		return fmt.Errorf("parameter prefix %q: %d characters, want at most %d", prefix, len(prefix), maxPrefix)
	}
	return nil
}
