// Package outputs writes what a run published in the forms that other tools
// read: Markdown, Terraform variables, environment files and the files of
// GitHub Actions. docs/outputs.md is what the forms promise.
package outputs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Item is a layer in one region, and what came of it.
type Item struct {
	Cloud, Region, Name string
	// Profile is the credentials' name in the cloud's shared configuration
	// files that the item was reached with, "" for the default.
	Profile string
	// Version is 0 as long as there is none. ARN is "" on clouds without.
	Version int64
	ARN     string
	// SHA256 (hex), CRC64 (decimal) and Size (bytes) are of the zip.
	SHA256, CRC64 string
	Size          int64
	Runtimes      []string
	Architectures []string
	// Status is one of those that the document of --json has. Reason says why
	// where there is a why, Error what went wrong.
	Status, Reason, Error string
}

// The statuses that matter here.
const (
	created = "created"
	updated = "updated"
	failed  = "failed"
)

// Where names the target: "aws/us-east-1".
func (i Item) Where() string { return i.Cloud + "/" + i.Region }

// Key names the layer in its region: "aws/us-east-1/web-deps".
func (i Item) Key() string { return i.Where() + "/" + i.Name }

// Reference is what functions name the version by: its ARN, else name and
// number.
func (i Item) Reference() string { return cmp.Or(i.ARN, fmt.Sprintf("%s:%d", i.Name, i.Version)) }

// Published returns the items that have a version for others to use, sorted by
// their keys: what failed has none, even where its version is there. Two items
// with one key and different versions are an error that names both.
func Published(items []Item) ([]Item, error) {
	var list []Item
	for _, i := range items {
		if i.Version > 0 && i.Status != failed {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.Cloud, b.Cloud), strings.Compare(a.Region, b.Region), strings.Compare(a.Name, b.Name))
	})
	for n := 1; n < len(list); n++ {
		a, b := list[n-1], list[n]
		if a.Key() == b.Key() && (a.Reference() != b.Reference() || a.Version != b.Version || a.SHA256 != b.SHA256) {
			return nil, fmt.Errorf("%q stands for two versions: %s and %s", a.Key(), a.Reference(), b.Reference())
		}
	}
	return slices.CompactFunc(list, func(a, b Item) bool { return a.Key() == b.Key() }), nil
}
