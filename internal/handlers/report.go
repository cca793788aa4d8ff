package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Report is what the function of [For] returns.
type Report struct {
	// OK says that all imports succeeded.
	OK bool `json:"ok"`
	// Imports are those that did, with their versions, "" where unknown.
	Imports map[string]string `json:"imports"`
	// Failed are those that did not, and why.
	Failed map[string]string `json:"failed"`
}

// ErrNotRun says that the function was never called: the emulated cloud has no
// interpreter for its runtime.
var ErrNotRun = errors.New("not run")

// notRun is the errorType by which the sandbox says so, see NotRunType in its
// package function.
const notRun = "Layerbuild.NotRun"

// Read reads what a function of [For] with these imports returned, or the
// error object that it ended with. The error wraps [ErrNotRun] if it was never
// called; any other says what it answered instead of a report.
func Read(output []byte, imports []string) (Report, error) {
	var doc struct {
		Report
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	var text string
	if json.Unmarshal(output, &text) == nil && text != "" { // a service that makes JSON of JSON
		output = []byte(text)
	}
	if err := json.Unmarshal(output, &doc); err != nil {
		return Report{}, fmt.Errorf("reading the function's report: %w in %.200q", err, output)
	}
	switch {
	case doc.ErrorType == notRun:
		return Report{}, fmt.Errorf("%w: %s", ErrNotRun, strings.TrimPrefix(doc.ErrorMessage, "not run: "))
	case doc.ErrorType != "" || doc.ErrorMessage != "":
		return Report{}, fmt.Errorf("the function failed: %s", strings.TrimPrefix(doc.ErrorType+": "+doc.ErrorMessage, ": "))
	}
	r := doc.Report
	for _, name := range imports {
		_, imported := r.Imports[name]
		_, failed := r.Failed[name]
		if imported == failed {
			return Report{}, fmt.Errorf("reading the function's report: it does not say whether %q was imported: %.200q", name, output)
		}
	}
	if r.OK != (len(r.Failed) == 0) {
		return Report{}, fmt.Errorf("reading the function's report: it contradicts itself: %.200q", output)
	}
	return r, nil
}
