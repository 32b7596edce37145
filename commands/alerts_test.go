package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// TestAnAlertStormIsBounded sends 5,000 posts of 200 groups, out of order, repeated, truncated.
func TestAnAlertStormIsBounded(t *testing.T) {
	st, err := store.Open(t.Context(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	c := testConfig()
	for n := range 40 {
		c.Services = append(c.Services, Service{ID: fmt.Sprintf("s%d", n), Title: map[string]string{"fr": "s", "en": "s"}})
	}
	table, errs := New(testOptions(c))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m := bot.NewMachine(st, table, slog.New(slog.NewTextHandler(io.Discard, nil)))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(7, 7))
	const groups, posts = 200, 5000
	last := map[int]string{}
	for n := range posts {
		g := n % groups
		status := "firing"
		if r.IntN(3) == 0 {
			status = "resolved"
		}
		body, _ := json.Marshal(map[string]any{"version": "4", "groupKey": fmt.Sprint("g", g), "status": status, "truncatedAlerts": r.IntN(2) * r.IntN(9),
			"commonLabels": map[string]string{"service": fmt.Sprintf("s%d", g%40), "alertname": "A"},
			"alerts":       []map[string]any{{"status": status, "fingerprint": fmt.Sprint(r.IntN(4)), "startsAt": now.Add(-time.Duration(r.IntN(600)) * time.Second), "endsAt": now}}})
		last[g] = status
		if _, err := m.Take(context.Background(), now.Add(time.Duration(n)*time.Second/2), bot.Alert{Source: "prometheus", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.View(func(tx *store.Tx) error {
		if n := len(tx.AlertGroups()); n > groups {
			t.Errorf("%d groups", n)
		}
		said := map[string]map[chat.Room]int{}
		for _, row := range tx.Outbox() {
			if strings.HasPrefix(row.Reply.Key, "staff/alert-") || strings.HasPrefix(row.Reply.Key, "staff/proposal-") {
				thing := row.Reply.Text[strings.LastIndex(row.Reply.Text, " ")+1:]
				if said[thing] == nil {
					said[thing] = map[chat.Room]int{}
				}
				said[thing][row.Reply.Room]++
			}
		}
		perService := map[string]int{}
		for _, i := range tx.Incidents() {
			perService[i.Service]++
			if i.Public() {
				t.Errorf("incident %d was announced by nobody", i.N)
			}
		}
		if len(tx.Incidents()) > posts/25 {
			t.Errorf("%d incidents of %d groups", len(tx.Incidents()), groups)
		}
		lines := 0
		for _, rooms := range said {
			for _, n := range rooms {
				lines += n
			}
		}
		if most := 2 * c.Alerts.Lines * (len(tx.Incidents()) + groups); lines > most {
			t.Errorf("%d lines in two staff rooms, of at most %d", lines, most)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestOneIncidentIsSpokenOfEightTimesInTwoHours(t *testing.T) {
	st, err := store.Open(t.Context(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m := bot.NewMachine(st, table, slog.New(slog.NewTextHandler(io.Discard, nil)))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	take := func(e bot.Event) {
		if _, err := m.Take(context.Background(), now, e); err != nil {
			t.Fatal(err)
		}
	}
	lines := func() (n int, text string) {
		_ = st.View(func(tx *store.Tx) error {
			for _, row := range tx.Outbox() {
				if row.Reply.Room.Network == "irc" && (strings.HasPrefix(row.Reply.Key, "staff/alert") || strings.HasPrefix(row.Reply.Key, "staff/proposal-")) {
					n, text = n+1, row.Reply.Text
				}
			}
			return nil
		})
		return n, text
	}
	for n := range 300 {
		take(bot.Alert{Source: "prometheus", Body: fmt.Appendf(nil, `{"version":"4","groupKey":"g","status":"firing","commonLabels":{"service":"web"},"alerts":[{"status":"firing","fingerprint":"%d","startsAt":"2026-11-23T08:58:00Z"}]}`, n)})
		now = now.Add(time.Second)
	}
	if n, text := lines(); n != 8 || !strings.Contains(text, "pendant 2 h") {
		t.Errorf("%d lines, the last: %s", n, text)
	}
	now = now.Add(2 * time.Hour)
	for {
		d, ok, err := m.FirstDue()
		if err != nil || !ok || d.At.After(now) {
			break
		}
		take(bot.Due{Due: d})
	}
	if n, text := lines(); n != 9 || !strings.Contains(text, "alertes en cours : 300") {
		t.Errorf("%d lines after the silence, the last: %s", n, text)
	}
}

func TestHooksAreChecked(t *testing.T) {
	c := defaultAlerts()
	c.Hooks = append(testConfig().Alerts.Hooks, testConfig().Alerts.Hooks[0])
	c.Hooks[1].TokenFile = "both"
	c.Hooks[2].Title = "nothing("
	c.Lines = 0
	if p := c.check(); len(p) != 4 {
		t.Errorf("%d problems: %v", len(p), p)
	}
	good := testConfig().Alerts
	if p := good.check(); len(p) > 0 {
		t.Errorf("%v", p)
	}
}
