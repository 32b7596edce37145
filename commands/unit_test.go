package commands

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// failures keeps what the bot logs as an error: turns that broke.
type failures struct {
	mu   sync.Mutex
	said []string
}

func (f *failures) logger() *slog.Logger { return slog.New(f) }

func (f *failures) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (f *failures) WithAttrs([]slog.Attr) slog.Handler           { return f }
func (f *failures) WithGroup(string) slog.Handler                { return f }

func (f *failures) Handle(_ context.Context, r slog.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	f.said = append(f.said, text)
	return nil
}

func (f *failures) take() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	said := strings.Join(f.said, "\n")
	f.said = nil
	return said
}

func message(text string) chat.Message {
	return chat.Message{Text: text, Room: chat.Room{Network: "irc", ID: "#support"}}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text                string
		prefixed, addressed bool
		word, args, rest    string
	}{
		{"!aide ticket", true, false, "aide", "ticket", "aide ticket"},
		{"！État", true, false, "État", "", "État"},
		{"vigie: !aide", true, true, "aide", "", "aide"},
		{"Vigie , bonjour toi", false, true, "bonjour", "toi", "bonjour toi"},
		{"vïgie：salut", false, true, "salut", "", "salut"},
		{"@vigie: salut", false, true, "salut", "", "salut"},
		{"vigie", false, true, "", "", ""},
		{"vigie mon site est mort", false, true, "mon", "site est mort", "mon site est mort"},
		{"@vigie mon site est mort", false, true, "mon", "site est mort", "mon site est mort"},
		{"Vigie ?", false, true, "?", "", "?"},
		{"vigie!", false, true, "!", "", "!"},
		{"vigie !aide", true, true, "aide", "", "aide"},
		{"vigie-bot est là", false, false, "vigie-bot", "est là", "vigie-bot est là"},
		{"vigier: non", false, false, "vigier:", "non", "vigier: non"},
		{"la vigie: non", false, false, "la", "vigie: non", "la vigie: non"},
		{"!", false, false, "!", "", "!"},
		{"!!x", false, false, "!!x", "", "!!x"},
		{"!1", false, false, "!1", "", "!1"},
		{"  !aide  ", true, false, "aide", "", "aide"},
		{"", false, false, "", "", ""},
	} {
		got := parse(message(c.text), []string{"vigie"})
		if len(got) != 1 {
			t.Errorf("%q is %d lines", c.text, len(got))
			continue
		}
		l := got[0]
		if l.prefixed != c.prefixed || l.addressed != c.addressed || l.word != c.word || l.args != c.args || l.text != c.rest {
			t.Errorf("%q reads %+v", c.text, l)
		}
	}
	if got := parse(message("!a\n!b x"), nil); len(got) != 2 || got[1].args != "x" {
		t.Errorf("two commands read %+v", got)
	}
	if got := parse(message("!a\nb"), nil); len(got) != 1 || got[0].args != "b" {
		t.Errorf("a command with more lines reads %+v", got)
	}
	private := message("salut")
	private.Room.Private = true
	if got := parse(private, nil); !got[0].addressed {
		t.Error("in private everything is put to the bot")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"!aide", "vigie: x\n!y", "！\u0301", "@vigie", "\n\r\n", "vigie\u00a0: é", "\xff!a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := parse(message(s), []string{"vigie", "été"})
		if len(lines) == 0 {
			t.Fatal("no line at all")
		}
		for _, l := range lines {
			if !strings.HasPrefix(l.text, l.word) || !strings.HasSuffix(l.text, l.args) {
				t.Fatalf("%q reads %+v", s, l)
			}
			if utf8.ValidString(s) && (!utf8.ValidString(l.word) || !utf8.ValidString(l.args)) {
				t.Fatalf("%q is cut inside a letter: %+v", s, l)
			}
		}
	})
}

func TestScrub(t *testing.T) {
	for text, want := range map[string]string{
		"mon mot de passe est Tr0ub4dor":                     "mon mot de passe est #",
		"mon mot de passe est azerty":                        "mon mot de passe est #",
		"mdp: hunter2 depuis hier":                           "mdp: # depuis hier",
		"MDP=hunter2":                                        "MDP=#",
		"the password is s3same":                             "the password is #",
		"password for mail: s3same":                          "password for mail: #",
		"api key = abcd1234":                                 "api key = #",
		"glpat-abcdefghijkl123":                              "#",
		"https://jean:s3same@asso.example/x":                 "https://jean:#asso.example/x",
		"/msg NickServ IDENTIFY jean s3same":                 "/msg NickServ IDENTIFY #",
		"identify s3same":                                    "identify #",
		"-----BEGIN RSA PRIVATE KEY-----\nabc\ndef":          "#",
		"iban FR76 3000 6000 0112 3456 7890 189 hier":        "iban # hier",
		"FR7630006000011234567890189":                        "#",
		"GB29-NWBK-6016-1331-9268-19.":                       "#.",
		"mdp hunter2":                                        "mdp #",
		"pass: hunter2":                                      "pass: #",
		"pwd=hunter2":                                        "pwd=#",
		"mot de passe azerty123":                             "mot de passe #",
		"identifiant: toto / toto1234":                       "identifiant: #",
		"my password hunter2 doesn't work":                   "my password # doesn't work",
		"avec le mot de passe Bernard35! et rien":            "avec le mot de passe # et rien",
		"mon code carte 4970 1012 3456 7893":                 "mon code carte #",
		"mon code carte 4970 1012 3456 7890":                 "mon code carte #",
		"amex 3782 822463 10005":                             "amex #",
		"mot de passe contact2@asso.example":                 "",
		"le mot de passe no-log oublié/perdu":                "",
		"mot de passe Office365 refusé":                      "",
		"mdp oublié depuis 3 jours":                          "",
		"pass culture, 10 euros":                             "",
		"login: toto":                                        "",
		"erreur code: 404":                                   "",
		"SIRET 44229377500031":                               "",
		"commande 4970101234567891":                          "",
		"mon mot de passe est refusé":                        "",
		"le mot de passe est demandé à chaque fois":          "",
		"mon mot de passe est trop simple":                   "",
		"mot de passe : oublié !":                            "",
		"mot de passe perdu":                                 "",
		"the password is wrong":                              "",
		"mon mot de passe n'est pas accepté":                 "",
		"FR76 3000 6000 0112 3456 7890 188":                  "",
		"AB12 bonjour tout le monde comment va":              "",
		"https://asso.example:8443/chemin@x":                 "",
		"le numéro 0612345678901234 de commande":             "",
		"notre site asso.example ne marche plus depuis 12 h": "",
	} {
		got, found := Scrub(text, "#")
		if want == "" && (found || got != text) {
			t.Errorf("%q is taken for a secret: %q", text, got)
		}
		if want != "" && (!found || got != want) {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzScrub(f *testing.F) {
	for _, s := range []string{"mdp: x", "password is", "FR7630006000011234567890189", "-----BEGIN PRIVATE KEY-----", "a://b:c@d", "mot de passe mot de passe : :", "\xffmdp=\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, found := Scrub(s, "[-]")
		if !found && once != s {
			t.Fatalf("%q was changed to %q with nothing found", s, once)
		}
		if found && !strings.Contains(once, "[-]") {
			t.Fatalf("%q lost something without a mark: %q", s, once)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Fatalf("%q was cut inside a letter: %q", s, once)
		}
	})
}

func TestChoiceNumber(t *testing.T) {
	for s, want := range map[string]int{"2": 2, "la 2": 2, "2)": 2, "2️⃣": 2, "Deux !": 2, "la deuxième svp": 2, "humain": 3, "quatre": 0, "4": 0, "0": 0,
		"un certificat expiré": 0, "une erreur": 0, "1 2": 0, "": 0, "la": 0, "bonjour": 0} {
		if got := choiceNumber(s, 3); got != want {
			t.Errorf("%q is %d, want %d", s, got, want)
		}
	}
}

func TestCallsSomebody(t *testing.T) {
	for s, want := range map[string]bool{"jean: tu es là ?": true, "@jean salut": true, "jean, tu vois ?": true, ".meteo": true, "?faq x": true,
		"oui, merci": false, "non, toujours pas": false, "asso.example": false, "ce matin": false, "erreur:": false, "": false, "?": false, "…": false} {
		if got := callsSomebody(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestReplyKey(t *testing.T) {
	short := "ticket/1/root/irc/#support"
	if replyKey(short) != short {
		t.Error("a key that fits is changed")
	}
	long := "ticket/1/root/matrix/!" + strings.Repeat("x", 200)
	a, b := replyKey(long), replyKey(long+"y")
	if a == b || len(a) > maxKey || !strings.HasPrefix(a, "ticket/1/root/matrix/") {
		t.Errorf("%q and %q", a, b)
	}
	if got := replyKey("x/#café"); got == replyKey("x/#cafè") || strings.ContainsFunc(got, func(r rune) bool { return r > '~' }) {
		t.Errorf("%q", got)
	}
}

func TestNearestNames(t *testing.T) {
	all := newTable(ticketCommands(), helpCommands())
	anything := func(*Command) bool { return true }
	for word, want := range map[string]string{"tikcet": "ticket", "Aïde": "aide", "ferme": "fermer", "zorglub": "", "a": ""} {
		near := all.nearest(word, anything)
		if want == "" && len(near) > 0 || want != "" && (len(near) == 0 || near[0].Name != want) {
			t.Errorf("%s is near %v", word, near)
		}
	}
	if len(all.nearest("tikcet", func(*Command) bool { return false })) > 0 {
		t.Error("a command that one may not use is named")
	}
	if distance(strings.Repeat("x", 50), "x") != 99 || distance("abc", "acb") != 1 || distance("", "ab") != 2 {
		t.Error("distances are wrong")
	}
}

func TestEuros(t *testing.T) {
	for cents, want := range map[int64][2]string{0: {"0\u00a0€", "€0"}, 125050: {"1\u202f250,50\u00a0€", "€1,250.50"}, 100: {"1\u00a0€", "€1"}, 5: {"0,05\u00a0€", "€0.05"}, 123456789: {"1\u202f234\u202f567,89\u00a0€", "€1,234,567.89"}} {
		if fr, en := euros("fr", cents), euros("en", cents); fr != want[0] || en != want[1] {
			t.Errorf("%d cents: %q %q", cents, fr, en)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1 s", -time.Hour: "1 s", 59 * time.Second: "59 s", 5 * time.Minute: "5 min", 47 * time.Hour: "47 h", 72 * time.Hour: "3 j"} {
		if got := span(d, "fr"); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
	if got := span(72*time.Hour, "en"); got != "3 d" {
		t.Errorf("in English %q", got)
	}
}

func TestSiteAndPersonal(t *testing.T) {
	for text, want := range map[string]string{"http://WWW.Asso.example/x ne va plus": "asso.example", "écrivez à a@asso.example": "", "l'hôtel-café.fr": "hôtel-café.fr", "rien": "", "version 2.0": ""} {
		if got := site(text); got != want {
			t.Errorf("%q is about %q", text, got)
		}
	}
	for text, want := range map[string]bool{"a.b@asso.example": true, "06 12 34 56 78": true, "+33 6 12 34 56 78": true, "le 12 34": false, "asso.example": false} {
		if personal(text) != want {
			t.Errorf("%q personal: %v", text, !want)
		}
	}
}

func TestMisfire(t *testing.T) {
	start := time.Date(2026, 12, 8, 19, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		kind  string
		late  time.Duration
		now   time.Time
		stays bool
	}{
		{meeting, 3 * time.Hour, start.Add(-time.Minute), true}, {meeting, 3 * time.Hour, start, false}, {meeting, time.Minute, start.Add(time.Minute), true},
		{donation, time.Minute, start, true}, {donation, 3 * time.Minute, start, false},
		{news, 23 * time.Hour, start, true}, {news, 24 * time.Hour, start, false}, {digest, 1000 * time.Hour, start, true},
	} {
		if got := (chain{cfg: ScheduleConfig{Kind: c.kind}}).misfire(c.late, start, c.now); got != c.stays {
			t.Errorf("a %s %s late: %v", c.kind, c.late, got)
		}
	}
}

func TestSentences(t *testing.T) {
	for in, want := range map[string]string{"": "", "on répare": "On répare.", "web3 est mort": "web3 est mort.", "c'est bon !": "C'est bon !", "élagage": "Élagage."} {
		if got := sentence(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

func TestActivityForgetsOldWords(t *testing.T) {
	a, room := activity{}, chat.Room{Network: "irc", ID: "#x"}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 500 {
		a.note(room, start.Add(time.Duration(i)*time.Second))
	}
	last, lines := a.of(room, start.Add(500*time.Second), 10*time.Second)
	if !last.Equal(start.Add(499*time.Second)) || lines != 10 || len(a[room]) != keepWords {
		t.Errorf("last %s, %d lines, %d kept", last, lines, len(a[room]))
	}
	a.note(chat.Room{Network: "irc", ID: "claire", Private: true}, start)
	if len(a) != 1 {
		t.Error("a private conversation is a room's talk")
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"etat:ouvert mail", "age>3h", "age>-1h", "who:jean state:", ":oublies", "site:asso.example é", "service:MAIL age>999999999h"} {
		f.Add(s)
	}
	table := sharedTable(f)
	f.Fuzz(func(t *testing.T, words string) {
		engine := store.NewMemory()
		s, err := store.Open(context.Background(), engine)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		err = s.Update(context.Background(), now, func(tx *store.Tx) error {
			c := callFor(table, tx, now)
			q, err := c.query(words, true)
			if _, mild := bot.AsNotice(err); err != nil && !mild {
				t.Fatal(err)
			}
			one, err := tx.OpenTicket(store.Opening{}, store.TicketEvent{})
			if strings.TrimSpace(words) == "" && !q.Fits(one) {
				t.Fatal("no words leave a ticket out")
			}
			tx.FindTickets(q)
			if err != nil {
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// callFor is a call by an adminsys in the staff room, outside of any turn's loop.
func callFor(table *Table, tx *store.Tx, now time.Time) *Call {
	turn := &bot.Turn{Now: now, Tx: tx, Log: slog.New(slog.DiscardHandler)}
	return table.newCall(turn, chat.Message{Room: chat.Room{Network: "matrix", ID: "!staff"}, From: players()["jean"].id, At: now, Received: now})
}

func TestQuery(t *testing.T) {
	table := sharedTable(t)
	s, err := store.Open(t.Context(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	claire := ""
	if err := s.Update(t.Context(), now.Add(-4*time.Hour), func(tx *store.Tx) error {
		claire = tx.PersonFor(players()["claire"].id).ID
		_, err := tx.OpenTicket(store.Opening{Subject: "Boîte pleine", Service: "mail", Site: "asso.example", Association: "Asso du Lac", Requester: claire, Kind: store.KindQuestion},
			store.TicketEvent{By: claire, Text: "le message 552 revient"})
		_, err2 := tx.ActOnTicket(1, store.TicketEvent{Act: store.ActAssign, To: "p9"})
		_, err3 := tx.ActOnTicket(1, store.TicketEvent{Act: store.ActWait})
		_, err4 := tx.ActOnTicket(1, store.TicketEvent{Act: store.ActTag, Text: "quota"})
		return errors.Join(err, err2, err3, err4)
	}); err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), now, func(tx *store.Tx) error {
		for words, want := range map[string]int{"": 1, "etat:attente_membre": 1, "state:waiting_member": 1, "etat:actif": 1, "etat:ouvert": 0, "etat:ouvert,attente": 1,
			"etat:tous": 1, "state:closed": 0, "service:MAIL": 1, "service:courriel": 0, "service:web": 0, "site:asso": 1, "site:asso.example": 1, "site:www.asso.example": 1,
			"site:ass.example": 0, "qui:claire": 1, "who:paul": 0, "age>3h": 1, "age>5h": 0, "age<5h": 1, "age<3h": 0, "attend>3h": 1, "waits<3h": 0, "boite": 1,
			"boit 552": 1, "pleine service:mail age>1h": 1, "pleine service:web": 0, "-service:mail": 0, "-service:web": 1, "asso:asso": 0, "genre:question": 1, "kind:outage": 0,
			"etiquette:quota": 1, "tag:x": 0, "suivi:aucun": 0, "-owner:none": 1, "incident:3": 0, "de:": 0} {
			q, err := callFor(table, tx, now).query(words, true)
			if err != nil {
				t.Errorf("%q: %v", words, err)
			}
			if _, got := tx.FindTickets(q); got != want {
				t.Errorf("%q: %d", words, got)
			}
		}
		for _, words := range []string{"age>bientôt", "couleur:vert", "etat:cassé", "attend>0h", "poids>3h"} {
			_, err := callFor(table, tx, now).query(words, true)
			if _, mild := bot.AsNotice(err); !mild {
				t.Errorf("%q is taken: %v", words, err)
			}
		}
		for _, words := range []string{"etiquette:quota", "attend>3h", "qui:claire", "suivi:aucun"} { // what staff say among themselves
			_, err := callFor(table, tx, now).query(words, false)
			if _, mild := bot.AsNotice(err); !mild {
				t.Errorf("%q is taken from a member: %v", words, err)
			}
		}
		tk, _ := tx.Ticket(1)
		for words, want := range map[string]bool{"": true, "boite": true, "552": false, "service:mail": true, "-service:mail": false, "site:asso.example": true, "age>3h": true} {
			q, err := callFor(table, tx, now).query(words, false)
			if got := q.Fits(tk); got != want || err != nil {
				t.Errorf("%q by a member: %v %v", words, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestViewsAreChecked(t *testing.T) {
	both := map[string]string{"fr": "x", "en": "y"}
	for name, c := range map[string]struct {
		views []ViewConfig
		want  string
	}{
		"no name":   {[]ViewConfig{{Title: both, Expr: "age > 3"}}, "views[0].name"},
		"twice":     {[]ViewConfig{{Name: "a", Title: both, Expr: "age > 3"}, {Name: "A", Title: both, Expr: "age > 3"}}, "views[1].name"},
		"no title":  {[]ViewConfig{{Name: "a", Expr: "age > 3"}}, "views[0].title"},
		"no expr":   {[]ViewConfig{{Name: "a", Title: both}}, "views[0].expr"},
		"a slip":    {[]ViewConfig{{Name: "a", Title: both, Expr: "aged > 3"}}, "views[0].expr"},
		"no bool":   {[]ViewConfig{{Name: "a", Title: both, Expr: "age + 3"}}, "views[0].expr"},
		"a closure": {[]ViewConfig{{Name: "a", Title: both, Expr: "all(tags, # != '')"}}, "views[0].expr"},
	} {
		cfg := defaultTickets()
		cfg.Views = c.views
		if p := cfg.check(); len(p) != 1 || !strings.HasSuffix(p[0].Path, c.want) {
			t.Errorf("%s: %v", name, p)
		}
	}
}
