package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
)

// TestMain lets a test run this very program as a child.
func TestMain(m *testing.M) {
	if os.Getenv("LAB_TEST_RUN_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A screen is what the program printed so far.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A program is this program, run as a child.
type program struct {
	*exec.Cmd
	out, complaint screen
	ended          chan error
}

// start runs `lab up` on a folder and waits until it says that it is up. Without the server binaries the test is skipped,
// and says so; with CI=true in the environment it fails.
func start(t *testing.T, dir string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], "up", "-dir", dir), ended: make(chan error, 1)}
	p.Env = append(os.Environ(), "LAB_TEST_RUN_MAIN=1")
	p.Stdout, p.Stderr = &p.out, &p.complaint
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(p.out.String(), "Ctrl-C stops"); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-p.ended:
			if strings.Contains(p.complaint.String(), servers.ErrNoBinaries.Error()) && os.Getenv("CI") != "true" {
				t.Skipf("SKIPPED, NOT TESTED: %s", p.complaint.String())
			}
			t.Fatalf("it ended: %v\n%s%s", err, p.out.String(), p.complaint.String())
		default:
		}
		if time.Now().After(deadline) {
			p.Process.Kill()
			t.Fatalf("it is not up:\n%s%s", p.out.String(), p.complaint.String())
		}
	}
	return p
}

// end signals the program and returns how it ended.
func (p *program) end(t *testing.T, sig syscall.Signal) error {
	t.Helper()
	if err := p.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(30 * time.Second):
		p.Process.Kill()
		t.Fatalf("%v does not stop it", sig)
		return nil
	}
}

func TestUpStaysUntilInterruptedAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	addresses := described(t, dir)
	if err := p.end(t, syscall.SIGINT); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.complaint.String())
	}
	for _, addr := range addresses {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			c.Close()
			t.Errorf("%s still answers", addr)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestServersDieWithALabThatIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ties a child's life to its parent's")
	}
	dir := t.TempDir()
	p := start(t, dir)
	addresses := described(t, dir)
	if err := p.end(t, syscall.SIGKILL); err == nil {
		t.Error("it ended well after SIGKILL")
	}
	for _, addr := range addresses {
		labtest.Eventually(t, addr+" is silent", func() bool {
			c, err := net.DialTimeout("tcp", addr, time.Second)
			if err == nil {
				c.Close()
			}
			return err != nil
		})
	}
}

// described reads lab.json and returns the addresses of servers, which must answer.
func described(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "lab.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("lab.json: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		IRC struct {
			Address    string
			TLSAddress string `json:"tls_address"`
			Accounts   map[string]struct{ Password, Cert, Key string }
		}
		Matrix struct {
			URL   string
			Rooms map[string]servers.Room
		}
		Checks struct {
			Lab struct {
				Resolver  string
				ConnectTo map[string]string `json:"connect_to"`
			}
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if d.IRC.Accounts["claire"].Password == "" || !d.Matrix.Rooms["adminsys"].Encrypted {
		t.Errorf("described: %+v", d)
	}
	addresses := []string{d.IRC.Address, d.IRC.TLSAddress, strings.TrimPrefix(d.Matrix.URL, "http://"), d.Checks.Lab.Resolver,
		d.Checks.Lab.ConnectTo["site.test:443"]}
	for _, addr := range addresses {
		c, err := net.DialTimeout("tcp", addr, 5*time.Second)
		if err != nil {
			t.Fatalf("%q: %v", addr, err)
		}
		c.Close()
	}
	return addresses
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{nil, {"down"}, {"up", "-colour"}, {"up", "now"}, {"story", "-colour"}, {"story", "now"}} {
		if err := run(t.Context(), args, io.Discard); err == nil || !strings.Contains(err.Error(), "usage:") {
			t.Errorf("%q: %v", args, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"up", "-bin", t.TempDir()}, io.Discard); !errors.Is(err, servers.ErrNoBinaries) {
		t.Errorf("no binaries: %v", err)
	}
}
