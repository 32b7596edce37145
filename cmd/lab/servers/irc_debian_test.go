package servers

import (
	"errors"
	"testing"
)

// A program that is missing is said by its name, with what to do.
func TestDebianServersNotInstalled(t *testing.T) {
	if _, err := findDebian("no-such-ircd"); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("findDebian = %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := StartDebianIRC(t.Context(), "no-such-ircd", t.TempDir(), nil); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("StartDebianIRC = %v", err)
	}
}
