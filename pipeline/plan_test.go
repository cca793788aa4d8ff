package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

func catalogue(t testing.TB) *runtimes.Catalogue {
	t.Helper()
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t testing.TB, text string) (*manifest.Manifest, error) {
	t.Helper()
	return manifest.Parse("layer.toml", []byte(text), Check(catalogue(t)))
}

func plan(t testing.TB, text string) *Plan {
	t.Helper()
	m, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(m, catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// describe renders a plan as text: what a reader of a golden file would want.
func describe(p *Plan) string {
	var b strings.Builder
	for _, product := range p.Products {
		fmt.Fprintf(&b, "%s versioned=%v:", product, product.Layout.Versioned)
		for _, place := range product.Layout.Places {
			fmt.Fprintf(&b, " %s/%s=%s", place.Cell.Runtime, place.Arch, place.Slots["packages"])
		}
		b.WriteString("\n")
	}
	for _, i := range p.Items {
		fmt.Fprintf(&b, "%s <- %s bucket=%q prefix=%q runtimes=%v archs=%v\n", i.Where(), p.Products[i.Product], i.Bucket, i.Prefix, i.Runtimes, i.Architectures)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

const header = `schema = 1
[[source]]
files = "src"
into = "packages"
`

func TestNew(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no target is a local one", header + `
[layer]
name = "web"
runtimes = ["python3.12"]
`, `local/web versioned=false: python3.12/x86_64=python
local <- local/web bucket="" prefix="" runtimes=[python3.12] archs=[x86_64]
`},
		{"a zip per cell, in a cloud's own spelling", header + `
[layer]
name = "web-{runtime}-{arch}"
runtimes = ["Python3.12", "nodejs22.x"]
architectures = ["x86_64", "arm64"]
[[target]]
cloud = "aws"
regions = ["us-east-1", "eu-west-1"]
bucket = "b-{region}-{account}"
account = "123456789012"
prefix = "layers"
runtimes = ["python3.12"]
`, `aws/web-python312-x86_64 versioned=false: python3.12/x86_64=python
aws/web-python312-arm64 versioned=false: python3.12/arm64=python
aws/us-east-1 <- aws/web-python312-x86_64 bucket="b-us-east-1-123456789012" prefix="layers/" runtimes=[python3.12] archs=[x86_64]
aws/us-east-1 <- aws/web-python312-arm64 bucket="b-us-east-1-123456789012" prefix="layers/" runtimes=[python3.12] archs=[arm64]
aws/eu-west-1 <- aws/web-python312-x86_64 bucket="b-eu-west-1-123456789012" prefix="layers/" runtimes=[python3.12] archs=[x86_64]
aws/eu-west-1 <- aws/web-python312-arm64 bucket="b-eu-west-1-123456789012" prefix="layers/" runtimes=[python3.12] archs=[arm64]
`},
		{"one zip for all cells has versioned folders", header + `
[layer]
name = "web"
runtimes = ["python3.12", "python3.13"]
[[target]]
cloud = "aws"
regions = ["us-east-1"]
`, `aws/web versioned=true: python3.12/x86_64=python/lib/python3.12/site-packages python3.13/x86_64=python/lib/python3.13/site-packages
aws/us-east-1 <- aws/web bucket="" prefix="" runtimes=[python3.12 python3.13] archs=[x86_64]
`},
		{"a target that takes less gets the zip of all, declared for less", header + `
[layer]
name = "web"
runtimes = ["python3.12", "python3.13"]
[[target]]
cloud = "aws"
regions = ["us-east-1"]
[[target]]
cloud = "aws"
regions = ["eu-west-1"]
runtimes = ["python3.13"]
`, `aws/web versioned=true: python3.12/x86_64=python/lib/python3.12/site-packages python3.13/x86_64=python/lib/python3.13/site-packages
aws/us-east-1 <- aws/web bucket="" prefix="" runtimes=[python3.12 python3.13] archs=[x86_64]
aws/eu-west-1 <- aws/web bucket="" prefix="" runtimes=[python3.13] archs=[x86_64]
`},
		{"each layout has a folder of its own, and cells that a cloud lacks are dropped", header + `
[layer]
name = "web-{runtime}"
runtimes = ["python3.10", "python3.12"]
architectures = ["x86_64", "arm64"]
[[target]]
cloud = "local"
layout = "scf"
[[target]]
cloud = "local"
layout = "fc"
runtimes = ["python3.10"]
architectures = ["x86_64"]
`, `local-scf/web-python310 versioned=false: python3.10/x86_64=
local-fc/web-python310 versioned=false: python3.10/x86_64=python
local <- local-scf/web-python310 bucket="" prefix="" runtimes=[Python3.10] archs=[]
local <- local-fc/web-python310 bucket="" prefix="" runtimes=[python3.10] archs=[]
note: Tencent SCF has no arm64 for runtime "python3.10": dropped there
note: Tencent SCF has no runtime "python3.12": dropped there
`},
		{"what a cloud cannot do is said", header + `
[layer]
name = "web"
license = "MIT"
runtimes = ["python3.10"]
[[target]]
cloud = "aliyun"
regions = ["cn-hangzhou"]
account = "1880770869020000"
api = "2.0"
`, `aliyun/web versioned=false: python3.10/x86_64=python
aliyun/cn-hangzhou <- aliyun/web bucket="" prefix="" runtimes=[python3.10] archs=[]
note: Function Compute 2.0 takes no licence: layer.license is left out there
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, describe(plan(t, tt.text))); d != "" {
				t.Error(d)
			}
		})
	}
}

const matrix = header + `
[layer]
name = "web-{runtime}"
runtimes = ["python3.12", "python3.13"]
architectures = ["x86_64", "arm64"]
[[target]]
cloud = "aws"
regions = ["us-east-1", "eu-west-1"]
[[target]]
cloud = "local"
`

func TestOnly(t *testing.T) {
	whole := plan(t, matrix)
	for _, tt := range []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"all", Filter{}, []string{
			"aws/us-east-1 aws/web-python312", "aws/us-east-1 aws/web-python313",
			"aws/eu-west-1 aws/web-python312", "aws/eu-west-1 aws/web-python313",
			"local local/web-python312", "local local/web-python313"}},
		{"a cloud", Filter{Targets: []string{"local"}}, []string{"local local/web-python312", "local local/web-python313"}},
		{"regions", Filter{Targets: []string{"aws/eu-*"}}, []string{"aws/eu-west-1 aws/web-python312", "aws/eu-west-1 aws/web-python313"}},
		{"a runtime in another spelling", Filter{Runtimes: []string{"Python3.13"}, Targets: []string{"local"}}, []string{"local local/web-python313"}},
		{"an architecture of a shared zip", Filter{Architectures: []string{"arm64"}, Targets: []string{"local"}}, []string{"local local/web-python312", "local local/web-python313"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := whole.Only(tt.filter, catalogue(t))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range p.Items {
				got = append(got, i.Where()+" "+p.Products[i.Product].String())
				if n := len(p.Products[i.Product].Layout.Places); n != 2 {
					t.Errorf("a filter changed what %s holds: %d places", p.Products[i.Product], n)
				}
				if len(i.Architectures) != 2 {
					t.Errorf("a filter changed what %s is declared for: %v", p.Products[i.Product], i.Architectures)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for _, f := range []Filter{
		{Targets: []string{"aws/eu-*", "aws/ap-*"}},
		{Runtimes: []string{"nodejs22"}},
		{Targets: []string{"tencent"}},
	} {
		if _, err := whole.Only(f, catalogue(t)); !errors.Is(err, ErrNothing) {
			t.Errorf("%+v: got %v, want ErrNothing", f, err)
		}
	}
	var unknown *runtimes.UnknownRuntimeError
	if _, err := whole.Only(Filter{Runtimes: []string{"python3.99"}}, catalogue(t)); !errors.As(err, &unknown) {
		t.Errorf("unknown runtime: got %v", err)
	}
	if _, err := whole.Only(Filter{Targets: []string{"[aws"}}, catalogue(t)); err == nil {
		t.Error("a broken pattern was accepted")
	}
}

func TestCheck(t *testing.T) {
	layer := func(name, description, runtimes string) string {
		if description == "" {
			description = "d"
		}
		return fmt.Sprintf("schema = 1\n[layer]\nname = %q\ndescription = %q\nruntimes = [%s]\n[[source]]\nfiles = \"src\"\n", name, description, runtimes)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"unknown runtime", layer("web", "", `"pyton3.12"`), `layer.toml:5: layer.runtimes: unknown runtime "pyton3.12"; did you mean "python3.12"?`},
		{"same runtime twice", layer("web", "", `"nodejs22", "nodejs22.x"`), `layer.toml:5:`},
		{"name", layer("web.deps", "", `"python3.12"`) + "[[target]]\ncloud = \"aws\"\nregions = [\"us-east-1\"]\n", `layer.toml:3:`},
		{"scf name", layer("web-", "", `"python3.10"`) + "[[target]]\ncloud = \"local\"\nlayout = \"scf\"\n", `layer.toml:3:`},
		{"description with marker", layer("web", strings.Repeat("x", 230), `"python3.12"`) + "[[target]]\ncloud = \"aws\"\nregions = [\"us-east-1\"]\n", `layer.toml:4:`},
		{"description without marker", layer("web", strings.Repeat("x", 230), `"python3.12"`) + "[[target]]\ncloud = \"aws\"\nregions = [\"us-east-1\"]\nmarker = false\n", ``},
		{"runtime that a target's cloud lacks", layer("web", "", `"python3.10"`) + "[[target]]\ncloud = \"local\"\nlayout = \"scf\"\nruntimes = [\"python3.13\"]\n", `layer.toml:11: target.runtimes: Tencent SCF has no runtime "python3.13"`},
		{"nothing left", layer("web", "", `"python3.13"`) + "[[target]]\ncloud = \"local\"\nlayout = \"scf\"\n", `Tencent SCF has none of the runtimes python3.13 on x86_64`},
		{"java 11 on scf", layer("web", "", `"java11"`) + "into = \"packages\"\n[[target]]\ncloud = \"local\"\nlayout = \"scf\"\n", `layer.toml:8: source.into: into "packages": java11 has no slot`},
		{"sharing a folder", layer("web", "", `"python3.12"`) + "[[target]]\ncloud = \"local\"\nshare = \"public\"\n", `layer.toml:10:`},
		{"good", layer("web", "", `"python3.12"`), ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, tt.text)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) || strings.Contains(got, "\n") {
				t.Errorf("got:\n%s\nwant one line with:\n%s", got, tt.want)
			}
		})
	}
}
