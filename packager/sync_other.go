//go:build !unix

package packager

// syncFolder does nothing: folders cannot be synced here.
func syncFolder(string) {}
