package outputs

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Tfvars writes the published items as a file of Terraform variables: one map
// named layers, by key. It is laid out as "terraform fmt" does.
func Tfvars(w io.Writer, items []Item) error {
	list, err := Published(items)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# layerbuild tfvars, schema 1\nlayers = {")
	for _, i := range list {
		arn := "null"
		if i.ARN != "" {
			arn = hclString(i.ARN)
		}
		fmt.Fprintf(&b, "\n  %s = {\n", hclString(i.Key()))
		for _, attribute := range [][2]string{
			{"cloud", hclString(i.Cloud)}, {"region", hclString(i.Region)}, {"name", hclString(i.Name)},
			{"version", strconv.FormatInt(i.Version, 10)}, {"arn", arn},
			{"sha256", hclString(i.SHA256)}, {"crc64", hclString(i.CRC64)}, {"size", strconv.FormatInt(i.Size, 10)},
			{"runtimes", hclList(i.Runtimes)}, {"architectures", hclList(i.Architectures)},
		} {
			fmt.Fprintf(&b, "    %-*s = %s\n", len("architectures"), attribute[0], attribute[1])
		}
		b.WriteString("  }")
	}
	if len(list) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("}\n")
	_, err = io.WriteString(w, b.String())
	return err
}

func hclList(list []string) string {
	quoted := make([]string, len(list))
	for n, s := range list {
		quoted[n] = hclString(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// hclString quotes a string so that nothing in it is interpolated, see "Quoted
// Template Expressions" in the HCL native syntax specification.
func hclString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	runes := []rune(s)
	for n, r := range runes {
		opens := n+1 < len(runes) && runes[n+1] == '{'
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && opens:
			b.WriteRune(r)
			b.WriteRune(r)
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
