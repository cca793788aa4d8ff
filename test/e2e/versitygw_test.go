package e2e

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/uploader/s3/s3test"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

func TestVersitygw(t *testing.T) {
	server := versitygw(t)
	t.Run("conformance", func(t *testing.T) { uploadertest.Run(t, server.Harness) })
	t.Run("leftovers", func(t *testing.T) { s3test.Leftovers(t, server) })
}

// versitygw starts the server. One can run in a process at a time.
func versitygw(t *testing.T) *s3test.Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // the server opens it again: it cannot be handed over

	folder, err := os.Getwd() // the backend changes it
	if err != nil {
		t.Fatal(err)
	}
	backend, err := posix.New(t.TempDir(), meta.XattrMeta{}, posix.PosixOpts{})
	if err != nil {
		t.Fatal(err)
	}
	s := &s3test.Server{
		Endpoint: "http://" + address, Region: "eu-central-1", Now: time.Now,
		Key: awscloud.Credentials{AccessKeyID: "testkey", SecretAccessKey: "testsecret12"},
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
			RootUserAccess: s.Key.AccessKeyID, RootUserSecret: s.Key.SecretAccessKey,
			Region: s.Region, Ports: []string{address}, Quiet: true, KeepAlive: true,
			MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10000,
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Errorf("the server ended with %v", err)
		}
		if err := os.Chdir(folder); err != nil {
			t.Error(err)
		}
	})
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return s
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("the server ended with %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("the server did not start")
	return nil
}
