package manifest

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// near returns the candidate that text is most likely a misspelling of, ""
// if none is close. Of equally close ones the first wins.
func near(text string, candidates []string) string {
	folded := fold(text)
	if s := synonym(folded); slices.Contains(candidates, s) {
		return s
	}
	best, least := "", 2+len(folded)/4
	for _, c := range candidates {
		d := levenshtein.ComputeDistance(folded, fold(c))
		if d > 1 && sameLetters(folded, fold(c)) {
			d = 1
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// sameLetters reports whether one word is the other with letters swapped.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func fold(text string) string { return strings.ReplaceAll(strings.ToLower(text), "-", "_") }

// suggest ends a message about an unknown word: with the one that was likely
// meant, else with what there is.
func suggest(text string, candidates []string, all string) string {
	if c := near(text, candidates); c != "" {
		return `; did you mean "` + c + `"?`
	}
	return "; want " + all
}

// synonym returns the manifest's word for what others call by another name,
// some of which look like the wrong one of our words.
func synonym(folded string) string {
	switch folded {
	case "amd64", "x64", "x86":
		return "x86_64"
	case "aarch64", "arm", "armv8":
		return "arm64"
	case "amazon", "lambda":
		return "aws"
	case "alibaba", "alicloud", "fc":
		return "aliyun"
	case "scf", "qcloud":
		return "tencent"
	}
	return ""
}
