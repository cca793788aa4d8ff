package uploadertest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
)

// A Job is what a child process is to upload.
type Job struct {
	// Endpoint, Bucket and Secret are how to reach the store.
	Endpoint, Bucket, Secret string
	// Artifact goes under Key. After so many parts as Parts says, the child
	// sends no more and waits for its death.
	Artifact layer.Artifact
	Key      string
	Parts    int
}

const jobVariable = "LAYERBUILD_TEST_UPLOAD"

// Child does the job that the environment has for this process, if any, and
// ends the process. It belongs at the beginning of TestMain.
func Child(open func(Job, Wrap) (uploader.Uploader, error)) {
	text, ok := os.LookupEnv(jobVariable)
	if !ok {
		return
	}
	var job Job
	err := json.Unmarshal([]byte(text), &job)
	if err == nil {
		var u uploader.Uploader
		u, err = open(job, func(next http.RoundTripper) http.RoundTripper {
			return &stall{parts{cut: true, limit: job.Parts, next: next}}
		})
		if err == nil {
			_, _, err = uploader.Upload(context.Background(), u, job.Key, job.Artifact, nil)
		}
	}
	fmt.Fprintln(os.Stdout, "the child came to an end:", err)
	os.Exit(1)
}

// stall never answers a request that parts would refuse.
type stall struct{ parts }

func (s *stall) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.passes(r) {
		defer s.flying.Done()
		return s.next.RoundTrip(r)
	}
	s.flying.Wait()
	fmt.Fprintln(os.Stdout, stalled)
	select {}
}

const stalled = "stalled"

// Killed has a process that is uploading killed, and the zip built anew. What
// the store has by then is not sent again. The job comes without artifact, key
// and parts.
func Killed(t *testing.T, h Harness, job Job) {
	job.Artifact, job.Key, job.Parts = artifact(t, h.Large, 17), aKey, 1
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), jobVariable+"="+string(text))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = child.Wait() // says that it was killed
	if line != stalled+"\n" {
		t.Fatalf("the child said %q", line)
	}
	if n := h.Unfinished(t); n != 1 || len(h.Keys(t)) != 0 {
		t.Fatalf("%d uploads are unfinished, the objects are %q", n, h.Keys(t))
	}

	again := artifact(t, h.Large, 17)
	var rest, whole parts
	var m meter
	o, uploaded, err := uploader.Upload(context.Background(), h.Open(t, rest.wrap), aKey, again, m.add)
	if err != nil || !uploaded {
		t.Fatalf("uploaded %v, error %v", uploaded, err)
	}
	m.check(t, again.Digests.Size)
	check(t, h, o, aKey, again)
	if _, err := h.Open(t, whole.wrap).Put(context.Background(), aKey+"2", again, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := rest.sent(), whole.sent()-job.Parts; got != want {
		t.Errorf("%d parts were sent, want %d", got, want)
	}
}
