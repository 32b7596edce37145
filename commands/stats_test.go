package commands

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/runbooks"
	"vigie/runbooks/paint"
	"vigie/store"
)

func TestPeriods(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, zone)
	for text, want := range map[string]string{"": "2026-10-24 … 2026-11-23", "7j": "2026-11-16 … 2026-11-23", "7 days": "2026-11-16 … 2026-11-23", "Année": "2025-11-23 … 2026-11-23",
		"quarter": "2026-08-24 … 2026-11-23", "2026-10": "2026-10-01 … 2026-11-01", "2026-12": "2026-12-01 … 2027-01-01", "2025": "2025-01-01 … 2026-01-01"} {
		p, ok := readPeriod(text, now)
		if got := p.from.Format(time.DateOnly) + " … " + p.until.Format(time.DateOnly); !ok || got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"hier", "0j", "2026-13", "99999j", "1999", "-3j", "3650000d", "2026-1"} {
		if p, ok := readPeriod(text, now); ok {
			t.Errorf("%q was read as %s … %s", text, p.from, p.until)
		}
	}
}

func TestHowLongAtMost(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1 s", 30 * time.Second: "30 s", 61 * time.Second: "2 min", 10 * time.Minute: "10 min", 59*time.Minute + time.Second: "60 min",
		160 * time.Minute: "3 h", 3 * time.Hour: "3 h", 47*time.Hour + time.Minute: "2 j", 49 * time.Hour: "3 j"} {
		if got := atMost(d, "fr"); got != want && !(want == "60 min" && got == "1 h") {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// Every ticket of a period stands in exactly one of its stretches, of which there are
// few enough to be seen.
func TestStretchesOfAPeriod(t *testing.T) {
	zone := time.UTC
	now := time.Date(2026, 3, 31, 10, 0, 0, 0, zone)
	for _, text := range []string{"1j", "7j", "30j", "90j", "an", "3660j", "2026-03", "2024", "2026-02"} {
		p, ok := readPeriod(text, now)
		if !ok {
			t.Fatal(text)
		}
		var facts []store.TicketFact
		for at := p.from; at.Before(p.until); at = at.Add(7 * time.Hour) {
			facts = append(facts, store.TicketFact{Opened: at})
		}
		sum, list := 0, overTime(facts, p)
		for _, f := range list {
			sum += f.n
		}
		if sum != len(facts) || len(list) > 13 || len(list) == 0 {
			t.Errorf("%s: %d of %d tickets in %d stretches", text, sum, len(facts), len(list))
		}
	}
}

// The picture is one that can be painted, and names no more than the text does.
func TestPictureOfFigures(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	st, err := store.Open(context.Background(), store.NewMemory())
	if len(errs) > 0 || err != nil {
		t.Fatal(errs, err)
	}
	group, err := st.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer group.Discard()
	c := &Call{Table: table, Turn: &bot.Turn{Tx: group.Tx(time.Time{})}, lang: "fr"}
	p, _ := readPeriod("90j", time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	var facts []store.TicketFact
	for i := range 80 {
		facts = append(facts, store.TicketFact{N: i, Opened: p.from.Add(time.Duration(i*i*37%2100) * time.Hour), Kind: store.KindQuestion, First: time.Duration(1+i%9) * time.Hour,
			Service: []string{"web", "mail", "", "un service dont le nom est très long pour une image"}[i%4], Hands: []string{[]string{"p1", "p2", "p3"}[i%3]}, Over: true})
	}
	for name, people := range map[string]bool{"staff": true, "private": false} {
		s := store.Summarise(facts, p.from, p.until)
		if !people {
			s.ByPerson = nil
		}
		d := c.statsDrawing(s, facts, "ces 90 derniers jours", p)
		raw, err := paint.PNG(d, paint.Sharp)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil || img.Bounds().Dx() < picWidth || len(raw) > 200_000 {
			t.Fatalf("%s: %d bytes, %v", name, len(raw), err)
		}
		if dir := os.Getenv("VIGIE_PICTURES"); dir != "" { // to look at them
			if err := os.WriteFile(filepath.Join(dir, "stats-"+name+".png"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if shown := labels(d); strings.Contains(shown, "Qui y a répondu") != people || !strings.Contains(shown, "80 ouverts") || !strings.Contains(shown, "les sites web") {
			t.Errorf("%s: %s", name, shown)
		}
	}
}

func labels(d runbooks.Drawing) string {
	var out []string
	for _, s := range d.Shapes {
		if l, ok := s.(runbooks.Label); ok {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, "\n")
}
