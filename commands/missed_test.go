package commands

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// life is a bot whose clock jumps: a machine that is asleep, or dead, while
// deadlines pass.
type life struct {
	t      *testing.T
	store  *store.Store
	config Config
	m      *bot.Machine
}

func newLife(t *testing.T, c Config, now time.Time) *life {
	t.Helper()
	s, err := store.Open(context.Background(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	l := &life{t: t, store: s, config: c}
	l.begin(now)
	return l
}

// begin is a process's start; what it says is what "said" returns of it.
func (l *life) begin(now time.Time) []string {
	l.t.Helper()
	table, errs := New(testOptions(l.config))
	if len(errs) > 0 {
		l.t.Fatal(errs)
	}
	l.m = bot.NewMachine(l.store, table, slog.New(slog.DiscardHandler))
	l.take(now, bot.Reloaded{})
	said := l.take(now, bot.FromNetwork(chat.Status{Network: "irc", Up: true, At: now}))
	return append(said, l.take(now, bot.FromNetwork(chat.Status{Network: "matrix", Up: true, At: now}))...)
}

// take gives one event and proves whatever is said.
func (l *life) take(now time.Time, e bot.Event) []string {
	l.t.Helper()
	effects, err := l.m.Take(context.Background(), now, e)
	if err != nil {
		l.t.Fatal(err)
	}
	var said []string
	for rows := effects.Send; len(rows) > 0; rows = rows[1:] {
		row := rows[0]
		if row.Reply.Kind == chat.Say {
			said = append(said, row.Reply.Room.String()+" "+row.Reply.Text)
		}
		if row.Seq > 0 {
			more, err := l.m.Take(context.Background(), now, bot.FromNetwork(chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Proof: "p" + row.Reply.Key}))
			if err != nil {
				l.t.Fatal(err)
			}
			rows = append(rows, more.Send...)
		}
	}
	return said
}

// wake lets everything that is due by now come, all of it at this instant.
func (l *life) wake(now time.Time) []string {
	l.t.Helper()
	var said []string
	for range 1000 {
		d, ok, err := l.m.FirstDue()
		if err != nil {
			l.t.Fatal(err)
		}
		if !ok || d.At.After(now) {
			return said
		}
		said = append(said, l.take(now, bot.Due{Due: d})...)
	}
	l.t.Fatal("deadlines come for ever")
	return nil
}

// TestWhatWasMissed lets a schedule's time pass while nobody is there.
func TestWhatWasMissed(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // ten in Paris
	evening := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		kind, rule string
		reminders  []string
		late       time.Duration
		want       int // said in each of the two rooms
	}{
		"a meeting on time":           {meeting, "2026-11-23 18:00", nil, 0, 1},
		"a meeting that began":        {meeting, "2026-11-23 18:00", nil, time.Hour, 0},
		"a reminder, late":            {meeting, "2026-11-23 21:00", []string{"3h"}, 2 * time.Hour, 1},
		"a reminder, too late":        {meeting, "2026-11-23 21:00", []string{"3h"}, 3 * time.Hour, 0},
		"two reminders become one":    {meeting, "2026-11-23 21:00", []string{"3h", "2h"}, 150 * time.Minute, 1},
		"news, late":                  {news, "2026-11-23 18:00", nil, 20 * time.Hour, 1},
		"news, a day late":            {news, "2026-11-23 18:00", nil, 25 * time.Hour, 0},
		"a digest, weeks late":        {digest, "2026-11-23 18:00", nil, 21 * 24 * time.Hour, 1},
		"ten daily digests":           {digest, "cron: 0 18 * * *", nil, 10 * 24 * time.Hour, 1},
		"a donation call on time":     {donation, "2026-11-23 18:00", nil, time.Minute, 1},
		"a donation call, late":       {donation, "2026-11-23 18:00", nil, 5 * time.Minute, 0},
		"weekly meetings, weeks late": {meeting, "cron: 0 18 * * 1", nil, 15 * 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig()
			cfg.Campaigns.Gate.ActiveWithin = 0
			cfg.Schedules = []ScheduleConfig{{ID: "x", Kind: c.kind, Rule: c.rule, Reminders: c.reminders, Campaign: "don2026",
				Title: map[string]string{"fr": "Titre", "en": "Title"}, Text: map[string]string{"fr": "Texte", "en": "Text"}}}
			l := newLife(t, cfg, start)
			if said := l.wake(evening.Add(-time.Minute)); len(said) > 0 {
				t.Fatalf("too early: %q", said)
			}
			said := l.begin(evening.Add(c.late)) // another process, after an absence
			said = append(said, l.wake(evening.Add(c.late))...)
			for _, room := range []string{"irc/#annonces", "matrix/!annonces"} {
				n := 0
				for _, s := range said {
					if strings.HasPrefix(s, room+" ") {
						n++
					}
				}
				if n != c.want {
					t.Errorf("%s: said %d times, want %d: %q", room, n, c.want, said)
				}
			}
			if again := append(l.begin(evening.Add(c.late)), l.wake(evening.Add(c.late))...); len(again) > 0 {
				t.Errorf("said again after a restart: %q", again)
			}
		})
	}
}

// TestACallThatIsHeldTooLongIsLetGo: an incident that lasts longer than a call may wait.
func TestACallThatIsHeldTooLongIsLetGo(t *testing.T) {
	cfg := testConfig()
	cfg.Schedules = []ScheduleConfig{{ID: "appel", Kind: donation, Rule: "2026-11-23 18:00", Campaign: "don2026", Title: map[string]string{"fr": "x", "en": "x"}}}
	l := newLife(t, cfg, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	jean := players()["jean"]
	say := func(at time.Time, room chat.Room, text string) {
		l.take(at, bot.FromNetwork(chat.Message{Room: room, From: jean.id, Text: text, At: at, Received: at}))
	}
	now := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	say(now, privateTo(jean), "!charte accepte")
	say(now, chat.Room{Network: "matrix", ID: "!staff"}, "!incident ouvrir web")
	count := map[string]int{}
	for end := now.Add(9 * 24 * time.Hour); now.Before(end); now = now.Add(time.Hour) {
		for _, s := range l.wake(now) {
			for _, word := range []string{"n'est pas parti", "trop longtemps", "web3"} {
				if strings.HasPrefix(s, "matrix/") && strings.Contains(s, word) {
					count[word]++
				}
			}
		}
	}
	if count["n'est pas parti"] != 1 || count["trop longtemps"] != 1 || count["web3"] != 0 {
		t.Errorf("told %v", count)
	}
}

func TestConfigurationsMistakes(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"language":                     func(c *Config) { c.Language = "tlh" },
		"names":                        func(c *Config) { c.Names = nil },
		"time_zone":                    func(c *Config) { c.TimeZone = "Mars/Olympus" },
		"rooms":                        func(c *Config) { delete(c.Rooms, "adminsys") },
		"rooms.support.audience":       func(c *Config) { r := c.Rooms["support"]; r.Audience = "all"; c.Rooms["support"] = r },
		"rooms.adminsys.announcements": func(c *Config) { r := c.Rooms["adminsys"]; r.Announcements = true; c.Rooms["adminsys"] = r },
		"rooms.support.places[0]":      func(c *Config) { c.Rooms["support"].Places[0] = "xmpp/x" },
		"roles.king":                   func(c *Config) { c.Roles["king"] = []string{"irc/jean"} },
		"roles.board[0]":               func(c *Config) { c.Roles[Board] = []string{"jean"} },
		"services[0]":                  func(c *Config) { c.Services[0].Title = nil },
		"tickets":                      func(c *Config) { c.Tickets.MaxOpen = 0 },
		"incidents":                    func(c *Config) { c.Incidents.Second = 0 },
		"schedules[0].kind":            func(c *Config) { c.Schedules[0].Kind = "party" },
		"schedules[0].id":              func(c *Config) { c.Schedules[0].ID = "a b" },
		"schedules[0]":                 func(c *Config) { c.Schedules[0].Rule = "cron: TZ=X * * * * *" },
		"schedules[0].title":           func(c *Config) { c.Schedules[0].Title = nil },
		"schedules[0].rooms":           func(c *Config) { c.Schedules[0].Rooms = []string{"cave"} },
		"schedules[1].campaign":        func(c *Config) { c.Schedules[1].Campaign = "noel" },
		"campaigns.list[0]":            func(c *Config) { c.Campaigns.List[0].Link = "" },
		"campaigns.list[0].id":         func(c *Config) { c.Campaigns.List[0].ID = "" },
		"campaigns.list[0].deadline":   func(c *Config) { c.Campaigns.List[0].Deadline = "Noël" },
		"campaigns.gate":               func(c *Config) { c.Campaigns.Gate.QuietFrom = "22h" },
		"campaigns":                    func(c *Config) { c.Campaigns.Retry = 0 },
	} {
		c := testConfig()
		spoil(&c)
		problems := c.Check([]string{"irc", "matrix"})
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Path == want && p.Message != "" && p.Hint != "" }) {
			t.Errorf("%s: found %v", want, problems)
		}
	}
	bad := testConfig()
	bad.Schedules[0].Reminders = []string{"soon"}
	if len(bad.Check([]string{"irc", "matrix"})) == 0 {
		t.Error("a reminder that is no time passes")
	}
}

// TestABrokenLibraryStartsNothing: every mistake is said, with its place.
func TestABrokenLibraryStartsNothing(t *testing.T) {
	o := testOptions(testConfig())
	o.Library = nil
	o.Content = append(o.Content, fstest.MapFS{"a.yaml": {Data: []byte("schema: runbook/v1\nid: a\n")}, "b.yaml": {Data: []byte("not: [yaml")}})
	table, errs := New(o)
	all := errors.Join(errs...)
	if table != nil || all == nil || !strings.Contains(all.Error(), "a.yaml:") || !strings.Contains(all.Error(), "b.yaml:") {
		t.Errorf("found %v", all)
	}
}
