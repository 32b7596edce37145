package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"vigie/cmd/lab/pki"
	"vigie/cmd/lab/servers"
)

// noStart is what keeps Debian's packages from starting what they install.
const noStart = "/usr/sbin/policy-rc.d"

// install gets Debian's IRC servers, once: with CI=true only, on Debian, as root.
var install = sync.OnceValue(func() error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("this is not Debian: install ngircd, inspircd and atheme-services by hand")
	}
	if _, err := os.Stat(noStart); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(noStart, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
			return err
		}
		defer os.Remove(noStart)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "ngircd", "inspircd", "atheme-services"}} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return errors.Join(err, errors.New(string(out[max(0, len(out)-2000):])))
		}
	}
	return nil
})

// debianIRC starts one of Debian's IRC servers, with its services, for one test. Where it is not installed the test is skipped,
// and says so; with CI=true it is installed first.
func debianIRC(t *testing.T, kind string) (*servers.DebianIRC, *pki.CA) {
	t.Helper()
	dir := t.TempDir()
	ca, err := pki.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := servers.StartDebianIRC(t.Context(), kind, dir, ca)
	if errors.Is(err, servers.ErrNotInstalled) && os.Getenv("CI") == "true" {
		if err := install(); err != nil {
			t.Fatalf("installing %s: %v", kind, err)
		}
		s, err = servers.StartDebianIRC(t.Context(), kind, dir, ca)
	}
	if errors.Is(err, servers.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the server's log:\n%s\nend of the services' log:\n%s", lastLines(s.LogFile, 20), lastLines(s.Services.LogFile, 20))
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s, ca
}
