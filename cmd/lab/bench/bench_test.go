package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuantile(t *testing.T) {
	var of []time.Duration
	for i := 100; i > 0; i-- {
		of = append(of, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(of, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if of[0] != 100 {
		t.Error("the measures were sorted in place")
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("no measure has no quantile")
	}
}

func TestReportTellsTheRatio(t *testing.T) {
	var out strings.Builder
	report(&out, []time.Duration{2 * time.Millisecond}, []time.Duration{5 * time.Millisecond})
	if last := strings.Fields(strings.Split(strings.TrimSpace(out.String()), "\n")[3]); strings.Join(last, " ") != "ratio 2.5 2.5" {
		t.Errorf("the last line is %q", last)
	}
}

func TestHostPartEndsWithTheHost(t *testing.T) {
	text := "a: 1\nhost:\n  # what\n  name: \"x\"\n  short: \"y\"\n\nservices:\n  - id\n"
	if got := hostPart.FindString(text); got != "host:\n  # what\n  name: \"x\"\n  short: \"y\"\n" {
		t.Errorf("the host's part is %q", got)
	}
}

// TestAskWaitsForTheRightLine: somebody else's words and late lines are not the answer.
func TestAskWaitsForTheRightLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		s := &socket{Conn: near, nick: "asker", lines: make(chan line, 16)}
		go s.read(bufio.NewScanner(near))
		go func() {
			defer far.Close()
			in := bufio.NewScanner(far)
			in.Scan()
			if in.Text() != "PRIVMSG vigie :!etat" {
				return
			}
			io.WriteString(far, ":vigie!v@h NOTICE asker :late line\r\n:other!o@h PRIVMSG asker :all well\r\nPING :1\r\n")
			in.Scan()
			time.Sleep(7 * time.Millisecond)
			fmt.Fprintf(far, ":vigie!v@h NOTICE asker :all well\r\n")
			in.Scan()
		}()
		took, err := s.ask(t.Context(), "vigie", question, "all well")
		if err != nil || took != 7*time.Millisecond {
			t.Errorf("took %v, %v", took, err)
		}
		near.Close()
		if _, err := s.ask(context.Background(), "vigie", question, "all well"); err == nil {
			t.Error("a closed connection answers")
		}
	})
}
