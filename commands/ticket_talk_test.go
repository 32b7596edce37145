package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

func TestOnlyThanks(t *testing.T) {
	for text, want := range map[string]bool{
		"merci": true, "Merci beaucoup Jean !": true, "ok super, merci à vous tous": true, "🙏": true, "❤️": true, "thanks a lot": true, "thank you so much, great job": true,
		"many thanks": true, "thx": true, "je vous remercie pour votre aide": true, "merci pour la réponse, bonne journée": true,
		"oui merci": false, "non merci": false, "merci mais ça ne marche toujours pas": false, "merci de relancer le serveur": false, "merci, et le mail ?": false,
		"merci merci merci merci merci merci merci merci merci merci merci merci merci": false, "ok": false, "": false, "merci Paul": false, "👍": false,
	} {
		if got := onlyThanks(text, "Jean", "Léa"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestBytesOf(t *testing.T) {
	for n, want := range map[int64]string{0: "1 ko", 1: "1 ko", 120_400: "120 ko", 999_999: "1000 ko", 3_400_000: "3,4 Mo"} {
		if got := bytesOf(n, "fr"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if got := bytesOf(3_400_000, "en"); got != "3.4 MB" {
		t.Errorf("in English %q", got)
	}
}

func TestKindsByWords(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for text, want := range map[string]store.TicketKind{
		"notre site ne s'ouvre plus":                            store.KindOutage,
		"le mail est en panne":                                  store.KindOutage,
		"nous voudrions un nouveau VPS":                         store.KindRequest,
		"pouvez-vous nous créer une adresse contact ?":          store.KindRequest,
		"could you create a mailbox for our treasurer?":         store.KindRequest,
		"we need another server":                                store.KindRequest,
		"comment changer la couleur du bandeau ?":               store.KindQuestion,
		"la facture de mars est-elle payée ?":                   store.KindQuestion,
		"who do I ask about the statutes of the association ?":  store.KindQuestion,
		"demande de création d'une liste pour le conseil":       store.KindRequest,
		"nous souhaitons héberger un site de plus chez vous":    store.KindRequest,
		"nous souhaitons un site de plus chez vous, est-ce ok ": store.KindRequest,
	} {
		if got := table.classified(store.Opening{}, text).Kind; got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestCannedAnswersAreChecked(t *testing.T) {
	both := map[string]string{"fr": "x", "en": "y"}
	for name, c := range map[string]struct {
		canned []CannedConfig
		want   string
	}{
		"no name":      {[]CannedConfig{{Text: both}}, "canned[0].name"},
		"a number":     {[]CannedConfig{{Name: "12", Text: both}}, "canned[0].name"},
		"two words":    {[]CannedConfig{{Name: "a b", Text: both}}, "canned[0].name"},
		"twice":        {[]CannedConfig{{Name: "a", Text: both}, {Name: "A", Text: both}}, "canned[1].name"},
		"one language": {[]CannedConfig{{Name: "a", Text: map[string]string{"fr": "x"}}}, "canned[0].text"},
		"a slip":       {[]CannedConfig{{Name: "a", Text: map[string]string{"fr": "{{membre}}", "en": "y"}}}, "canned[0].text"},
	} {
		cfg := defaultTickets()
		cfg.Canned = c.canned
		if p := cfg.check(); len(p) != 1 || !strings.HasSuffix(p[0].Path, c.want) {
			t.Errorf("%s: %v", name, p)
		}
	}
	cfg := defaultTickets()
	cfg.Canned = []CannedConfig{{Name: "a", Text: map[string]string{"fr": "{{ member }} {{host.name}}", "en": "{{ticket}} {{me}}"}}}
	if p := cfg.check(); len(p) > 0 {
		t.Errorf("a sound one: %v", p)
	}
}

// TestEveryActHasItsWords looks up what is said of each act that staff can do: the names of these
// sentences are made when they are said.
func TestEveryActHasItsWords(t *testing.T) {
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	acts := []store.TicketAct{store.ActTake, store.ActRelease, store.ActAssign, store.ActReply, store.ActNote, store.ActWait, store.ActWake, store.ActSolve, store.ActReject,
		store.ActSpam, store.ActPriority, store.ActTag, store.ActUntag, store.ActKind, store.ActWatch, store.ActUnwatch}
	args := words.Args{"N": 1, "Name": "Jean", "Text": "x", "To": "y", "Until": "z", "Silence": "14 j", "What": "w", "State": "s", "By": "b", "M": 2}
	said := func(id string) {
		t.Helper()
		for _, lang := range words.Languages() {
			if got := cat.Say(lang, id, args); got == "" || strings.Contains(got, id) || strings.Contains(got, "<no value>") {
				t.Errorf("%s in %s is %q", id, lang, got)
			}
		}
	}
	for _, a := range acts {
		said("ticket.staff_" + string(a))
		said("ticket.done_" + string(a))
		said("ticketact.what_" + string(a))
	}
	for _, a := range []string{"take", "reply", "solve", "reject", "assign", "wait", "wait_you"} {
		said("ticket.member_" + a)
	}
	for _, a := range []string{"merge", "split", "relate", "open", "reopen"} {
		said("ticketact.what_" + a)
	}
	for _, r := range []store.Relation{store.RelParent, store.RelDepends, store.RelDuplicate, "incident"} {
		said("ticketact.relate_" + string(r))
	}
}

func TestWhoReadsWhatOfAMergedTicket(t *testing.T) {
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	first := store.Asker{Person: "p1", From: 1}
	tk := store.Ticket{N: 1, Opening: store.Opening{Requester: "p1"}}
	second := store.Asker{Person: "p2", From: 2, Since: monday}
	tk.Also = []store.Asker{second}
	events := []store.TicketEvent{
		{Act: store.ActOpen, By: "p1", At: monday.Add(-5)}, {Act: store.ActReply, By: "staff", At: monday.Add(-4)}, {Act: store.ActSay, By: "p1", At: monday.Add(1)},
		{Act: store.ActSay, By: "p2", At: monday.Add(2)}, {Act: store.ActReply, By: "staff", At: monday.Add(3)}}
	sees := func(a store.Asker) (out []int) {
		for i, e := range events {
			if forAsker(tk, a, e) {
				out = append(out, i)
			}
		}
		return out
	}
	if got := sees(first); !slices.Equal(got, []int{0, 1, 2, 4}) {
		t.Errorf("who asked first reads %v", got)
	}
	if got := sees(second); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("who came later reads %v", got)
	}
}

func TestFilesGoOnlyWhereFewPeopleRead(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	f := store.TicketFile{Name: "plan.pdf", Size: 45000, Ref: []byte("key")}
	here := table.fileReply("fr", f, "matrix", chat.Room{Network: "matrix", ID: "@kate", Private: true}, true)
	if here.File == nil || string(here.File.Ref) != "key" || !here.Secret || !strings.Contains(here.Text, "plan.pdf") {
		t.Errorf("in private: %+v", here)
	}
	for name, r := range map[string]chat.Reply{
		"in public":          table.fileReply("fr", f, "matrix", chat.Room{Network: "matrix", ID: "!support"}, false),
		"on another network": table.fileReply("fr", f, "matrix", chat.Room{Network: "irc", ID: "claire", Private: true}, true),
	} {
		if r.File != nil || !strings.Contains(r.Text, "visible sur Matrix") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
