//go:build race

package packager_test

// Compressing under the race detector takes ten times as long.
const raced = true
