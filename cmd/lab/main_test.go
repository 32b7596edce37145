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
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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

func TestUpStaysUntilInterruptedAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	var out, complaint screen
	cmd := exec.Command(os.Args[0], "up", "-dir", dir)
	cmd.Env = append(os.Environ(), "LAB_TEST_RUN_MAIN=1")
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(out.String(), "Ctrl-C stops"); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			if strings.Contains(complaint.String(), servers.ErrNoBinaries.Error()) && os.Getenv("CI") != "true" {
				t.Skipf("SKIPPED, NOT TESTED: %s", complaint.String())
			}
			t.Fatalf("it ended: %v\n%s%s", err, out.String(), complaint.String())
		default:
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			t.Fatalf("it is not up:\n%s%s", out.String(), complaint.String())
		}
	}
	addresses := described(t, dir)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v\n%s", err, complaint.String())
		}
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		t.Fatal("SIGINT does not stop it")
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
	for _, args := range [][]string{nil, {"down"}, {"up", "-colour"}, {"up", "now"}} {
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
