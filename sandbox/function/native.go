package function

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
)

// A foreign looks for native code that the cloud could load and this machine
// cannot. Code for another architecture than the function's is not meant: it
// fails in the cloud too.
type foreign struct {
	// arch is the function's, "x86_64" if empty.
	arch string
	// found is the first file that has such code.
	found string
}

func (f *foreign) String() string {
	return fmt.Sprintf("%s is code for linux on %s, and this machine is %s on %s", f.found, f.architecture(), runtime.GOOS, runtime.GOARCH)
}

func (f *foreign) architecture() string {
	if f.arch == "" {
		return "x86_64"
	}
	return f.arch
}

// look returns where a file's content is to be written.
func (f *foreign) look(name string) io.Writer { return &header{foreign: f, name: name} }

// A header reads the identification of an ELF file, see elf(5).
type header struct {
	foreign *foreign
	name    string
	bytes   []byte
}

// identified is where e_machine ends.
const identified = 20

func (h *header) Write(p []byte) (int, error) {
	if missing := identified - len(h.bytes); missing > 0 {
		h.bytes = append(h.bytes, p[:min(missing, len(p))]...)
		if len(h.bytes) == identified {
			h.judge()
		}
	}
	return len(p), nil
}

func (h *header) judge() {
	wanted := map[string]elf.Machine{"x86_64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[h.foreign.architecture()]
	machine := elf.Machine(binary.LittleEndian.Uint16(h.bytes[18:]))
	if string(h.bytes[:4]) != elf.ELFMAG || machine != wanted || h.foreign.found != "" {
		return
	}
	own := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	if runtime.GOOS != "linux" || machine != own {
		h.foreign.found = h.name
	}
}
