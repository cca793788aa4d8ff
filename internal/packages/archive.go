package packages

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	// longestPath is the longest path that systems open: PATH_MAX of Linux.
	longestPath = 4096
	// largestFile is far above any layer, and keeps forged sizes from summing up
	// to more than a number holds.
	largestFile = 1 << 36
	// most is how much metadata of a zip is read, in bytes.
	most = 4 << 30
	// longestMetadata is how much of one file is read, in bytes.
	longestMetadata = 1 << 20
)

// An archive is a zip whose files can be looked up.
type archive struct {
	// names are sorted; of several files with one name the last one counts, as
	// it does for those who unpack.
	names []string
	files map[string]*zip.File
	// left is how many bytes may still be read.
	left int64
}

func open(z *zip.Reader) *archive {
	a := &archive{files: map[string]*zip.File{}, left: most}
	for _, f := range z.File {
		if !f.Mode().IsRegular() || strings.HasSuffix(f.Name, "/") || len(f.Name) > longestPath || f.UncompressedSize64 > largestFile {
			continue
		}
		if a.files[f.Name] == nil {
			a.names = append(a.names, f.Name)
		}
		a.files[f.Name] = f
	}
	slices.Sort(a.names)
	return a
}

// read returns the first bytes of a file, at most so many, and whether that is
// all of it. A file that is not there has none.
func (a *archive) read(name string, longest int64) (content []byte, whole bool, err error) {
	f := a.files[name]
	if f == nil {
		return nil, true, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, false, err
	}
	defer r.Close()
	content, err = io.ReadAll(io.LimitReader(r, min(longest, a.left)+1))
	if err != nil {
		return nil, false, err
	}
	if a.left -= int64(len(content)); a.left < 0 {
		return nil, false, fmt.Errorf("more than %d bytes of metadata: %w", int64(most), layer.ErrLimit)
	}
	if int64(len(content)) > longest {
		return content[:longest], false, nil
	}
	return content, true, nil
}

// split returns the folder of a path, with its slash, and the last element.
func split(name string) (folder, base string) {
	at := strings.LastIndexByte(name, '/') + 1
	return name[:at], name[at:]
}
