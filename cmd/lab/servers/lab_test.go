package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLab starts a lab for one test. Without the binaries the test is skipped, loudly, except with CI=true where it fails.
func startLab(t *testing.T, ctx context.Context) *Lab {
	t.Helper()
	l, err := Start(ctx, Options{Dir: t.TempDir()})
	if errors.Is(err, ErrNoBinaries) && os.Getenv("CI") != "true" {
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

func TestServersLiveDieAndComeBack(t *testing.T) {
	ctx := t.Context()
	l := startLab(t, ctx)
	probes := map[*Server]func(context.Context) error{
		l.IRC.Server:    func(ctx context.Context) error { return answersIRC(ctx, l.IRC.Addr) },
		l.Matrix.Server: func(ctx context.Context) error { return answersMatrix(ctx, l.Matrix.URL) },
	}
	for s, probe := range probes {
		t.Run(s.Name, func(t *testing.T) { lifeOf(t, s, probe) })
	}
}

func lifeOf(t *testing.T, s *Server, probe func(context.Context) error) {
	ctx := t.Context()
	mustAnswer := func(when string) {
		t.Helper()
		if err := probe(ctx); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
	}
	mustNotAnswer := func(when string) {
		t.Helper()
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		if probe(short) == nil {
			t.Fatalf("%s: it answers", when)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mustAnswer("after the start")
	if err := s.Start(ctx); err == nil {
		t.Error("a second start of a running server was accepted")
	}
	must(s.Freeze())
	mustNotAnswer("frozen")
	must(s.Thaw())
	mustAnswer("thawed")
	first := s.PID()
	must(s.Kill())
	mustNotAnswer("killed")
	if s.Running() || s.PID() != 0 {
		t.Error("a killed server is said to run")
	}
	if s.Kill() == nil || s.Freeze() == nil {
		t.Error("a dead server took a signal")
	}
	must(s.Start(ctx))
	mustAnswer("started again")
	if s.PID() == first {
		t.Error("the process is the same after a kill")
	}
	must(s.Freeze())
	must(s.Restart(ctx)) // even a frozen server can be restarted
	mustAnswer("restarted")
}

func TestTheLabEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := startLab(t, ctx)
	pids := []int{l.IRC.PID(), l.Matrix.PID()}
	cancel()
	if err := l.Close(); err != nil { // waits for the closing that cancel began
		t.Fatal(err)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
	if _, err := os.Stat(l.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestPopulation(t *testing.T) {
	l := startLab(t, t.Context())
	for _, name := range withStaff(DefaultPeople()) {
		if a := l.IRC.Accounts[name]; a.Name != name || len(a.Password) != 24 {
			t.Errorf("IRC account %q: %+v", name, a)
		}
		if u := l.Matrix.Users[name]; u.ID != "@"+name+":lab.test" || u.Password == l.IRC.Accounts[name].Password {
			t.Errorf("Matrix user %q: %+v", name, u)
		}
	}
	for name, encrypted := range map[string]bool{"support": false, "adminsys": true, "annonces": false} {
		r := l.Matrix.Rooms[name]
		if !strings.HasPrefix(r.ID, "!") || r.Alias != "#"+name+":lab.test" || r.Encrypted != encrypted {
			t.Errorf("room %s: %+v", name, r)
		}
	}
}

func TestMissingBinariesSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	_, err := Start(t.Context(), Options{BinDir: dir})
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "go build") {
		t.Errorf("no binaries: %v", err)
	}
	for _, name := range []string{"ergo", "dendrite"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("not a program"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Start(t.Context(), Options{BinDir: dir}); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("no program: %v", err)
	}
}

func TestADeadServerQuotesItsLog(t *testing.T) {
	dir := t.TempDir()
	s := NewServer("sick", filepath.Join(dir, "log"), dir, func(context.Context) error { return errors.New("refused") },
		"/bin/sh", "-c", "echo no $WHAT left >&2; exit 3")
	s.Env = []string{"WHAT=disk"}
	err := s.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no disk left") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if s.Running() {
		t.Error("it is said to run")
	}
	s.bin = filepath.Join(dir, "absent")
	if err := s.Start(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent program: %v", err)
	}
}

func TestAStubbornServerIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the ten seconds that a server has to stop")
	}
	dir := t.TempDir()
	s := NewServer("stubborn", filepath.Join(dir, "log"), dir, func(context.Context) error {
		_, err := os.Stat(filepath.Join(dir, "ready"))
		return err
	}, "/bin/sh", "-c", "trap '' TERM; touch ready; while :; do sleep 1; done")
	select {
	case <-s.Ended():
	default:
		t.Error("a server that never ran has not ended")
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	life := s.Ended()
	select {
	case <-life:
		t.Error("a running server has ended")
	default:
	}
	if err := s.Stop(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("stop: %v", err)
	}
	<-life
	if s.Running() {
		t.Error("it still runs")
	}
}

func TestADumpIsInTheLog(t *testing.T) {
	dir := t.TempDir()
	s := NewServer("talkative", filepath.Join(dir, "log"), dir, func(context.Context) error {
		_, err := os.Stat(filepath.Join(dir, "ready"))
		return err
	}, "/bin/sh", "-c", "trap 'echo goroutine 1; exit 2' QUIT; touch ready; while :; do sleep 0.05; done")
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Dump(); err != nil {
		t.Fatal(err)
	}
	if s.Running() || !strings.Contains(tail(s.LogFile), "goroutine 1") {
		t.Errorf("running %v; the log: %s", s.Running(), tail(s.LogFile))
	}
}

func TestFreePorts(t *testing.T) {
	ports, err := FreePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, p := range ports {
		if seen[p] || p < firstPort || p >= lastPort {
			t.Errorf("port %d", p)
		}
		seen[p] = true
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			t.Errorf("port %d is not free: %v", p, err)
			continue
		}
		l.Close()
	}
}

func TestAnIRCProbeNeedsAnAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // listens, reads, and hangs up without a word
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(c).ReadString('\n')
			c.Close()
		}
	}()
	if err := answersIRC(t.Context(), l.Addr().String()); err == nil {
		t.Error("a silent listener passed for an IRC server")
	}
}
