package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/publisher"
)

// What came of an item.
const (
	Created   = "created"
	Unchanged = "unchanged"
	Updated   = "updated"
	Uploaded  = "uploaded"
	Planned   = "planned"
	Skipped   = "skipped"
	Failed    = "failed"
)

const receiptSchema = 1

// A Receipt is what a run did for one item. Its JSON form is a file beside the
// zip, and an element of the document that publish --json prints.
type Receipt struct {
	Schema int    `json:"schema"`
	Cloud  string `json:"cloud"`
	Region string `json:"region"`
	Name   string `json:"name"`
	// Version is 0 and ARN null as long as there is none.
	Version int64   `json:"version"`
	ARN     *string `json:"arn"`
	// SHA256 (hex), CRC64 (decimal), Size (bytes) and Tree are of the zip
	// that was built.
	SHA256 string    `json:"sha256"`
	CRC64  string    `json:"crc64"`
	Size   int64     `json:"size"`
	Tree   layer.Sum `json:"tree"`

	Compressor    string        `json:"compressor"`
	Runtimes      []string      `json:"runtimes"`
	Architectures []string      `json:"architectures"`
	License       string        `json:"license,omitempty"`
	Object        *layer.Object `json:"object,omitempty"`
	// Location is where the cloud keeps the version's zip, where it says so,
	// without the signature that fetching it takes.
	Location string `json:"location,omitempty"`

	Status string `json:"status"`
	Reason string `json:"reason"`
	Error  string `json:"error"`
	// At is when the item was finished, RFC 3339, UTC.
	At string `json:"at"`

	// Err is what Error says, for callers that branch on it.
	Err error `json:"-"`

	folder, file string
}

func newReceipt(item Item, b Built, l manifest.Layer) Receipt {
	d := b.Artifact.Digests
	return Receipt{
		Schema: receiptSchema,
		Cloud:  item.Target.Cloud, Region: item.Region, Name: b.Product.Name,
		SHA256: d.SHA256.String(), CRC64: d.CRC64Text(), Size: d.Size, Tree: d.Tree,
		Compressor: b.Artifact.Packing.Compressor,
		Runtimes:   append([]string{}, item.Runtimes...), Architectures: append([]string{}, item.Architectures...), License: l.License,
		folder: b.Product.Folder, file: receiptName(item, b.Product.Name),
	}
}

// receiptName keeps the receipts of two accounts in one region apart.
func receiptName(item Item, name string) string {
	if owner := cmp.Or(item.Target.Account, item.Target.Profile); owner != "" {
		return name + "." + owner
	}
	return name
}

// Where names the target as messages do: "aws/us-east-1".
func (r Receipt) Where() string { return where(r.Cloud, r.Region) }

func (r *Receipt) fail(err error) {
	if err == nil {
		return
	}
	r.Err, r.Error, r.Status = err, err.Error(), Failed
}

func (r *Receipt) object() layer.Object {
	if r.Object == nil {
		return layer.Object{}
	}
	return *r.Object
}

func (r *Receipt) version(o publisher.Outcome) {
	if o.Version.Number == 0 {
		return
	}
	r.Version = o.Version.Number
	if o.Version.ARN != "" {
		r.ARN = &o.Version.ARN
	}
	r.Location = unsigned(o.Version.Location)
	r.Status, r.Reason = string(o.Status), reasonOf(o)
}

// unsigned takes the query, which holds the signature, from an address.
func unsigned(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// WriteReceipt returns a Record function that keeps receipts beside the zips
// below the output folder, each whole or not at all:
// <output>/<cloud>/<name>.<region>.json, with the account or profile before
// the region where the target names one.
func WriteReceipt(output string) func(Receipt) error {
	return func(r Receipt) error {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		path := filepath.Join(output, r.folder, strings.Join([]string{r.file, r.Region, "json"}, "."))
		tmp := path + ".tmp"
		err = os.WriteFile(tmp, append(data, '\n'), 0o666)
		if err == nil {
			err = os.Rename(tmp, path)
		}
		if err != nil {
			os.Remove(tmp)
			return fmt.Errorf("writing receipt: %w", err)
		}
		return nil
	}
}

// Errors joins what went wrong, in the order of the plan.
func Errors(receipts []Receipt) error {
	var list []error
	for _, r := range receipts {
		if r.Err != nil {
			list = append(list, fmt.Errorf("%s: %w", r.Where(), r.Err))
		}
	}
	return errors.Join(list...)
}
