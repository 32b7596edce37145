package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/story"
)

// TestRefusesToStart: what makes the bot unable to work is said at once, in a sentence, with exit code 1.
func TestRefusesToStart(t *testing.T) {
	s, c := stage(t)
	password := filepath.Join(s.Dir, "irc.password")
	right, err := os.ReadFile(password)
	if err != nil {
		t.Fatal(err)
	}
	write(t, password, []byte("not the password\n"))
	refuses(t, s, "irc", "password")
	write(t, password, right)

	curtain(t, c)
	refuses(t, s, "vigie.db", "another")
	if err := s.Bot.Stop(); err != nil {
		t.Fatal(err)
	}

	// A new device, as after the loss of a machine, must be signed with the recovery key.
	if err := os.Rename(filepath.Join(s.Dir, "device"), filepath.Join(s.Dir, "lost")); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(s.Dir, "recovery.key")
	kept, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	refuses(t, s, "recovery")

	write(t, key, kept)
	if err := s.Bot.Start(t.Context()); err != nil {
		t.Errorf("with the recovery key back it does not start: %v", err)
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// refuses runs the bot, which must end by itself with exit code 1 and a last sentence that holds the words.
func refuses(t *testing.T, s *story.Stage, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
	defer cancel()
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, s.Program, "run", "-c", s.Config)
	cmd.Dir, cmd.Stderr = s.Dir, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("about %v: it ended with %v, not with exit code 1; it said:\n%s", words, err, complaint.String())
		return
	}
	var said []string // the log is JSON, what is for people is not
	for line := range strings.Lines(complaint.String()) {
		if !strings.HasPrefix(line, "{") {
			said = append(said, strings.TrimSpace(line))
		}
	}
	sentence := strings.Join(said, " ")
	t.Logf("about %v it said: %s", words, sentence)
	for _, w := range words {
		if !strings.Contains(strings.ToLower(sentence), w) {
			t.Errorf("what it said does not name %q: %s\nwhole output:\n%s", w, sentence, complaint.String())
		}
	}
}
