package commands

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	mathrand "math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/bot/chat"
	"vigie/commands/alert"
	"vigie/commands/answer"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/runbooks/library"
)

var update = flag.Bool("update", false, "write transcripts anew where the bot says something else")

// host is the host that the transcripts are about; values not named here read as
// their key.
func host() map[string]string {
	h := map[string]string{}
	for _, key := range library.HostKeys() {
		h[key.Name] = key.Name
	}
	for key, value := range map[string]string{"name": "Les Hébergeurs", "short": "LH", "donate": "https://lh.example/don",
		"status": "https://etat.lh.example"} {
		h[key] = value
	}
	return h
}

func content() []fs.FS { return []fs.FS{library.FS()} }

// mind is read once: it is immutable.
var mind = sync.OnceValue(func() *Mind {
	m, errs := NewMind(host(), answer.Options{}, content()...)
	if len(errs) > 0 {
		panic(errors.Join(errs...))
	}
	return m
})

// shipped is the library, loaded once for all transcripts.
var shipped = sync.OnceValue(func() *runbooks.Library {
	lib, errs := readLibrary(Options{Config: Config{Host: host()}, Content: content()})
	if len(errs) > 0 {
		panic(errors.Join(errs...))
	}
	return lib
})

// testConfig is a small host: a public room and an announcement room on each of
// two networks, and a staff room on each.
func testConfig() Config {
	c := Defaults()
	c.Host = host()
	c.Rooms = map[string]Room{
		"support":  {Audience: Public, Places: []string{"irc/#support", "matrix/!support"}, Ambient: true},
		"annonces": {Audience: Public, Places: []string{"irc/#annonces", "matrix/!annonces"}, Announcements: true, Topic: true},
		"voip":     {Audience: Members, Places: []string{"irc/#voip"}, Language: "en"},
		"adminsys": {Audience: Staff, Places: []string{"matrix/!staff", "irc/#staff"}},
	}
	c.Roles = map[Role][]string{
		Adminsys: {"matrix/@jean:example.org", "matrix/@lea:example.org", "irc/jean"},
		Board:    {"matrix/@bob:example.org"},
		Operator: {"matrix/@jean:example.org"},
		Member:   {"irc/claire"},
	}
	c.Services = []Service{
		{ID: "web", Title: map[string]string{"fr": "les sites web", "en": "websites"}, Intents: []string{"site_down", "site_slow", "site_error", "certificate"}},
		{ID: "mail", Title: map[string]string{"fr": "le courriel", "en": "e-mail"}, Intents: []string{"mail_send", "mail_receive"}},
		{ID: "voip", Title: map[string]string{"fr": "le téléphone", "en": "telephone"}, Intents: []string{"voip"}, Rooms: []string{"voip"}},
	}
	c.Sites = []Site{{Domain: "asso.example", Association: "Asso", Service: "web", Server: "web3", Canary: "https://canari.lh.example/"}}
	c.Tickets.Canned = []CannedConfig{
		{Name: "certificat", Text: map[string]string{"fr": "Bonjour {{member}}, le certificat de {{site}} est refait. {{me}}, {{host.short}}", "en": "Hello {{member}}, the certificate of {{site}} is renewed. {{me}}, {{host.short}}"}},
		{Name: "merci", Text: map[string]string{"fr": "Merci de votre message.", "en": "Thank you for your message."}}}
	c.Tickets.Views = []ViewConfig{{Name: "oublies", Title: map[string]string{"fr": "Tickets oubliés", "en": "Forgotten tickets"}, Expr: `state in ["new", "open"] && quiet > 48`}}
	c.Incidents.InfoURL = "https://etat.lh.example"
	c.Alerts.Hooks = []alert.Config{{Name: "prometheus", Kind: alert.KindAlertmanager, TokenEnv: "X"}, {Name: "auto", Kind: alert.KindAlertmanager, Policy: alert.Open, TokenEnv: "X"},
		{Name: "gatus", Kind: alert.KindJSON, Policy: alert.Tell, TokenEnv: "X", Key: `body.endpoint`, Firing: `body.state == "TRIGGERED"`, Service: `body.group`, Title: `body.endpoint`}}
	c.Schedules = []ScheduleConfig{
		{ID: "reunion", Kind: "meeting", Rule: "rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00", Place: "au local",
			Title: map[string]string{"fr": "Réunion mensuelle", "en": "Monthly meeting"}, Text: map[string]string{"fr": "Tout le monde est bienvenu.", "en": "Everybody is welcome."},
			Reminders: []string{"7d", "1d", "2h"}},
		{ID: "appel", Kind: "donation", Rule: "cron: 0 18 * * 1", Campaign: "don2026", Title: map[string]string{"fr": "Appel à don", "en": "Donation call"}},
	}
	c.Campaigns.List = []CampaignConfig{{ID: "don2026", Goal: 2000, Link: "https://lh.example/don", Running: true, Deadline: "2027-12-31",
		Title: map[string]string{"fr": "Un serveur neuf", "en": "A new server"},
		Text:  map[string]string{"fr": "Nous remplaçons le serveur web3.", "en": "We are replacing server web3."}}}
	return c
}

// sentences are loaded once: they are immutable.
var sentences = sync.OnceValue(func() *words.Catalog {
	cat, err := words.Load()
	if err != nil {
		panic(err)
	}
	return cat
})

func testOptions(c Config) Options {
	return Options{Config: c, Content: content(), Library: shipped(), Words: sentences(), Understand: mind(), ShortLines: []string{"irc"}, Version: "test",
		Random: mathrand.NewChaCha8([32]byte{})}
}

// reality is a Table with what the program does around it: it is told to settle in
// at its first event, and "fetched reload" stands for a configuration read again,
// "fetched topic" for a topic as a network tells it, "fetched pushed" for a static copy of
// the info site that was handed on.
type reality struct {
	*Table
	begun bool
}

func (r *reality) Handle(turn *bot.Turn) error {
	if !r.begun {
		r.begun = true
		if err := r.as(turn, bot.Reloaded{}); err != nil {
			return err
		}
	}
	f, ok := turn.Event.(bot.Fetched)
	if !ok {
		return r.Table.Handle(turn)
	}
	var body struct{ Set, Err, Room, Text string }
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return err
	}
	switch f.Source {
	case "pushed":
		return r.as(turn, bot.Pushed{Err: body.Err})
	case "topic":
		network, id, _ := strings.Cut(body.Room, "/")
		return r.as(turn, bot.Heard{Message: chat.Message{Kind: chat.TopicIs, Room: chat.Room{Network: network, ID: id}, Text: body.Text, At: turn.Now, Received: turn.Now}})
	case "reload":
		if body.Err != "" {
			return r.as(turn, bot.Reloaded{Err: errors.New(body.Err)})
		}
		return r.as(turn, bot.Reloaded{Config: testOptions(changed(testConfig(), body.Set))})
	}
	return nil
}

func (r *reality) as(turn *bot.Turn, e bot.Event) error {
	was := turn.Event
	defer func() { turn.Event = was }()
	turn.Event = e
	return r.Table.Handle(turn)
}

// changed is a configuration with one thing changed, by name.
func changed(c Config, what string) Config {
	switch what {
	case "":
	case "no campaign":
		c.Campaigns.List, c.Schedules = nil, c.Schedules[:1]
	case "quiet":
		c.Campaigns.List, c.Schedules = nil, nil
	case "english":
		c.Language = "en"
	case "severe":
		c.Tickets.MaxOpen = 2
	case "news":
		c.Schedules = append(c.Schedules, ScheduleConfig{ID: "bulletin", Kind: "news", Rule: "2026-11-24 12:00",
			Title: map[string]string{"fr": "Bulletin", "en": "Bulletin"}, Text: map[string]string{"fr": "Le numéro 12 est paru.", "en": "Issue 12 is out."}})
	case "register":
		c.Schedules, c.Campaigns.List, c.Members = nil, nil, registerOfTests()
	case "digest":
		c.Campaigns.List, c.Schedules = nil, []ScheduleConfig{{ID: "oublis", Kind: digest, Rule: "cron: 0 9 * * 1", View: "oublies", Rooms: []string{"adminsys"},
			Title: map[string]string{"fr": "Oubliés", "en": "Forgotten"}}}
	case "directory":
		c.Schedules, c.Campaigns.List = nil, nil
		c.Volunteers = []VolunteerEntry{
			{Name: "Jean", Agreed: "2026-01-31", For: []string{"mail", "DNS"}, When: map[string]string{"fr": "le soir", "en": "evenings"}, Contact: "irc/jean", Show: Members},
			{Name: "Awa", Agreed: "2026-02-01", For: []string{"adhésion"}, About: map[string]string{"fr": "je réponds aux nouveaux"}, Contact: "awa@lh.example", Show: Public},
			{Name: "Léa", Agreed: "2026-02-01", For: []string{"mail"}}}
	case "jean leaves":
		c.Roles = map[Role][]string{Adminsys: {"matrix/@lea:example.org"}, Board: {"matrix/@bob:example.org"}, Operator: {"matrix/@lea:example.org"}}
	default:
		panic("no such change: " + what)
	}
	return c
}

// cannedReports answers checks from the "=" lines; what no line names is unknown.
func cannedReports(kind string, args []byte, canned map[string]string) []byte {
	if kind == ProbePicture {
		return []byte(strings.TrimPrefix(canned["picture png"], "-")) // "-": it could not be painted
	}
	var q struct{ Checks map[string]runbooks.Request }
	if json.Unmarshal(args, &q) != nil {
		return nil
	}
	out := map[string]runbooks.Report{}
	for key, req := range q.Checks {
		out[key] = cannedReport(req, canned[req.Kind+" "+target(req)])
	}
	raw, _ := json.Marshal(map[string]any{"reports": out})
	return raw
}

func target(req runbooks.Request) string {
	for _, name := range []string{"domain", "name", "host", "url", "ip"} {
		if v := req.Args[name]; v != "" {
			return v
		}
	}
	return "-"
}

func cannedReport(req runbooks.Request, canned string) runbooks.Report {
	kind := runbooks.Kinds()[req.Kind]
	words := strings.Fields(canned)
	rep := runbooks.Report{Kind: req.Kind, Verdict: runbooks.Unknown, Fields: map[string]any{}}
	if len(words) > 0 {
		rep.Verdict = runbooks.Verdict(words[0])
		words = words[1:]
	}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		switch kind.Fields[name] {
		case runbooks.FieldInt:
			n, _ := strconv.Atoi(value)
			rep.Fields[name] = n
		case runbooks.FieldBool:
			rep.Fields[name] = value == "true"
		case runbooks.FieldStrings:
			rep.Fields[name] = strings.Split(value, ",")
		default:
			rep.Fields[name] = value
		}
	}
	return rep
}

func playOptions(t bottest.TB) bottest.Options {
	return bottest.Options{Probe: cannedReports, Update: *update, New: func(time.Time) bot.Handler {
		table, errs := New(testOptions(testConfig()))
		if len(errs) > 0 {
			t.Fatalf("make the table: %v", errs)
		}
		return &reality{Table: table}
	}}
}

// TestTranscripts plays what people say and read: one file per behaviour.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			bottest.Play(t, file, playOptions(t))
		})
	}
}

func TestTheTestConfigurationIsSound(t *testing.T) {
	c := testConfig()
	if p := c.Check([]string{"irc", "matrix"}); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
	if !slices.Contains(c.Names, "vigie") {
		t.Error("the bot has no name")
	}
}
