package builder

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/layerbuild/layerbuild/layer"
)

// merge sorts entries bytewise by path and makes one of those that are the
// same in path, mode and bytes. It is an error if entries share no more than
// the path. Of equal entries the first in the given order stays.
func merge(entries []layer.Entry) ([]layer.Entry, error) {
	slices.SortStableFunc(entries, byPath)
	kept := entries[:0]
	for _, e := range entries {
		if len(kept) == 0 || kept[len(kept)-1].Path != e.Path {
			kept = append(kept, e)
			continue
		}
		first := kept[len(kept)-1]
		why, err := differ(first, e)
		if err != nil {
			return nil, err
		}
		if why != "" {
			return nil, fmt.Errorf("%q is staged twice, and differs in %s: %s, and %s", e.Path, why, first.Origin, e.Origin)
		}
	}
	return kept, nil
}

func byPath(a, b layer.Entry) int { return cmp.Compare(a.Path, b.Path) }

// differ returns in what two entries differ, "" if they are the same in mode
// and bytes. It reads both only where nothing else tells.
func differ(a, b layer.Entry) (string, error) {
	switch {
	case a.Mode != b.Mode:
		return fmt.Sprintf("mode (%s and %s)", a.Mode.Perm(), b.Mode.Perm()), nil
	case a.Size != b.Size:
		return fmt.Sprintf("size (%d and %d bytes)", a.Size, b.Size), nil
	case a.Origin == b.Origin:
		return "", nil
	}
	equal, err := sameBytes(a, b)
	if err != nil || equal {
		return "", err
	}
	return "content", nil
}

// sameBytes compares the content of two entries of the same size.
func sameBytes(a, b layer.Entry) (equal bool, err error) {
	ra, err := a.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, ra.Close()) }()
	rb, err := b.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rb.Close()) }()
	var bufA, bufB [32 << 10]byte
	for {
		na, errA := io.ReadFull(ra, bufA[:])
		nb, errB := io.ReadFull(rb, bufB[:])
		if !bytes.Equal(bufA[:na], bufB[:nb]) {
			return false, nil
		}
		if errA == nil && errB == nil {
			continue
		}
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return false, err
			}
		}
		return true, nil
	}
}
