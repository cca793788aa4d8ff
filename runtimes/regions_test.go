package runtimes_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/runtimes"
)

func names(regions []runtimes.Region) string {
	list := make([]string, len(regions))
	for i, r := range regions {
		list[i] = r.Name
	}
	return strings.Join(list, " ")
}

// service returns a service that the catalogue must have.
func service(t testing.TB, id string) runtimes.Service {
	t.Helper()
	s, ok := load(t).Service(id)
	if !ok {
		t.Fatalf("no service %q", id)
	}
	return s
}

func TestSelectRegions(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ service, patterns, exclude, want string }{
		{"lambda", "us-east-1", "", "us-east-1"},
		{"lambda", "us-west-2 us-east-1", "", "us-west-2 us-east-1"},
		{"lambda", "eu-west-?", "", "eu-west-1 eu-west-2 eu-west-3"},
		{"lambda", "eu-west-[13]", "", "eu-west-1 eu-west-3"},
		{"lambda", "eu-west-[^1]", "", "eu-west-2 eu-west-3"},
		{"lambda", "eu-*", "eu-south-* eu-central-2", "eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3"},
		// Each region once, where it was selected first.
		{"lambda", "eu-west-3 eu-west-*", "", "eu-west-3 eu-west-1 eu-west-2"},
		{"lambda", "eu-west-* eu-west-1", "", "eu-west-1 eu-west-2 eu-west-3"},
		// Other partitions by name only, and excluded like any other.
		{"lambda", "us-gov-west-1 us-west-*", "", "us-gov-west-1 us-west-1 us-west-2"},
		{"lambda", "us-gov-west-1 us-west-2 cn-north-1", "cn-* us-gov-*", "us-west-2"},
		{"fc3", "cn-hangzhou* cn-shanghai*", "", "cn-hangzhou cn-shanghai"},
		{"fc3", "cn-hangzhou-finance", "", "cn-hangzhou-finance"},
		{"fc3", "ap-south*-?", "", "ap-southeast-1 ap-southeast-3 ap-southeast-5 ap-southeast-7"},
		{"fc3", "ap-southeast-2", "", "ap-southeast-2"},
		{"scf", "ap-sh*", "", "ap-shanghai"},
		{"scf", "ap-shenzhen-fsi", "", "ap-shenzhen-fsi"},
	} {
		s, _ := c.Service(test.service)
		got, err := s.SelectRegions(strings.Fields(test.patterns), strings.Fields(test.exclude))
		if err != nil || names(got) != test.want {
			t.Errorf("%s %s without %s: got %s, %v; want %s", test.service, test.patterns, test.exclude, names(got), err, test.want)
		}
	}
}

func TestSelectRegionsRefuses(t *testing.T) {
	c := load(t)
	day := c.Services[0].RegionsAsOf
	for _, test := range []struct{ service, patterns, exclude, want string }{
		{"lambda", "eu-wst-1", "", `AWS Lambda has no region "eu-wst-1"; did you mean "eu-west-1"? (regions as of ` + day + `)`},
		{"lambda", "us-east-1a", "", `did you mean "us-east-1"?`},
		{"lambda", "EU-WEST-1", "", `did you mean "eu-west-1"?`},
		{"lambda", "eu-west", "", `did you mean "eu-west-1", "eu-west-2" or "eu-west-3"?`},
		{"lambda", "mars-1", "", `AWS Lambda has no region "mars-1" (regions as of ` + day + `)`},
		{"fc3", "ap-shanghai", "", `Function Compute 3.0 has no region "ap-shanghai"; did you mean "cn-shanghai"?`},
		{"fc2", "ap-northeast-2", "", `Function Compute 2.0 has no region "ap-northeast-2"`},
		{"lambda", "mars-*", "", `pattern "mars-*" matches no region of AWS Lambda (regions as of ` + day + `)`},
		{"lambda", "us-gov-*", "", `pattern "us-gov-*" matches only regions of AWS Lambda that have to be named: us-gov-east-1, us-gov-west-1`},
		{"lambda", "eu-[", "", `pattern "eu-[": syntax error in pattern`},
		{"lambda", "eu-*", "eu-wst-1", `AWS Lambda has no region "eu-wst-1"; did you mean "eu-west-1"?`},
		{"lambda", "eu-*", "mars-*", `pattern "mars-*" matches no region`},
		{"lambda", "eu-*", "eu-*", "no region of AWS Lambda is left"},
		{"lambda", "", "", "no region of AWS Lambda is left"},
		// All of them.
		{"lambda", "mars-1 venus-1", "pluto-1", "mars-1\x00venus-1\x00pluto-1"},
	} {
		s, _ := c.Service(test.service)
		_, err := s.SelectRegions(strings.Fields(test.patterns), strings.Fields(test.exclude))
		for _, want := range strings.Split(test.want, "\x00") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s without %s: got %v, want %s", test.service, test.patterns, test.exclude, err, want)
			}
		}
	}
}

// "*" is every region that belongs to an ordinary account, those to opt in to
// included.
func TestStar(t *testing.T) {
	for id, want := range map[string]int{"lambda": 34, "fc3": 20, "fc2": 19, "scf": 15} {
		all, err := service(t, id).SelectRegions([]string{"*"}, nil)
		if err != nil || len(all) != want {
			t.Errorf("%s: %d regions and %v, want %d", id, len(all), err, want)
		}
		for _, r := range all {
			if r.Explicit {
				t.Errorf("%s: %s is selected by a pattern", id, r.Name)
			}
		}
	}
}

// Whatever is asked for: nothing twice, nothing excluded, nothing explicit that
// was not named, and the catalogue as it was.
func TestSelectRegionsProperties(t *testing.T) {
	s := service(t, "lambda")
	before := slices.Clone(s.Regions)
	words := []string{"*", "*-1", "eu-*", "us-*", "ap-southeast-?", "cn-*", "*-[a-m]*", "nothing-1"}
	for _, r := range s.Regions {
		words = append(words, r.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		pick := rapid.SliceOfN(rapid.SampledFrom(words), 0, 4)
		patterns, exclude := pick.Draw(t, "patterns"), pick.Draw(t, "exclude")
		got, err := s.SelectRegions(patterns, exclude)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("%d regions and %v", len(got), err)
		}
		for i, r := range got {
			if slices.Contains(got[:i], r) {
				t.Fatalf("%s twice", r.Name)
			}
			if r.Explicit && !slices.Contains(patterns, r.Name) {
				t.Fatalf("%s was not named", r.Name)
			}
			for _, e := range exclude {
				if out, _ := s.ExcludedRegions(e); slices.Contains(out, r) {
					t.Fatalf("%s is excluded by %s", r.Name, e)
				}
			}
		}
		if !slices.Equal(s.Regions, before) {
			t.Fatal("the catalogue was changed")
		}
	})
}
