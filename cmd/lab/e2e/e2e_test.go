// Package e2e tests the real program, "vigie run", on real servers: the whole story, power cuts at random instants, servers
// that go away, and starts that must be refused.
//
// The tests need the bot (bin/vigie, or VIGIE_BIN) and the lab's servers (bin/lab, or VIGIE_LAB_BIN). Without them they are
// skipped, and say so; with CI=true they fail.
package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
	"vigie/cmd/lab/world"
)

// TestStory plays the story once, as the demonstration does. What a run that failed has left (logs, and what every goroutine
// was doing) is kept where "go test -artifacts" says.
func TestStory(t *testing.T) {
	dir := t.ArtifactDir()
	var transcript strings.Builder
	err := story.Tell(t.Context(), story.Options{Once: true, Out: &transcript,
		Stage: story.StageOptions{Servers: servers.Options{Dir: dir, Keep: true}}})
	skipUnbuilt(t, err)
	if err == nil {
		removeLab(t, dir)
		return
	}
	t.Errorf("%v\n%s", err, transcript.String())
	for _, name := range []string{"vigie.log", "dendrite.log"} {
		if logs, _ := filepath.Glob(filepath.Join(dir, "*", "logs", name)); len(logs) == 1 {
			t.Logf("end of %s:\n%s", name, lastLines(logs[0], 60))
		}
	}
}

// removeLab removes the folder of a lab that was kept for nothing.
func removeLab(t *testing.T, dir string) {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(dir, "vigie-lab-*"))
	for _, lab := range kept {
		err = errors.Join(err, os.RemoveAll(lab))
	}
	if err != nil {
		t.Error(err)
	}
}

// skipUnbuilt skips a test for want of a program.
func skipUnbuilt(t *testing.T, err error) {
	t.Helper()
	unbuilt := errors.Is(err, servers.ErrNoBinaries) || errors.Is(err, story.ErrNoBot)
	if unbuilt && os.Getenv("CI") != "true" {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
}

// fastPace is for tests: nothing is waited for that need not be.
func fastPace() story.Pace {
	return story.Pace{NextNews: time.Hour, AfterIncident: time.Second, Retry: time.Second, ConfirmAfter: -time.Second,
		Messages: 100_000, MaxOpen: 100_000, Rate: 2}
}

// stage opens a stage whose bot does not run yet, with its people.
func stage(t *testing.T) (*story.Stage, *story.Cast) {
	t.Helper()
	return stageWith(t, story.StageOptions{})
}

// stageWith is stage with other options than a test's usual ones.
func stageWith(t *testing.T, opts story.StageOptions) (*story.Stage, *story.Cast) {
	t.Helper()
	opts.Servers.Dir = t.TempDir()
	if opts.Pace == (story.Pace{}) {
		opts.Pace = fastPace()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Not the test's own context, which ends before the logs are read.
	s, err := story.Open(context.Background(), opts)
	skipUnbuilt(t, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the bot's log:\n%s", lastLines(s.Bot.LogFile, 40))
			t.Logf("end of the homeserver's log:\n%s", lastLines(s.Lab.Matrix.LogFile, 20))
		}
		if err := s.Close(); err != nil {
			t.Errorf("close the stage: %v", err)
		}
	})
	if err := s.Trouble(world.CertExpired); err != nil {
		t.Fatal(err)
	}
	c, err := story.Gather(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, c
}

// curtain starts the bot and has the adminsys accept the charter.
func curtain(t *testing.T, c *story.Cast) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, step := range []func(context.Context) error{c.AwaitBot, c.Converse, c.AcceptCharter} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// lastLines is the end of a log, without the stacks that a dump has put there.
func lastLines(file string, n int) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	text, _, _ := strings.Cut(string(data), "\nSIGQUIT")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
