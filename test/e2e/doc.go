// Package e2e tests against servers and readers that are not ours.
//
// It is a module of its own, so that what it needs is no dependency of the
// project: versitygw, an independent S3 server that checks signatures,
// checksums and conditions, runs inside the test process. It keeps what it
// knows of an object in extended attributes of the temporary folder.
// HashiCorp's HCL parser and a parser of GitHub's Markdown read what --format
// writes. Run it here, not from the root of the repository:
//
//	cd test/e2e && go test ./...
package e2e
