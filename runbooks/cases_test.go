package runbooks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
)

// outage is a runbook about the other ends and types of questions.
const outage = `
schema: runbook/v1
id: outage
version: 1
owner: adminsys
review_by: 2099-01-01
title: {fr: "Panne", en: "Outage"}
intents: [status]
languages: [fr, en]
limits: {max_steps: 30, max_visits: 2}
facts:
  many: {type: number, from: [ask]}
  big: {expr: 'many > 10', needs: []}
  huge: {expr: 'big && many > 100', needs: []}
  when: {type: since, from: [utterance, ask]}
  box: {type: email, from: [ask]}
start: known
steps:
  known:
    kind: check
    run:
      inc: {kind: incident, services: [mail, web]}
    next:
      - {if: 'c.inc.verdict in ["active", "maintenance"]', go: same}
      - {go: many}
  same:
    kind: ask
    type: yesno
    text: {fr: "Une panne est en cours : {{c.inc.title}} (depuis {{c.inc.since|ago}}). C'est cela ?", en: "There is an outage: {{c.inc.title}} (for {{c.inc.since|ago}}). Is that it?"}
    if_yes: end_known
    if_no: many
    unknown: end_known
  many:
    kind: ask
    type: number
    fact: many
    min: 1
    max: 500
    retries: 1
    text: {fr: "Combien de personnes ?", en: "How many people?"}
    unknown: when
    next: when
  when:
    kind: ask
    type: since
    fact: when
    text: {fr: "Depuis quand ?", en: "Since when?"}
    skip: box
    unknown: box
    next: box
  box:
    kind: ask
    type: email
    fact: box
    sensitive: true
    text: {fr: "Quelle adresse ?", en: "Which mailbox?"}
    unknown: sort
    next: post
  post:
    kind: check
    run:
      mx: {kind: mx, domain: "{{box|host}}"}
    next: sort
  sort:
    kind: route
    next:
      - {if: 'huge', go: end_page}
      - {if: 'big', go: end_high}
      - {go: end_low}
  end_known: {kind: end, outcome: known_incident, incident: "{{c.inc.id}}", notify: true, text: {fr: "On vous prévient.", en: "We will tell you."}}
  end_page: {kind: end, outcome: escalate, page: oncall, queue: mail, text: {fr: "J'appelle.", en: "I am calling."}}
  end_high: {kind: end, outcome: ticket, queue: mail, priority: high, text: {fr: "Ticket.", en: "Ticket."}}
  end_low: {kind: end, outcome: ticket, queue: mail, priority: low, text: {fr: "Ticket.", en: "Ticket."}}
tests: []
`

func outageBook(t *testing.T) (*Library, *Runbook) {
	t.Helper()
	lib, found := Load(nil, fstest.MapFS{"outage.yaml": {Data: []byte(outage)}})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	rb, _ := lib.ByIntent("status")
	return lib, rb
}

func TestAKnownIncidentIsSubscribedTo(t *testing.T) {
	lib, rb := outageBook(t)
	k := begin(t, lib, rb, StartOptions{}).at(Probing, "known")
	p, _ := one[Probe](k.effects)
	for key, req := range p.Checks {
		if req.Args["services"] != "mail,web" || len(req.Args) != 1 {
			t.Errorf("arguments %v", req.Args)
		}
		var err error
		k.s, k.effects, err = Found(lib, k.s, map[string]Report{key: {Verdict: "active", Fields: map[string]any{
			"id": "I7", "title": "panne\x02 du \u202ecourriel", "since": goldenNow.Add(-2 * time.Hour).Format(time.RFC3339), "made_up": strings.Repeat("x", 1e6)}, Detail: strings.Repeat("y", 1e6)}}, k.now)
		k.check(err)
	}
	k.at(Asking, "same").hears("Une panne est en cours : panne du courriel (depuis 2 heures). C'est cela ?")
	if data, err := json.Marshal(k.s); err != nil || len(data) > 4000 {
		t.Errorf("the session stores %d bytes, %v", len(data), err)
	}
	k.say("oui mais non").at(Asking, "same").hears("J'hésite entre « oui » et « non »").say("👍").at(Ended, "end_known")
	end, _ := one[End](k.effects)
	if end.Incident != "I7" || !end.Notify || end.Outcome != KnownIncident {
		t.Errorf("%+v", end)
	}
}

func TestComputedFactsChooseTheEnd(t *testing.T) {
	lib, rb := outageBook(t)
	for say, want := range map[string]OpenTicket{
		"500": {Queue: "mail", Outcome: Escalate, Page: "oncall"}, "environ 50": {Queue: "mail", Priority: "high", Outcome: Ticket},
		"deux": {Queue: "mail", Priority: "low", Outcome: Ticket}, "je sais pas": {Queue: "mail", Priority: "low", Outcome: Ticket}, "9999": {Queue: "mail", Priority: "low", Outcome: Ticket},
	} {
		k := begin(t, lib, rb, StartOptions{}).found(map[string]Verdict{"inc": "none"}).at(Asking, "many").say(say).at(Asking, "when").say("hier").at(Asking, "box").say("je sais pas")
		if got, _ := one[OpenTicket](k.effects); got != want {
			t.Errorf("%q: %+v, want %+v", say, got, want)
		}
	}
}

func TestSensitiveAnswersAreMarked(t *testing.T) {
	lib, rb := outageBook(t)
	k := begin(t, lib, rb, StartOptions{Private: true}).found(map[string]Verdict{"inc": "none"}).say("3", "passer").at(Asking, "box")
	if ask, _ := one[Ask](k.effects); !ask.Sensitive {
		t.Error("the question is not marked")
	}
	k.say("jean@asso.org").at(Probing, "post")
	if p, _ := one[Probe](k.effects); p.Checks["mx#2"].Args["domain"] != "asso.org" {
		t.Errorf("%+v", p)
	}
	last := k.s.Log[len(k.s.Log)-1]
	if !last.Sensitive || last.Value != "jean@asso.org" || k.s.Log[1].Sensitive {
		t.Errorf("%+v", k.s.Log)
	}
	if k.found(map[string]Verdict{"mx": OK}).at(Ended, "end_low"); !k.effects[1].(OpenTicket).Private {
		t.Error("a private dialogue opens a public ticket")
	}
	lines, err := Transcript(lib, k.s, TranscriptOptions{Lang: "fr", Now: k.now})
	if err != nil || strings.Contains(strings.Join(lines, "\n"), "jean") {
		t.Errorf("%v %v", lines, err)
	}
}

func TestSinceIsReadFromTheFirstSentence(t *testing.T) {
	lib, rb := outageBook(t)
	k := begin(t, lib, rb, StartOptions{Utterance: "plus de mail depuis hier soir"}).found(nil).say("3").at(Asking, "box")
	if got := k.s.Given["when"]; got != "2026-03-01T20:00:00Z" {
		t.Errorf("since %q", got)
	}
}

func TestPresentChangesNothing(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).due(2 * time.Hour)
	before, err := json.Marshal(k.s)
	if err != nil {
		t.Fatal(err)
	}
	effects, err := Present(lib, k.s, k.now)
	if err != nil || said1(effects) != "Quelle est l'adresse du site ?" {
		t.Errorf("%v %v", effects, err)
	}
	if after, err := json.Marshal(k.s); err != nil || string(after) != string(before) {
		t.Error("Present changes the session")
	}
	if effects, err := Present(lib, k.say("a.org").s, k.now); err != nil || !strings.Contains(said1(effects), "vérification") {
		t.Errorf("%v %v", effects, err)
	}
}

func TestBackMeetsTheSameVersionOfACalledRunbook(t *testing.T) {
	lib, rb := sample(t)
	helper, _ := lib.ByID("helper")
	deeper := strings.Replace(string(helper.Source), "if_no: end_ticket", "if_no: more", 1)
	deeper = strings.Replace(deeper, "  end_solved:", "  more: {kind: ask, type: yesno, text: {fr: \"Sûr ?\", en: \"Sure?\"}, if_yes: end_ticket, if_no: seen, unknown: end_ticket}\n  end_solved:", 1)
	old, found := Load(nil, layer(t, map[string]string{"helper.yaml": deeper}))
	if found.Err() != nil {
		t.Fatal(found)
	}
	k := begin(t, old, rb, StartOptions{}).say("a.org").found(map[string]Verdict{"inv": "hosted", "web": "server_error"}).say("non").at(Asking, "helper/more")
	pinned, _ := old.ByID("helper")
	if !slices.Contains(k.s.Pins(), pinned.Hash) {
		t.Fatal("the called version is not pinned")
	}
	k.lib = lib.With(pinned) // where the current helper has no such step
	k.say("retour").at(Asking, "helper/seen").say("non").at(Asking, "helper/more")
}

func TestACalledRunbookMustSpeakItsCallersLanguages(t *testing.T) {
	mono := strings.NewReplacer("languages: [fr, en]", "languages: [fr]", `, en: "A page with an error"`, "", `, en: "Does the page show again?"`, "",
		`, en: "It sometimes comes back by itself."`, "", `, en: "Ticket opened."`, "", "lang: en", "lang: fr").Replace(readFile(t, "testdata/clean/helper.yaml"))
	_, found := Load(nil, layer(t, map[string]string{"helper.yaml": mono}))
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == "RB301" && f.File == "sample.yaml" }) {
		t.Errorf("%v", found)
	}
}

func TestCallsGoTwoDeepAtMost(t *testing.T) {
	book := func(id, callee string) *fstest.MapFile {
		src := strings.NewReplacer("id: helper", "id: "+id, "if_no: end_ticket", "if_no: deeper",
			"  end_solved:", "  deeper: {kind: call, runbook: "+callee+", solved: end_solved, else: end_ticket}\n  end_solved:").Replace(readFile(t, "testdata/clean/helper.yaml"))
		return &fstest.MapFile{Data: []byte(src)}
	}
	leaf := &fstest.MapFile{Data: []byte(readFile(t, "testdata/clean/helper.yaml"))}
	two := fstest.MapFS{"a.yaml": book("a", "b"), "b.yaml": book("b", "helper"), "helper.yaml": leaf}
	if _, found := Load(nil, two); found.Err() != nil {
		t.Errorf("two deep: %v", found)
	}
	two["z.yaml"] = book("z", "a")
	if _, found := Load(nil, two); !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == "RB211" && f.File == "z.yaml" }) {
		t.Errorf("three deep: %v", found)
	}
	loop := fstest.MapFS{"a.yaml": book("a", "b"), "b.yaml": book("b", "a")}
	if _, found := Load(nil, loop); found.Err() == nil {
		t.Error("a circle of calls loads")
	}
}

// Whatever was said before, an answer and a step back lead to where one was.
func TestBackUndoesOneAnswer(t *testing.T) {
	lib, rb := sample(t)
	rapid.Check(t, func(rt *rapid.T) {
		s, _, err := Start(lib, rb, StartOptions{Lang: "fr", Now: goldenNow})
		if err != nil {
			rt.Fatal(err)
		}
		now := goldenNow
		for range rapid.IntRange(0, 6).Draw(rt, "turns") {
			s, now = advance(rt, lib, s, now)
			if s.State == Ended {
				return
			}
		}
		if s.State != Asking {
			return
		}
		answered, _, err := Answer(lib, s, rapid.SampledFrom([]string{"a.org", "1", "2", "je sais pas", "passer", "b.org"}).Draw(rt, "answer"), now)
		if err != nil {
			rt.Fatal(err)
		}
		if answered.State == Ended || len(answered.Log) == len(s.Log) {
			return // over, or not understood
		}
		back, _, err := Answer(lib, answered, "retour", now)
		if err != nil {
			rt.Fatal(err)
		}
		same := slices.Equal(back.Path, s.Path) && back.State == s.State && len(back.Log) == len(s.Log)
		for i := range s.Frames {
			same = same && maps.Equal(back.Frames[i].Facts, s.Frames[i].Facts) && maps.Equal(back.Frames[i].Visits, s.Frames[i].Visits) &&
				maps.Equal(back.Frames[i].Checks, s.Frames[i].Checks)
		}
		if !same {
			rt.Fatalf("before: %v %+v\nafter:  %v %+v", s.Path, s.Frames, back.Path, back.Frames)
		}
	})
}

func advance(rt *rapid.T, lib *Library, s Session, now time.Time) (Session, time.Time) {
	now = now.Add(time.Second)
	var err error
	switch s.State {
	case Probing:
		reports := map[string]Report{}
		for key, p := range s.Pending {
			reports[key] = Report{Verdict: rapid.SampledFrom(lib.kinds[p.Request.Kind].Verdicts).Draw(rt, p.Check), At: now}
		}
		s, _, err = Found(lib, s, reports, now)
	case Waiting:
		now = s.Deadline
		s, _, err = Due(lib, s, now)
	default:
		s, _, err = Answer(lib, s, rapid.SampledFrom([]string{"a.org", "1", "2", "je sais pas", "retour", "bleu", "passer", "fait", "en"}).Draw(rt, "says"), now)
	}
	if err != nil {
		rt.Fatal(err)
	}
	return s, now
}
