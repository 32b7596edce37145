package faults

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// echo is a server that repeats each line.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func open(t *testing.T) *Link {
	t.Helper()
	l, err := NewLink("echo", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// ask says a line on a new connection, and returns the answer.
func ask(l *Link, line string) (string, error) {
	c, err := net.Dial("tcp", l.Addr())
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	got, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSuffix(got, "\n"), err
}

func TestEachFault(t *testing.T) {
	long := strings.Repeat("x", 500)
	for _, tt := range []struct {
		name string
		harm func(*Link) error
		seen func(answer string, err error, took time.Duration) bool
	}{
		{"none", func(*Link) error { return nil }, func(a string, err error, _ time.Duration) bool { return a == long && err == nil }},
		{"cut", func(l *Link) error { l.Cut(); return nil }, func(_ string, err error, _ time.Duration) bool { return err != nil }},
		{"delay", func(l *Link) error { return l.Delay(100*time.Millisecond, 0) },
			func(a string, err error, took time.Duration) bool { return a == long && took > 150*time.Millisecond }},
		{"truncate", func(l *Link) error { return l.Truncate(100, "downstream") },
			func(a string, err error, _ time.Duration) bool { return len(a) == 100 && errors.Is(err, io.EOF) }},
		{"swallow", func(l *Link) error { return l.Swallow("upstream") },
			func(a string, err error, took time.Duration) bool { return a == "" && took > 900*time.Millisecond }},
		{"crumble", (*Link).Crumble, func(a string, err error, _ time.Duration) bool { return a == long && err == nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := open(t)
			if err := tt.harm(l); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			if a, err := ask(l, long); !tt.seen(a, err, time.Since(begin)) {
				t.Errorf("answer %q, %v, after %v", a, err, time.Since(begin))
			}
			if err := l.Mend(); err != nil {
				t.Fatal(err)
			}
			if a, err := ask(l, "bonjour"); a != "bonjour" || err != nil {
				t.Errorf("mended: %q, %v", a, err)
			}
		})
	}
}

// TestHarmCanAlwaysBeMended whatever dice have done, several times over.
func TestHarmCanAlwaysBeMended(t *testing.T) {
	l := open(t)
	r := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]bool{}
	for range 40 {
		for range 1 + r.IntN(3) {
			what, err := l.Harm(r)
			if err != nil {
				t.Fatal(err)
			}
			kind, _, _ := strings.Cut(what, " ")
			kinds[kind] = true
		}
		if err := l.Mend(); err != nil {
			t.Fatal(err)
		}
		if a, err := ask(l, "bonjour"); a != "bonjour" || err != nil {
			t.Fatalf("mended: %q, %v", a, err)
		}
	}
	if len(kinds) != 5 {
		t.Errorf("only %v", kinds)
	}
}
