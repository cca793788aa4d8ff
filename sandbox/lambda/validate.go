package lambda

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// problems collects what is wrong with a request's members. Lambda reports
// all of them at once.
type problems []string

func (p *problems) add(value, at, constraint string) {
	*p = append(*p, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, at, constraint))
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	plural := "s"
	if len(p) == 1 {
		plural = ""
	}
	return &failure{status: http.StatusBadRequest, code: "ValidationException", bare: true,
		message: fmt.Sprintf("%d validation error%s detected: %s", len(p), plural, strings.Join(p, "; "))}
}

func (p *problems) missing(at string) { p.add("null", at, "Member must not be null") }

// length counts as Java does, in UTF-16 code units.
func (p *problems) length(value, at string, least, most int) {
	n := len(utf16.Encode([]rune(value)))
	switch {
	case n > most:
		p.add("'"+value+"'", at, fmt.Sprintf("Member must have length less than or equal to %d", most))
	case n < least:
		p.add("'"+value+"'", at, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	}
}

func (p *problems) pattern(value, at string, re *regexp.Regexp, spelled string) {
	if !re.MatchString(value) {
		p.add("'"+value+"'", at, "Member must satisfy regular expression pattern: "+spelled)
	}
}

// The patterns of the API model, as the messages spell them.
const (
	namePattern      = `(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`
	arnPattern       = `(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)`
	actionPattern    = `lambda:GetLayerVersion`
	principalPattern = `\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root`
	orgPattern       = `o-[a-z0-9]{10,32}`
	sidPattern       = `([a-zA-Z0-9-_]+)`
)

var (
	nameRE      = whole(namePattern)
	arnRE       = whole(arnPattern)
	actionRE    = whole(actionPattern)
	principalRE = whole(principalPattern)
	orgRE       = whole(orgPattern)
	sidRE       = whole(sidPattern)
)

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

// runtimes and archs check the lists of a publish request.
func (p *problems) runtimes(list *[]string) {
	if list == nil {
		return
	}
	known := slices.Concat(currentRuntimes(), retiredRuntimes())
	shown := "[" + strings.Join(*list, ", ") + "]"
	if len(*list) > maxRuntimes {
		p.add("'"+shown+"'", "compatibleRuntimes", fmt.Sprintf("Member must have length less than or equal to %d", maxRuntimes))
	}
	if !subset(*list, known) {
		p.add("'"+shown+"'", "compatibleRuntimes", "Member must satisfy enum value set: ["+strings.Join(currentRuntimes(), ", ")+"]")
	}
}

func (p *problems) archs(list *[]string) {
	if list == nil {
		return
	}
	shown := "[" + strings.Join(*list, ", ") + "]"
	if len(*list) > maxArchs {
		p.add("'"+shown+"'", "compatibleArchitectures", fmt.Sprintf("Member must have length less than or equal to %d", maxArchs))
	}
	if !subset(*list, architectures()) {
		p.add("'"+shown+"'", "compatibleArchitectures", "Member must satisfy constraint: [Member must satisfy enum value set: ["+
			strings.Join(architectures(), ", ")+"], Member must not be null]")
	}
}

// filters check the parameters of the two listings.
func (p *problems) filters(runtime, arch string) {
	known := slices.Concat(currentRuntimes(), retiredRuntimes())
	if runtime != "" && !slices.Contains(known, runtime) {
		p.add("'"+runtime+"'", "compatibleRuntime", "Member must satisfy enum value set: ["+strings.Join(known, ", ")+"]")
	}
	if arch != "" && !slices.Contains(architectures(), arch) {
		p.add("'"+arch+"'", "compatibleArchitecture", "Member must satisfy enum value set: ["+strings.Join(architectures(), ", ")+"]")
	}
}

func (p *problems) page(text string) int {
	if text == "" {
		return maxPage
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 1:
		p.add("'"+text+"'", "maxItems", "Member must have value greater than or equal to 1")
	case n > maxPage:
		p.add("'"+text+"'", "maxItems", fmt.Sprintf("Member must have value less than or equal to %d", maxPage))
	}
	return n
}

func (p *problems) layerName(name string) {
	p.length(name, "layerName", 1, maxName)
	p.pattern(name, "layerName", nameRE, namePattern)
}

func subset(list, of []string) bool {
	return !slices.ContainsFunc(list, func(one string) bool { return !slices.Contains(of, one) })
}
