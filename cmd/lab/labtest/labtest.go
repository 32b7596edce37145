// Package labtest starts a lab for a test and ends it with the test.
package labtest

import (
	"crypto/x509"
	"errors"
	"os"
	"testing"
	"time"

	"vigie/cmd/lab/pki"
	"vigie/cmd/lab/servers"
)

// Start starts a lab for one test. Without the server binaries the test is
// skipped, and says so; with CI=true in the environment it fails instead.
func Start(t *testing.T, opts servers.Options) *servers.Lab {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	l, err := servers.Start(t.Context(), opts)
	if errors.Is(err, servers.ErrNoBinaries) && os.Getenv("CI") != "true" {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close the lab: %v", err)
		}
	})
	return l
}

// Eventually tries until ok, for 20 seconds.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// OtherCA is the pool of an authority that has signed nothing in the lab.
func OtherCA(t *testing.T) *x509.CertPool {
	t.Helper()
	ca, err := pki.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca.Pool()
}
