package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/wholefile"
	"github.com/layerbuild/layerbuild/layer"
)

// Find looks at every version, the newest first. A version counts only if its
// zip still has the bytes that its document names.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	v, err := p.find(ctx, name, d)
	switch {
	case err != nil:
		return layer.Version{}, fmt.Errorf("reading the registry %q: %w", p.folder, err)
	case v == nil:
		return layer.Version{}, fmt.Errorf("no version of layer %q has this content: %w", name, fs.ErrNotExist)
	}
	return *v, nil
}

func (p *Publisher) find(ctx context.Context, name string, d layer.Digests) (*layer.Version, error) {
	root, err := p.open(name)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	list, err := numbers(root, ".json")
	if err != nil {
		return nil, err
	}
	var repacked *layer.Version
	for _, n := range list {
		doc, err := read(root, n)
		if isMissing(err) {
			continue // deleted a moment ago
		}
		if err != nil {
			return nil, err
		}
		equal := doc.SHA256 == d.SHA256.String()
		if !equal && (doc.Tree != d.Tree || repacked != nil) {
			continue
		}
		whole, err := intact(ctx, root, doc)
		switch {
		case err != nil:
			return nil, err
		case whole && equal:
			return &doc.Version, nil
		case whole:
			repacked = &doc.Version
			repacked.Repacked = true
		}
	}
	return repacked, nil
}

func read(root *os.Root, number int64) (document, error) {
	var doc document
	text, err := root.ReadFile(file(number, ".json"))
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		return doc, fmt.Errorf("reading %q: %w", file(number, ".json"), err)
	}
	return doc, nil
}

// intact reports whether the version's zip is what it was.
func intact(ctx context.Context, root *os.Root, doc document) (bool, error) {
	zip, err := root.Open(file(doc.Number, ".zip"))
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer zip.Close()
	h := digest.New()
	if _, err := wholefile.Copy(ctx, h, zip, nil); err != nil {
		return false, err
	}
	return h.Digests().SHA256.String() == doc.SHA256, nil
}

// numbers lists the numbers that have a file with the ending, the largest
// first. Without an ending any file counts.
func numbers(root *os.Root, ending string) ([]int64, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var list []int64
	for _, e := range entries {
		stem, found, _ := strings.Cut(e.Name(), ".")
		n, err := strconv.ParseInt(stem, 10, 64)
		if err == nil && (ending == "" || "."+found == ending) {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b int64) int { return cmp.Compare(b, a) })
	return list, nil
}

func file(number int64, ending string) string { return strconv.FormatInt(number, 10) + ending }

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func isTaken(err error) bool { return errors.Is(err, fs.ErrExist) }
