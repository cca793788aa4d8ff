package outputs

import (
	"fmt"
	"strings"
)

// names returns what each item is called where only letters, digits and
// underscores are allowed: "aws_us_east_1_web_deps". Two items that would be
// called the same are an error that names both.
func names(items []Item) ([]string, error) {
	list := make([]string, len(items))
	taken := map[string]string{}
	for n, i := range items {
		name := strings.ToLower(strings.Map(word, i.Key()))
		if before, ok := taken[name]; ok {
			return nil, fmt.Errorf("%q and %q both become %q: rename one of the layers, or choose targets", before, i.Key(), name)
		}
		taken[name] = i.Key()
		list[n] = name
	}
	return list, nil
}

// word leaves letters and digits as they are, and makes everything else an
// underscore.
func word(r rune) rune {
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
		return r
	}
	return '_'
}
