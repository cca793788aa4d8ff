package builder

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/runtimes"
	"golang.org/x/sync/errgroup"
)

// elfHead is how much of a file tells what machine it is for: e_machine ends
// there, see the ELF specification, "ELF Header".
const elfHead = 20

// The values of e_machine that functions run on: EM_X86_64 and EM_AARCH64.
const (
	machineX86 = 62
	machineArm = 183
)

// checkNative refuses native code in a zip for several architectures, on which
// it could run on one at most. A zip for one architecture is not read.
func checkNative(ctx context.Context, l runtimes.Layout, entries []layer.Entry, workers int) error {
	archs := architectures(l)
	if len(archs) < 2 {
		return nil
	}
	found := make([]string, len(entries))
	errs := make([]error, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, e := range entries {
		if e.Mode == layer.Symlink || e.Size < elfHead {
			continue
		}
		group.Go(func() error {
			found[i], errs[i] = machine(e)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	first := slices.IndexFunc(found, func(arch string) bool { return arch != "" })
	if first < 0 {
		return nil
	}
	text := fmt.Sprintf("%q (%s) is native code for %s", entries[first].Path, entries[first].Origin, found[first])
	other := slices.IndexFunc(found, func(arch string) bool { return arch != "" && arch != found[first] })
	if other >= 0 {
		text += fmt.Sprintf(", and %q (%s) for %s", entries[other].Path, entries[other].Origin, found[other])
	}
	return fmt.Errorf("the zip is for %s, but %s: put {arch} in layer.name", strings.Join(archs, " and "), text)
}

func architectures(l runtimes.Layout) []string {
	var list []string
	for _, p := range l.Places {
		if !slices.Contains(list, p.Arch) {
			list = append(list, p.Arch)
		}
	}
	return list
}

// machine returns the architecture of an ELF file, "" for any other file.
func machine(e layer.Entry) (arch string, err error) {
	r, err := e.Open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var head [elfHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", fmt.Errorf("%s: %w", e.Origin, volume.Bare(err))
	}
	if !bytes.HasPrefix(head[:], []byte("\x7fELF")) {
		return "", nil
	}
	// e_machine has the byte order that EI_DATA says; both are little-endian.
	switch binary.LittleEndian.Uint16(head[18:]) {
	case machineX86:
		return "x86_64", nil
	case machineArm:
		return "arm64", nil
	}
	return "", nil
}
