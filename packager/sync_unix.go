//go:build unix

package packager

import "os"

// syncFolder makes a rename in the folder last. The file is complete under its
// name by then, and some file systems cannot sync a folder, so that a failure
// is not one of the caller's.
func syncFolder(path string) {
	if d, err := os.Open(path); err == nil {
		d.Sync()
		d.Close()
	}
}
