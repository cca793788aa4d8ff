package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
)

// requestJSON is a line of sandbox --log, a contract.
type requestJSON struct {
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Action  string    `json:"action"`
	Region  string    `json:"region"`
	Bucket  string    `json:"bucket,omitempty"`
	Key     string    `json:"key,omitempty"`
	Layer   string    `json:"layer,omitempty"`
	Version int64     `json:"version,omitempty"`
	// Status is 0 for a request that was kept from the service and not
	// answered. Acted says that it was not kept from it, whatever became of
	// the answer.
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	Acted  bool   `json:"acted"`
}

// A requestLog is a file of JSON lines. Without a name it is none.
type requestLog struct {
	mu   sync.Mutex
	file *os.File
	err  error
}

// openRequestLog appends to the file, so that the sandboxes of several runs
// can share one.
func openRequestLog(name string) (*requestLog, error) {
	if name == "" {
		return &requestLog{}, nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, fmt.Errorf("opening the log of requests: %w", err)
	}
	return &requestLog{file: file}, nil
}

// add writes a line at once: whoever waits for a request reads along.
func (l *requestLog) add(r sandbox.Record) {
	if l.file == nil {
		return
	}
	line, err := json.Marshal(requestJSON{
		Time: r.Time.UTC(), Service: r.Service, Action: r.Action, Region: r.Region, Bucket: r.Bucket, Key: r.Key,
		Layer: r.Layer, Version: r.Version, Status: r.Status, Code: r.Code, Acted: !r.Faulty,
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if l.err == nil {
		l.err = err
	}
}

// close returns the first error there was.
func (l *requestLog) close() error {
	if l.file == nil {
		return nil
	}
	if err := l.file.Close(); l.err == nil {
		l.err = err
	}
	if l.err != nil {
		return fmt.Errorf("writing the log of requests: %w", l.err)
	}
	return nil
}
