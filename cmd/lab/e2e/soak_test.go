package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/faults"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

const (
	// shortSoak is how long the links are bad unless VIGIE_SOAK says otherwise ("30m").
	shortSoak = 40 * time.Second
	// worst is how long a fault lasts at most, and calm how long the weather is good after it, at most.
	worst, calm = 6 * time.Second, 10 * time.Second
)

// TestSoak has people talk with the real bot over links that are cut, delayed, stopped in the middle of a line and left
// hanging at random, in a channel where somebody floods, comes and goes and changes nick. VIGIE_SEED repeats a run's faults.
// Nobody may be left without an answer; no announcement and no answer may be read twice but as a marked repeat; and the
// bot's memory and goroutines must not grow.
func TestSoak(t *testing.T) {
	length := shortSoak
	if d, err := time.ParseDuration(os.Getenv("VIGIE_SOAK")); err == nil && d > 0 {
		length = d
	}
	seed := uint64(fromEnv("VIGIE_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("soak: %v of bad links, seed %d", length, seed)
	links := map[string]*faults.Link{}
	s, c := stageWith(t, story.StageOptions{Through: func(name, addr string) (string, error) {
		l, err := faults.NewLink(name, addr)
		if err != nil {
			return "", err
		}
		t.Cleanup(l.Close)
		links[name] = l
		return l.Addr(), nil
	}})
	curtain(t, c)
	k := &chaos{T: t, stage: s, cast: c, over: make(chan struct{}), tickets: map[string]string{}, answers: map[string][]string{}}
	gauge := newGauge(s.Info)
	var people sync.WaitGroup
	people.Go(func() { k.opener("claire") })
	people.Go(func() { k.opener("marc") })
	people.Go(func() { k.guided("ines", s.Sites[2].Domain) })
	people.Go(k.staff)
	people.Go(k.crowd)
	people.Go(func() { gauge.watch(k.over) })
	faults := k.weather(links, length, rand.New(rand.NewPCG(seed, 0)))
	close(k.over)
	people.Wait()
	t.Logf("soak: faults: %v", faults)
	if t.Failed() {
		return
	}
	k.check()
	k.support()
	gauge.judge(t)
}

// weather harms one link after the other, and counts how.
func (k *chaos) weather(links map[string]*faults.Link, length time.Duration, r *rand.Rand) map[string]int {
	done := map[string]int{}
	for end := time.Now().Add(length); time.Now().Before(end) && k.going(); {
		name := [...]string{"irc", "matrix"}[r.IntN(2)]
		what, err := links[name].Harm(r)
		if err != nil {
			k.Errorf("%s: %v", name, err)
			return done
		}
		kind, _, _ := strings.Cut(what, " ")
		done[name+" "+kind]++
		time.Sleep(rand.N(worst))
		if err := links[name].Mend(); err != nil {
			k.Errorf("%s: %v", name, err)
			return done
		}
		time.Sleep(rand.N(calm))
		if !k.stage.Bot.Running() {
			k.Error("the bot has ended by itself")
		}
	}
	return done
}

// crowd is somebody who talks a lot to others, comes and goes, and never keeps a nick.
func (k *chaos) crowd() {
	for i := 0; k.going(); i++ {
		c, err := k.cast.Dial(k.Context(), fmt.Sprintf("foule%d", i), "")
		if err != nil {
			k.Error(err)
			return
		}
		// A client's failure to write is the server's flood control, which is meant to happen.
		_ = c.Send("OPER lab " + k.stage.Lab.IRC.OperPassword)
		for j := range 20 {
			_ = c.Send(fmt.Sprintf("NICK foule%d-%d", i, j))
			for n := range 10 {
				_ = c.Send(fmt.Sprintf("PRIVMSG #support :blabla %d, le site de machin, !truc, %s", n, strings.Repeat("é", 10*n)))
			}
			_ = c.Send("PART #support")
			_ = c.Send("JOIN #support")
			time.Sleep(2 * time.Second) // more in an absence than servers keep would be lost to anybody
			if !k.going() {
				break
			}
		}
		c.Close()
	}
}

// support counts what the bot said in the support channel: no number twice, but as a repeat that says so.
func (k *chaos) support() {
	said, repeats := map[string]int{}, 0
	for _, l := range k.cast.Watcher.Since(0) {
		switch {
		case !clients.Said(servers.Bot, "#support", "")(l):
		case strings.HasPrefix(l.Text(), repeatMark):
			repeats++
		case numbered.MatchString(l.Text()):
			said[l.Text()]++
		}
	}
	for text, n := range said {
		if n > 1 {
			k.Errorf("said %d times: %s", n, text)
		}
	}
	k.Logf("soak: %d tickets opened in the channel, %d lines marked as repeats", len(said), repeats)
}

// A gauge follows the bot's memory and goroutines through its metrics page.
type gauge struct {
	url string

	mu      sync.Mutex
	samples []sample
}

type sample struct {
	at                    time.Time
	heap, rss, goroutines float64
}

func newGauge(info string) *gauge { return &gauge{url: info + "metrics"} }

// watch takes a sample a second until over is closed.
func (g *gauge) watch(over chan struct{}) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		s, err := readSample(ctx, g.url)
		cancel()
		if err == nil {
			g.mu.Lock()
			g.samples = append(g.samples, s)
			g.mu.Unlock()
		}
		select {
		case <-over:
			return
		case <-time.After(time.Second):
		}
	}
}

// readSample reads the metrics page.
func readSample(ctx context.Context, url string) (sample, error) {
	text, err := fetchText(ctx, url)
	if err != nil {
		return sample{}, err
	}
	s := sample{at: time.Now()}
	for name, to := range map[string]*float64{"go_memstats_heap_alloc_bytes ": &s.heap, "process_resident_memory_bytes ": &s.rss, "go_goroutines ": &s.goroutines} {
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscan(rest, to); err != nil {
					return s, fmt.Errorf("%s%s: %w", name, rest, err)
				}
			}
		}
		if *to == 0 {
			return s, fmt.Errorf("%s tells no %s", url, name)
		}
	}
	return s, nil
}

// What may be left over: the heap's floor may rise by so much an hour after the warm-up, beside a margin for what a run
// leaves in the store and in caches; and so many goroutines may be more at the end than after the start.
const (
	margin     = 12 << 20
	perHour    = 16 << 20
	goroutines = 25
)

// judge says the figures, and whether something grew. The floor of a heap between two collections is what is really in
// use; it is compared between the second third of the run and the last.
func (g *gauge) judge(t *testing.T) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.samples)
	if n < 15 {
		t.Fatalf("only %d samples of the bot's memory", n)
	}
	heap := func(s sample) float64 { return s.heap }
	rss := func(s sample) float64 { return s.rss }
	count := func(s sample) float64 { return s.goroutines }
	before, after := g.samples[n/3:2*n/3], g.samples[2*n/3:]
	hours := after[len(after)-1].at.Sub(before[0].at).Hours()
	t.Logf("soak: heap floor %.1f → %.1f MiB, RSS %.1f → %.1f MiB (most %.1f), goroutines %.0f → %.0f (most %.0f), %d samples",
		lowest(before, heap)/1048576, lowest(after, heap)/1048576, lowest(before, rss)/1048576, lowest(after, rss)/1048576, highest(g.samples, rss)/1048576,
		lowest(before, count), lowest(after, count), highest(g.samples, count), n)
	if grown := lowest(after, heap) - lowest(before, heap); grown > margin+perHour*hours {
		t.Errorf("the heap's floor has grown by %.1f MiB", grown/1048576)
	}
	if grown := lowest(after, count) - lowest(before, count); grown > goroutines {
		t.Errorf("%.0f goroutines are left", grown)
	}
}

func lowest(list []sample, of func(sample) float64) float64 {
	low := of(list[0])
	for _, s := range list {
		low = min(low, of(s))
	}
	return low
}

func highest(list []sample, of func(sample) float64) float64 {
	high := of(list[0])
	for _, s := range list {
		high = max(high, of(s))
	}
	return high
}
