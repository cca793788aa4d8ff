//go:build !race

package packager_test

const raced = false
