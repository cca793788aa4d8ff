package outputs

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Env writes the published items as lines KEY=value that mean the same to a
// shell's source, to dotenv libraries and to docker's --env-file, which agree
// on nothing about quotes: a value that would need some is an error. So are
// two items whose variables would be the same.
func Env(w io.Writer, items []Item) error {
	list, err := Published(items)
	if err != nil {
		return err
	}
	called, err := names(list)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# layerbuild env, schema 1\n")
	for n, i := range list {
		for _, v := range [][2]string{{"ARN", i.ARN}, {"VERSION", strconv.FormatInt(i.Version, 10)}, {"SHA256", i.SHA256}} {
			name := "LAYERBUILD_" + strings.ToUpper(called[n]) + "_" + v[0]
			switch {
			case v[1] == "":
				continue // a cloud without ARNs
			case !plain.MatchString(v[1]):
				return fmt.Errorf("%s: the value %q would have to be quoted, which not every reader of such files understands", name, v[1])
			}
			fmt.Fprintf(&b, "%s=%s\n", name, v[1])
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// plain is what no reader takes for anything but itself. "~" is a home folder
// to a shell, also after a colon, and "#" begins a comment in some dotenv
// libraries.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.:/@+-]+$`)
