package sandbox_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// large is the zip of a request that a connection does not take at once.
func large(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "noise", Method: zip.Store})
	if err == nil {
		_, err = f.Write(noise(3 << 20))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// patience is how long a sandbox waits that has to outlast its client, which
// gives up at once but has to find the time for it.
const patience = 3 * time.Second

// wait waits for the n-th record.
func wait(t *testing.T, log *sandboxtest.Log, n int) sandbox.Record {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if list := log.Records(); len(list) >= n {
			return list[n-1]
		}
		if time.Now().After(deadline) {
			t.Fatalf("there are %d records, want %d", len(log.Records()), n)
		}
	}
}

// A watched body calls end when it was read to its end.
type watched struct {
	io.ReadCloser
	end func()
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err == io.EOF {
		w.end()
	}
	return n, err
}

// TestFaultLate: a request that came whole is acted on after its client is
// gone, however large it is.
func TestFaultLate(t *testing.T) {
	for name, zip := range map[string][]byte{"small": makeZip(t, "a", "1"), "large": large(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			log := &sandboxtest.Log{}
			sb := sandboxtest.Start(t, sandbox.Options{Log: log.Add, Fault: func(r *http.Request) sandbox.Fault {
				r.Body = watched{r.Body, cancel}
				return sandbox.Fault{Late: patience}
			}})
			_, err := lambdaClient(sb, "us-east-1").PublishLayerVersion(ctx, inline("layer", zip))
			if !errors.Is(err, context.Canceled) || len(log.Records()) != 0 {
				t.Fatalf("error is %v, records are %v", err, log.Records())
			}
			if r := wait(t, log, 1); r.Version != 1 || r.Status != http.StatusCreated || r.Faulty {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

// TestFaultLateBrokenOff: half a request does nothing, late or not.
func TestFaultLateBrokenOff(t *testing.T) {
	body := `{"Content":{"ZipFile":"` + base64.StdEncoding.EncodeToString(large(t)) + `"}}`
	for name, fault := range map[string]sandbox.Fault{"at once": {}, "late": {Late: time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			faults, log := &sandboxtest.Faults{}, &sandboxtest.Log{}
			sb := sandboxtest.Start(t, sandbox.Options{Fault: faults.Next, Log: log.Add})
			faults.Add(fault)
			r := call{method: "POST", path: "/2018-10-31/layers/layer/versions", service: "lambda", body: body}.request(t, sb)
			half, writer := io.Pipe()
			r.Body, r.ContentLength = half, int64(len(body))
			go func() {
				io.WriteString(writer, body[:len(body)/2])
				writer.CloseWithError(errors.New("killed"))
			}()
			if resp, err := http.DefaultClient.Do(r); err == nil {
				resp.Body.Close()
				t.Errorf("status is %d", resp.StatusCode)
			}
			if r := wait(t, log, 1); r.Version != 0 || r.Action != "PublishLayerVersion" {
				t.Errorf("record is %+v", r)
			}
			if out, err := lambdaClient(sb, "us-east-1").ListLayers(t.Context(), nil); err != nil || len(out.Layers) != 0 {
				t.Errorf("layers are %+v, %v", out, err)
			}
		})
	}
}

// TestFaultHang: nobody answers, nothing is done, and the wait ends with the
// client's patience or with the sandbox.
func TestFaultHang(t *testing.T) {
	came, log := make(chan bool, 2), &sandboxtest.Log{}
	sb := sandboxtest.Start(t, sandbox.Options{Log: log.Add, Fault: func(*http.Request) sandbox.Fault {
		came <- true
		return sandbox.Fault{Hang: true}
	}})
	attempt := func(ctx context.Context) error {
		_, err := lambdaClient(sb, "eu-west-1").PublishLayerVersion(ctx, inline("layer", makeZip(t, "a", "1")))
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := attempt(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	want := sandbox.Record{Service: "lambda", Action: "PublishLayerVersion", Region: "eu-west-1", Layer: "layer", Faulty: true}
	check := func(got sandbox.Record) {
		t.Helper()
		got.Time, got.RequestID = time.Time{}, ""
		if got != want {
			t.Errorf("record is %+v, want %+v", got, want)
		}
	}
	check(wait(t, log, 1))
	<-came
	ended := make(chan error)
	go func() { ended <- attempt(t.Context()) }()
	<-came
	if err := sb.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a hanging request succeeded")
	}
	check(wait(t, log, 2))
}
