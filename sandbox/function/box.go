package function

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A box is the temporary folder of one call, and what is known of it.
type box struct {
	temp    string
	habitat habitat
	env     []string
	include string
}

// The folders below it. Call is the runner's, runtime stands for what the
// vendor has in /var/runtime and is empty.
func (b box) task() string    { return filepath.Join(b.temp, "task") }
func (b box) opt() string     { return filepath.Join(b.temp, "opt") }
func (b box) runtime() string { return filepath.Join(b.temp, "runtime") }
func (b box) home() string    { return filepath.Join(b.temp, "home") }
func (b box) scratch() string { return filepath.Join(b.temp, "tmp") }
func (b box) call(name string) string {
	return filepath.Join(b.temp, "call", name)
}

// newBox makes the folders and works the environment out.
func newBox(temp string, f Function, i interpreter) (box, error) {
	b := box{temp: temp}
	var ok bool
	if b.habitat, ok = habitatOf(f.Service, f.Cell); !ok {
		return b, fmt.Errorf("no service %q", f.Service)
	}
	b.env = b.environment(f, i)
	b.include = b.rewrite(b.habitat.include)
	for _, dir := range []string{b.task(), b.opt(), b.runtime(), b.home(), b.scratch(), b.call("")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return b, err
		}
	}
	return b, nil
}

// unpack fills the folders of the layers and of the code.
func (b box) unpack(f Function) error {
	native := &foreign{arch: f.Architecture}
	for _, zip := range f.Layers {
		if err := unpack(zip, b.opt(), "/opt", native); err != nil {
			return fmt.Errorf("unpacking the layer %q: %w", filepath.Base(zip), err)
		}
	}
	if err := unpack(f.Code, b.task(), b.habitat.task, native); err != nil {
		return fmt.Errorf("unpacking the code %q: %w", filepath.Base(f.Code), err)
	}
	if native.found != "" {
		return &NotRunnable{Runtime: f.Cell.Runtime, Reason: native.String()}
	}
	return nil
}

// A call is what a runner is told, see run.py.
type call struct {
	Service   string `json:"service"`
	Version   string `json:"version"`
	Handler   string `json:"handler"`
	Task      string `json:"task"`
	Opt       string `json:"opt"`
	Runtime   string `json:"runtime"`
	Include   string `json:"include"`
	Name      string `json:"name"`
	RequestID string `json:"request_id"`
	Memory    int64  `json:"memory"`  // MiB
	Timeout   int64  `json:"timeout"` // ms
}

// prepare writes what the runner reads.
func (b box) prepare(f Function, i interpreter, event []byte) error {
	text, err := json.Marshal(call{
		Service: f.Service, Version: version(f.Cell), Handler: f.Handler, Task: b.task(), Opt: b.opt(), Runtime: b.runtime(),
		Include: b.include, Name: f.Name, RequestID: f.RequestID, Memory: f.Memory >> 20, Timeout: f.Timeout.Milliseconds(),
	})
	if err != nil {
		return err
	}
	files := map[string][]byte{"call.json": text, "event": event}
	for _, name := range i.language.files {
		if files[name], err = runners.ReadFile(name); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(b.call(name), text, 0o644); err != nil {
			return err
		}
	}
	// Node.js asks the nearest package.json what kind of module a file is, and
	// would ask those above the temporary folder.
	return os.WriteFile(filepath.Join(b.temp, "package.json"), []byte("{}"), 0o644)
}

// collect reads what the runner left behind.
func (b box) collect(e end) (Result, error) {
	r := Result{Log: string(b.restore([]byte(e.log)))}
	output, err := os.ReadFile(b.call("output"))
	if err == nil && e.failure.Type == "" {
		r.Output = b.restore(output)
		return r, nil
	}
	r.Failed, r.Error = true, e.failure
	if text, err := os.ReadFile(b.call("failure")); err == nil && e.failure.Type != TimedOut {
		if err := json.Unmarshal(b.restore(text), &r.Error); err != nil {
			return r, fmt.Errorf("reading what the runner wrote: %w", err)
		}
	} else if r.Error.Type == "" {
		return r, errors.New("the runner left neither a result nor an error")
	}
	if r.Error.Trace == nil {
		r.Error.Trace = []string{}
	}
	r.Output, err = json.Marshal(r.Error)
	return r, err
}
