package runtimes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/runtimes"
)

func load(t testing.TB) *runtimes.Catalogue {
	t.Helper()
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cell returns a runtime that the catalogue must have.
func cell(t testing.TB, c *runtimes.Catalogue, service, runtime string) runtimes.Cell {
	t.Helper()
	s, ok := c.Service(service)
	if !ok {
		t.Fatalf("no service %q", service)
	}
	got, ok := s.Cell(runtime)
	if !ok {
		t.Fatalf("%s has no runtime %q", service, runtime)
	}
	return got
}

// What the vendors' own documents list, in the vendors' spelling. The catalogue
// may know more, never less.
func TestHasEveryRuntimeOfTheVendors(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ service, source, identifiers string }{
		{"lambda", "API reference, PublishLayerVersion, CompatibleRuntimes", `
			nodejs nodejs4.3 nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x java8 java8.al2
			java11 python2.7 python3.6 python3.7 python3.8 python3.9 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1
			dotnetcore3.1 dotnet6 nodejs4.3-edge go1.x ruby2.5 ruby2.7 provided provided.al2 nodejs18.x python3.10
			java17 ruby3.2 python3.11 nodejs20.x provided.al2023 python3.12 java21`},
		{"fc2", "CreateLayerVersion of 2021-04-06, compatibleRuntime", `
			nodejs20 nodejs18 nodejs16 nodejs14 nodejs12 nodejs10 nodejs8 nodejs6 python3.10 python3.9 python3
			python2.7 java11 java8 php7.2 go1 dotnetcore3.1 dotnetcore2.1 custom.debian10 custom`},
		{"fc2", "CreateFunction of 2021-04-06, runtime", `
			nodejs20 nodejs18 nodejs16 nodejs14 nodejs12 nodejs10 nodejs8 nodejs6 nodejs4.4 python3.10 python3.9
			python3 python2.7 java11 java8 go1 php7.2 dotnetcore3.1 dotnetcore2.1 custom.debian10 custom
			custom-container`},
		{"fc3", "fc-20230330/v4@v4.8.2, CreateFunctionInput.Runtime", `
			nodejs12 nodejs14 nodejs16 nodejs18 nodejs20 go1 python3 python3.9 python3.10 python3.12 java8 java11
			php7.2 dotnetcore3.1 custom custom.debian10 custom.debian11 custom.debian12 custom-container`},
		{"fc3", "Serverless Devs, devsapp/fc3 src/interface/base.ts, beyond the API's list", `
			nodejs8 nodejs10 python2.7 dotnetcore2.1 micro-sandbox`},
		{"scf", "tencentcloud/scf@v1.3.101, CreateFunctionRequest.Runtime", `
			Python2.7 Python3.6 Python3.7 Python3.9 Python3.10 Nodejs6.10 Nodejs8.9 Nodejs10.15 Nodejs12.16
			Nodejs14.18 Nodejs16.13 Nodejs18.15 Php5.6 Php7 Php7.4 Php8.0 Go1 Java8 CustomRuntime`},
		{"scf", "CloudBase on SCF, cli-v1/functions/configs and runtime-support", `
			Java11 Nodejs20.19 Nodejs22.21 Nodejs24.11 Python3.11`},
	} {
		s, ok := c.Service(test.service)
		if !ok {
			t.Fatalf("no service %q", test.service)
		}
		for _, id := range strings.Fields(test.identifiers) {
			if !slices.ContainsFunc(s.Cells, func(c runtimes.Cell) bool { return c.Identifier == id }) {
				t.Errorf("%s lacks %q of %s", test.service, id, test.source)
			}
		}
	}
}

// The SDK that publishes is the judge of Lambda's identifiers, both ways: a
// new SDK with a new runtime fails here until the catalogue has it.
func TestLambdaMatchesTheSDK(t *testing.T) {
	s, _ := load(t).Service("lambda")
	var want, got []string
	for _, r := range types.Runtime("").Values() {
		want = append(want, string(r))
	}
	for _, cell := range s.Cells {
		got = append(got, cell.Identifier)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("catalogue:\n%q\nSDK:\n%q", got, want)
	}
	var archs []string
	for _, a := range types.Architecture("").Values() {
		archs = append(archs, string(a))
	}
	if len(archs) != s.Limits.Architectures {
		t.Errorf("the SDK has the architectures %q, the limit is %d", archs, s.Limits.Architectures)
	}
}

func TestSlots(t *testing.T) {
	c := load(t)
	const none = "(none)"
	for _, test := range []struct {
		service, runtime            string
		packages, versioned, bin    string
		unsearched, note, libc, lng string
	}{
		{service: "lambda", runtime: "python3.12", packages: "python", versioned: "python/lib/python3.12/site-packages", bin: "bin", libc: "glibc 2.34", lng: "python"},
		{service: "lambda", runtime: "python3.9", packages: "python", versioned: "python/lib/python3.9/site-packages", bin: "bin", libc: "glibc 2.26", lng: "python"},
		{service: "lambda", runtime: "nodejs24", packages: "nodejs/node_modules", versioned: "nodejs/node24/node_modules", bin: "bin", libc: "glibc 2.34", lng: "nodejs"},
		{service: "lambda", runtime: "nodejs18", packages: "nodejs/node_modules", versioned: "nodejs/node18/node_modules", bin: "bin", libc: "glibc 2.26", lng: "nodejs"},
		{service: "lambda", runtime: "nodejs4", packages: "nodejs/node_modules", bin: "bin", libc: "glibc 2.17", lng: "nodejs"},
		{service: "lambda", runtime: "ruby3.4", packages: "ruby/gems/3.4.0", versioned: "ruby/gems/3.4.0", bin: "bin", libc: "glibc 2.34", lng: "ruby"},
		{service: "lambda", runtime: "java17", packages: "java/lib", bin: "bin", libc: "glibc 2.26", lng: "java"},
		{service: "lambda", runtime: "java8.al2023", packages: "java/lib", bin: "bin", libc: "glibc 2.34", lng: "java"},
		{service: "lambda", runtime: "dotnet8", packages: none, bin: "bin", note: "advises against", libc: "glibc 2.34", lng: "dotnet"},
		{service: "lambda", runtime: "dotnetcore3.1", packages: none, bin: "bin", note: "advises against", libc: "glibc 2.26", lng: "dotnet"},
		{service: "lambda", runtime: "go1", packages: none, bin: "bin", note: "advises against", libc: "glibc 2.17", lng: "go"},
		{service: "lambda", runtime: "provided.al2023", packages: none, bin: "bin", note: "root slot", libc: "glibc 2.34", lng: "custom"},

		{service: "fc3", runtime: "python3.12", packages: "python", bin: "bin", libc: "glibc 2.31", lng: "python"},
		{service: "fc3", runtime: "nodejs20", packages: "nodejs/node_modules", bin: "bin", libc: "glibc 2.28", lng: "nodejs"},
		{service: "fc3", runtime: "java11", packages: "java/lib", bin: "bin", lng: "java"},
		{service: "fc2", runtime: "php7.2", packages: "php", bin: "bin", lng: "php"},
		{service: "fc2", runtime: "python3.6", packages: "python", bin: "bin", libc: "glibc 2.24", lng: "python"},
		{service: "fc3", runtime: "custom.debian12", packages: none, bin: "bin", unsearched: "bin lib", note: "PYTHONPATH", libc: "glibc 2.36", lng: "custom"},
		{service: "fc3", runtime: "custom-container", packages: none, bin: none, note: "takes no layer", lng: "custom"},

		// SCF is flat.
		{service: "scf", runtime: "python3.9", packages: "", bin: "bin", unsearched: "bin lib", libc: "glibc 2.17", lng: "python"},
		{service: "scf", runtime: "nodejs18", packages: "node_modules", bin: "bin", unsearched: "bin lib", libc: "glibc 2.17", lng: "nodejs"},
		{service: "scf", runtime: "java8", packages: "", bin: "bin", unsearched: "bin lib", note: "loose classes", libc: "glibc 2.17", lng: "java"},
		{service: "scf", runtime: "java11", packages: none, bin: "bin", unsearched: "bin lib", note: "class path", libc: "glibc 2.17", lng: "java"},
		{service: "scf", runtime: "php7.4", packages: "", bin: "bin", unsearched: "packages bin lib", note: "php_extension", libc: "glibc 2.17", lng: "php"},
		{service: "scf", runtime: "custom", packages: none, bin: "bin", unsearched: "bin lib", note: "/opt", libc: "glibc 2.17", lng: "custom"},
	} {
		got := cell(t, c, test.service, test.runtime)
		where := test.service + " " + test.runtime
		slot := func(name string) string {
			if folder, ok := got.Slots[name]; ok {
				return folder
			}
			return none
		}
		if slot("packages") != test.packages || slot("bin") != test.bin || got.Versioned != test.versioned {
			t.Errorf("%s: packages %q, bin %q, versioned %q; want %q, %q, %q",
				where, slot("packages"), slot("bin"), got.Versioned, test.packages, test.bin, test.versioned)
		}
		if u := strings.Join(got.Unsearched, " "); u != test.unsearched {
			t.Errorf("%s: unsearched %q, want %q", where, u, test.unsearched)
		}
		if !strings.Contains(got.Note, test.note) {
			t.Errorf("%s: note %q does not say %q", where, got.Note, test.note)
		}
		if got.Libc != test.libc || got.Language != test.lng {
			t.Errorf("%s: %q and %q, want %q and %q", where, got.Libc, got.Language, test.libc, test.lng)
		}
	}
}

// An AWS or FC shaped zip is not found on SCF, so no folder of ours may have
// that shape there.
func TestSCFIsFlat(t *testing.T) {
	s, _ := load(t).Service("scf")
	for _, c := range s.Cells {
		for slot, folder := range c.Slots {
			if strings.Contains(folder, "/") || folder == "python" || folder == "nodejs" || folder == "php" || folder == "java" {
				t.Errorf("%s: slot %q is %q", c.Runtime, slot, folder)
			}
		}
		if c.Versioned != "" {
			t.Errorf("%s has a versioned folder %q", c.Runtime, c.Versioned)
		}
	}
}

func TestDeprecatedGoesByTheDay(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ service, runtime, deprecated, ends string }{
		{"lambda", "nodejs18", "since 2025-09-01", "2025-09-01"},
		{"lambda", "python3.9", "since 2025-12-15", "2025-12-15"},
		{"lambda", "nodejs22", "", "2027-04-30"},
		{"lambda", "nodejs26", "", ""},
		{"fc3", "python3.10", "", ""},
		{"fc2", "nodejs6", "retired by the vendor", ""},
	} {
		got := cell(t, c, test.service, test.runtime)
		if got.Deprecated != test.deprecated || got.Ends != test.ends {
			t.Errorf("%s %s: deprecated %q, ends %q; want %q, %q",
				test.service, test.runtime, got.Deprecated, got.Ends, test.deprecated, test.ends)
		}
	}
}

func TestArchitectures(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ service, runtime, archs string }{
		{"lambda", "python3.12", "x86_64 arm64"},
		{"lambda", "python3.8", "x86_64 arm64"},
		{"lambda", "python3.7", "x86_64"},
		{"lambda", "java8", "x86_64"},
		{"lambda", "java8.al2", "x86_64 arm64"},
		{"lambda", "go1", "x86_64"},
		{"fc3", "python3.10", "x86_64"},
		{"scf", "nodejs18", "x86_64"},
	} {
		if got := strings.Join(cell(t, c, test.service, test.runtime).Architectures, " "); got != test.archs {
			t.Errorf("%s %s: %s, want %s", test.service, test.runtime, got, test.archs)
		}
	}
}

func TestServices(t *testing.T) {
	c := load(t)
	id := func(s runtimes.Service, ok bool) string {
		if !ok {
			return ""
		}
		return s.ID
	}
	for _, test := range []struct{ cloud, api, want string }{
		{"aws", "", "lambda"},
		{"aws", "3.0", ""},
		{"aliyun", "", "fc3"},
		{"aliyun", "3.0", "fc3"},
		{"aliyun", "2.0", "fc2"},
		{"aliyun", "1.0", ""},
		{"tencent", "", "scf"},
		{"local", "", ""},
		{"", "", ""},
	} {
		if got := id(c.ByCloud(test.cloud, test.api)); got != test.want {
			t.Errorf("ByCloud(%q, %q) = %q, want %q", test.cloud, test.api, got, test.want)
		}
	}
	for layout, want := range map[string]string{"aws": "lambda", "fc": "fc3", "scf": "scf", "": "", "lambda": ""} {
		if got := id(c.ByLayout(layout)); got != want {
			t.Errorf("ByLayout(%q) = %q, want %q", layout, got, want)
		}
	}
	// Precedence of layers is opposite between the vendors.
	for service, want := range map[string]bool{"lambda": true, "scf": true, "fc2": false, "fc3": false} {
		s, ok := c.Service(service)
		if !ok || s.LastWins != want {
			t.Errorf("%s: the later layer wins: %v, want %v", service, s.LastWins, want)
		}
		if s.Open != (service == "scf") {
			t.Errorf("%s: open is %v", service, s.Open)
		}
	}
	if _, ok := c.Service("oss"); ok {
		t.Error("there is a service oss")
	}
	lambda, _ := c.Service("lambda")
	if _, ok := lambda.Cell("nodejs20.x"); ok {
		t.Error("Cell takes the cloud's spelling")
	}
}
