package judge

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
)

// incidental are the fields that are not compared, with the reason why not.
var incidental = map[string]string{
	"header accept-encoding":       "what the HTTP library can unpack",
	"header connection":            "how the HTTP library says that it goes on",
	"header user-agent":            "names the SDK",
	"header x-amz-user-agent":      "names the SDK",
	"header amz-sdk-invocation-id": "another one each time",
	"header x-acs-signature-nonce": "another one each time",
	"header x-tc-traceid":          "another one each time",
	"header x-tc-requestclient":    "names the SDK",
	"header date":                  "the time",
	"header x-amz-date":            "the time",
	"header x-oss-date":            "the time",
	"header x-acs-date":            "the time",
	"header x-tc-timestamp":        "the time",
	"header authorization":         "of the key and the time; the sandbox has accepted both",
}

// A difference is a field in which a request of ours is not like that of the
// vendor's SDK, on purpose. A value is "" where there is no such field, and
// anything when it is "*".
type difference struct {
	// service and operation are what the request is for, "" for any.
	service, operation string
	field              string
	ours, theirs       string
	why                string
}

var differences = []difference{
	{"lambda", "PublishLayerVersion", "header amz-sdk-request", "attempt=1; max=1", "attempt=1; max=3", "a second try could make a second version"},
	{"lambda", "", "header x-amz-content-sha256", "", "*", "of the body, which the signature covers; only S3 wants it as a header, too"},
	{"oss", "", "host", "", "compare.oss-cn-hangzhou.aliyuncs.com", "ours has no name for an address; the path has the bucket in both"},
	{"oss", "PutObject", "header content-md5", "", "*", "the CRC-64 of the answer is compared instead"},
	{"oss", "HeadObject", "header content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", "", "of no bytes, which Go's SDK sums up as well"},
	{"oss", "HeadObject", "header content-type", "", "application/zip", "the other takes it from the key's ending; there is no body"},
	{"fc", "CreateLayerVersion", "header content-length", "*", "", "the other sends the same body in chunks"},
	{"fc", "", "header x-acs-credentials-provider", "static", "static_ak", "the SDKs' names for a key that was handed in"},
	{"fc", "", "header x-acs-region-id", "cn-hangzhou", "", "sent to addresses that do not say the region"},
	{"cos", "HeadObject", "header content-length", "", "0", "a HEAD has no body"},
	{"scf", "", "header accept", "", "*/*", "the same as none"},
}

// TestRequests compares what our code sends with what the vendors' SDKs for
// JavaScript send for the same calls, field by field.
func TestRequests(t *testing.T) {
	node := testenv.Need(t, "node")[0]
	for _, sdk := range []string{
		"@alicloud/fc-open20210406", "@alicloud/fc20230330", "@aws-sdk/client-lambda", "@aws-sdk/client-s3",
		"ali-oss", "cos-nodejs-sdk-v5", "tencentcloud-sdk-nodejs-scf",
	} {
		if _, err := os.Stat("node_modules/" + sdk); err != nil {
			testenv.Missing(t, "needs the SDKs: npm ci --prefix test/judge")
		}
	}
	a := zipped(t)
	ours, theirs := record(t), record(t)
	for _, c := range clouds(t, ours) {
		c.call(t, a)
	}
	cmd := exec.CommandContext(t.Context(), node, "compare.mjs")
	cmd.Env = append(theirs.environment(), "LAYERBUILD_COMPARE="+arguments(t, a))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compare.mjs: %v\n%s", err, out)
	}
	compare(t, ours.list, theirs.list)
}

// arguments are those of the calls, as compare.mjs takes them.
func arguments(t *testing.T, a layer.Artifact) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"zip": a.Path, "type": "application/zip", "crc64": a.Digests.CRC64Text(),
		"sha256": base64.StdEncoding.EncodeToString(a.Digests.SHA256[:]),
		"layer":  layerName, "key": objectKey, "description": description, "license": license,
		"aws": amazon, "aliyun": alibaba, "tencent": tencent,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compare holds two lists of requests against each other. Every difference
// must be a known one, and every known one be there.
func compare(t *testing.T, ours, theirs []sent) {
	t.Helper()
	names := func(list []sent) (names []string) {
		for _, s := range list {
			names = append(names, s.service+" "+s.operation)
			if s.operation == "" || s.status >= 300 {
				t.Errorf("%s %q %v: status %d", s.service, s.operation, s.fields["path"], s.status)
			}
		}
		return names
	}
	if our, their := names(ours), names(theirs); !slices.Equal(our, their) {
		t.Fatalf("operations are\n%q, those of the SDKs\n%q", our, their)
	}
	compared, needed, seen := 0, make([]bool, len(differences)), map[string]bool{}
	for i, our := range ours {
		all := maps.Clone(our.fields)
		maps.Copy(all, theirs[i].fields)
		for _, field := range slices.Sorted(maps.Keys(all)) {
			if incidental[field] != "" {
				seen[field] = true
				continue
			}
			mine, their := our.fields[field], theirs[i].fields[field]
			compared++
			if mine == their {
				continue
			}
			n := slices.IndexFunc(differences, func(d difference) bool { return d.is(our, field, mine, their) })
			if n < 0 {
				t.Errorf("%s %s: %s is %.200q, the SDK has %.200q", our.service, our.operation, field, mine, their)
				continue
			}
			needed[n] = true
		}
	}
	for i, d := range differences {
		if !needed[i] {
			t.Errorf("no request differs as expected: %+v", d)
		}
	}
	for field := range incidental {
		if !seen[field] {
			t.Errorf("no request has the field %q", field)
		}
	}
	t.Logf("%d fields of %d requests", compared, len(ours))
}

func (d difference) is(s sent, field, ours, theirs string) bool {
	return cmp.Or(d.service, s.service) == s.service && cmp.Or(d.operation, s.operation) == s.operation &&
		d.field == field && (d.ours == "*" || d.ours == ours) && (d.theirs == "*" || d.theirs == theirs)
}

// zipped is a zip of one file.
func zipped(t *testing.T) layer.Artifact {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create("python/a.py")
	if err == nil {
		_, err = fmt.Fprintln(f, "print(1)")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	sums := digest.New()
	_, _ = sums.Write(buf.Bytes())
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "layer.zip"), Digests: sums.Digests()}
	if err := os.WriteFile(a.Path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}
