package runbooks

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// talk is a dialogue under test. Every turn goes through JSON, and the reports
// of checks are made up by the test.
type talk struct {
	t       *testing.T
	lib     *Library
	s       Session
	effects []Effect
	now     time.Time
}

func begin(t *testing.T, lib *Library, rb *Runbook, o StartOptions) *talk {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = goldenNow
	}
	if o.Lang == "" {
		o.Lang = "fr"
	}
	k := &talk{t: t, lib: lib, now: o.Now}
	var err error
	k.s, k.effects, err = Start(lib, rb, o)
	k.check(err)
	return k
}

func (k *talk) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("at %v: %v", k.s.Path, err)
	}
	data, err := json.Marshal(k.s)
	if err != nil {
		k.t.Fatal(err)
	}
	k.s = Session{}
	if err := json.Unmarshal(data, &k.s); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) say(lines ...string) *talk {
	k.t.Helper()
	for _, line := range lines {
		k.now = k.now.Add(time.Second)
		var err error
		k.s, k.effects, err = Answer(k.lib, k.s, line, k.now)
		k.check(err)
	}
	return k
}

// found answers the pending checks by id; those not named are unknown.
func (k *talk) found(verdicts map[string]Verdict) *talk {
	k.t.Helper()
	reports := map[string]Report{}
	for key, p := range k.s.Pending {
		v, ok := verdicts[p.Check]
		if !ok {
			v = Unknown
		}
		reports[key] = Report{Verdict: v, At: k.now}
	}
	k.now = k.now.Add(time.Second)
	var err error
	k.s, k.effects, err = Found(k.lib, k.s, reports, k.now)
	k.check(err)
	return k
}

func (k *talk) due(d time.Duration) *talk {
	k.t.Helper()
	k.now = k.now.Add(d)
	var err error
	k.s, k.effects, err = Due(k.lib, k.s, k.now)
	k.check(err)
	return k
}

func (k *talk) text() string {
	var out []string
	for _, e := range k.effects {
		out = append(out, Lines(e)...)
	}
	return strings.Join(out, "\n")
}

func (k *talk) at(state State, step string) *talk {
	k.t.Helper()
	if k.s.State != state || k.s.Step() != step {
		k.t.Fatalf("%s at %q, want %s at %q; path %v; said:\n%s", k.s.State, k.s.Step(), state, step, k.s.Path, k.text())
	}
	return k
}

func (k *talk) hears(part string) *talk {
	k.t.Helper()
	if !strings.Contains(k.text(), part) {
		k.t.Fatalf("%q is not in:\n%s", part, k.text())
	}
	return k
}

func one[E Effect](effects []Effect) (E, bool) {
	for _, e := range effects {
		if v, ok := e.(E); ok {
			return v, true
		}
	}
	var none E
	return none, false
}

var healthy = map[string]Verdict{"inv": "hosted", "web": OK, "web3": OK}

func TestAHealthySite(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).at(Asking, "which").hears("Quelle est l'adresse du site ?")
	k.say("https://www.cinema-du-parc.org/actus?x=1").at(Probing, "scan").hears("Je teste www.cinema-du-parc.org…")
	p, ok := one[Probe](k.effects)
	if !ok || p.Timeout != 20*time.Second || len(p.Checks) != 2 {
		t.Fatalf("probe %+v", p)
	}
	for _, r := range p.Checks {
		if r.Kind == "http" && r.Args["url"] != "https://www.cinema-du-parc.org/" {
			t.Errorf("url %q", r.Args["url"])
		}
	}
	k.found(healthy).at(Asking, "clear").hears("http : www.cinema-du-parc.org donne ok.")
	k.say("c'est fait").at(Probing, "clear")
	k.found(healthy).at(Ended, "end_solved")
	end, _ := one[End](k.effects)
	if want := (End{Outcome: Solved, Step: "end_solved"}); end != want || k.s.Outcome != Solved || !k.s.Deadline.IsZero() {
		t.Errorf("%+v", end)
	}
	if _, _, err := Answer(lib, k.s, "encore", k.now); !errors.Is(err, ErrEnded) {
		t.Errorf("an ended session answers: %v", err)
	}
}

func TestAGestureThatIsDoneButDidNotHelp(t *testing.T) {
	lib, rb := sample(t)
	start := begin(t, lib, rb, StartOptions{}).say("a.org").found(healthy).at(Asking, "clear")
	verified := *start
	verified.say("fait").found(map[string]Verdict{"web3": "timeout"}).at(Asking, "message")
	believed := *start
	believed.say("fait").found(map[string]Verdict{"web3": Unknown}).at(Ended, "end_solved")
	for _, text := range []string{"c'est fait, mais ça ne marche toujours pas", "2", "toujours pareil", "je n'y arrive pas", "impossible", "je sais pas", "passer"} {
		k := *start
		k.say(text).at(Asking, "message")
	}
	twice := *start
	twice.say("bleu").at(Asking, "clear").say("vert").at(Asking, "message")
}

func TestReportsMayComeOneByOneAndLate(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("a.org").at(Probing, "scan")
	old := sortedKeys(k.s.Pending)
	var err error
	k.s, k.effects, err = Found(lib, k.s, map[string]Report{old[0]: {Verdict: "hosted"}}, k.now)
	k.check(err)
	if k.at(Probing, "scan"); len(k.effects) != 0 {
		t.Errorf("effects before all is known: %v", k.effects)
	}
	k.say("alors ?").at(Probing, "scan").hears("vérification est en cours")
	k.say("retour").at(Asking, "which").say("b.org").at(Probing, "scan")
	k.s, k.effects, err = Found(lib, k.s, map[string]Report{old[0]: {Verdict: "not_hosted"}, old[1]: {Verdict: OK}}, k.now)
	k.check(err)
	if k.at(Probing, "scan"); len(k.effects) != 0 {
		t.Errorf("reports about another address were taken: %v", k.effects)
	}
	k.due(26*time.Second).at(Asking, "helper/seen") // no report in time: all is unknown
}

func TestPrefill(t *testing.T) {
	lib, rb := sample(t)
	for name, o := range map[string]StartOptions{
		"utterance": {Utterance: "bonjour le site www.a.org marche plus.merci"},
		"url":       {Utterance: "cassé : https://www.a.org/page?id=3"},
		"fact":      {Facts: map[string]string{"domain": "www.a.org"}},
	} {
		k := begin(t, lib, rb, o).at(Probing, "scan")
		if got := k.s.Given["domain"]; got != "www.a.org" {
			t.Errorf("%s: %q", name, got)
		}
		k.say("retour").at(Asking, "which") // what was read wrongly can be put right
	}
	for name, o := range map[string]StartOptions{
		"two":     {Utterance: "a.org et b.org sont en panne"},
		"none":    {Utterance: "ça marche plus.merci"},
		"hostile": {Facts: map[string]string{"domain": "localhost", "nothing": "x"}},
		"address": {Facts: map[string]string{"domain": "127.0.0.1"}},
		"file":    {Utterance: "mon index.php ne marche plus"},
	} {
		if k := begin(t, lib, rb, o).at(Asking, "which"); len(k.s.Given) != 0 {
			t.Errorf("%s: %v", name, k.s.Given)
		}
	}
}

func TestBackReusesFreshChecks(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("a.org").found(map[string]Verdict{"inv": "hosted", "web": OK}).say("je peux pas").at(Asking, "message")
	k.say("2").at(Asking, "words").say("retour").at(Asking, "message").hears("Que voyez-vous ?")
	k.say("retour").at(Asking, "clear").say("back").at(Asking, "which")
	k.say("a.org").at(Asking, "clear") // the same checks, a few seconds old
	if n := len(k.s.Runs); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
	k.say("retour").at(Asking, "which").say("b.org").at(Probing, "scan")
	k.found(healthy).at(Asking, "clear").say("retour").at(Asking, "which")
	k.now = k.now.Add(6 * time.Minute)
	k.say("b.org").at(Probing, "scan") // too old
	k.say("retour", "retour").at(Asking, "which").hears("première question")
	if c := k.s.Counts["which"]; c.Back < 3 || c.Answered < 4 {
		t.Errorf("counts %+v", c)
	}
}

func TestAWaitForgetsWhatCouldBeReused(t *testing.T) {
	lib, rb := sample(t)
	down := map[string]Verdict{"inv": "hosted", "web": "timeout", "web2": "timeout"}
	k := begin(t, lib, rb, StartOptions{}).say("a.org").found(down).at(Waiting, "pause").say("retour").at(Asking, "which")
	k.say("a.org").at(Waiting, "pause")
	w, ok := one[Wait](k.effects)
	if !ok || !w.Until.Equal(k.now.Add(time.Minute)) || !k.s.Deadline.Equal(w.Until) {
		t.Fatalf("%+v, deadline %v", w, k.s.Deadline)
	}
	k.due(59*time.Second).at(Waiting, "pause").due(2*time.Second).at(Probing, "again")
	k.found(map[string]Verdict{"web2": OK}).at(Ended, "end_solved")
}

func TestRepairMovesEverywhere(t *testing.T) {
	lib, rb := sample(t)
	start := begin(t, lib, rb, StartOptions{}).say("je sais pas").at(Asking, "message")
	for _, c := range []struct {
		say, step, hears string
		state            State
	}{
		{"répète", "message", "Que voyez-vous ?", Asking},
		{"Repeat !", "message", "Que voyez-vous ?", Asking},
		{"pourquoi ?", "message", "Chaque message a sa cause.", Asking},
		{"why", "message", "Chaque message a sa cause.", Asking},
		{"en", "message", "What do you see?", Asking},
		{"recommencer", "which", "Quelle est l'adresse", Asking},
		{"start over", "which", "Quelle est l'adresse", Asking},
		{"RETOUR", "which", "Quelle est l'adresse", Asking},
		{"passer", "end_ticket", "Ticket ouvert.", Ended},
		{"don't know", "end_ticket", "Ticket ouvert.", Ended},
		{"je ne sais pas trop", "end_ticket", "Ticket ouvert.", Ended},
		{"stop", "message", "je m'arrête", Ended},
		{"humain svp", "message", "human", Ended},
		{"I want to talk to a human", "message", "human", Ended},
	} {
		k := *start
		k.say(c.say).at(c.state, c.step).hears(c.hears)
	}
	stopped := *start
	if stopped.say("stop"); stopped.s.Outcome != Cancelled {
		t.Errorf("stop: %s", stopped.s.Outcome)
	}
	handed := *start
	handed.say("humain")
	if h, ok := one[HandOver](handed.effects); !ok || h.Reason != "human" {
		t.Errorf("human: %v", handed.effects)
	}
}

func TestLanguageSwitchKeepsTheStep(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("english please").at(Asking, "which").hears("What is the address")
	k.say("a.org").hears("Testing a.org").say("fr").at(Probing, "scan").hears("Encore un instant")
	k.found(healthy).hears("Fermez le navigateur")
}

func TestSilence(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{Facts: map[string]string{"domain": "a.org"}}).found(healthy).at(Asking, "clear")
	if !k.s.Deadline.Equal(k.s.Active.Add(10 * time.Minute)) {
		t.Fatalf("deadline %v, active %v", k.s.Deadline, k.s.Active)
	}
	k.due(9 * time.Minute)
	if len(k.effects) != 0 {
		t.Fatal("reminded too early")
	}
	k.due(2*time.Minute).at(Asking, "clear").hears("Fermez le navigateur").hears("on reprend")
	k.due(20 * time.Minute)
	if len(k.effects) != 0 {
		t.Errorf("reminded twice: %s", k.text())
	}
	if k.due(40 * time.Minute); !k.s.Parked || len(k.effects) != 0 {
		t.Errorf("not parked in silence: %v %s", k.s.Parked, k.text())
	}
	woken := *k
	woken.say("fait").at(Probing, "clear")
	if woken.s.Parked {
		t.Error("still parked after a word")
	}
	k.due(72*time.Hour).at(Ended, "clear")
	if k.s.Outcome != Abandoned || len(k.s.Given)+len(k.s.Log)+len(k.s.Runs)+len(k.s.Frames[0].Facts) != 0 || len(k.s.Counts) == 0 {
		t.Errorf("not forgotten, or the counts are: %+v", k.s)
	}
	late := begin(t, lib, rb, StartOptions{}).due(2 * time.Hour)
	if !late.s.Parked || len(late.effects) != 0 {
		t.Error("a reminder comes hours late")
	}
}

func TestCirclesEndWithAHuman(t *testing.T) {
	circle := strings.Replace(readFile(t, "testdata/clean/sample.yaml"), "say: [blanc, rien], go: end_ticket", "say: [blanc, rien], go: which", 1)
	lib, found := Load(nil, layer(t, map[string]string{"sample.yaml": circle}))
	if found.Err() != nil {
		t.Fatal(found)
	}
	rb, _ := lib.ByID("sample")
	k := begin(t, lib, rb, StartOptions{}).say("je sais pas", "1").at(Asking, "which").say("je sais pas", "1")
	if k.s.Outcome != Failed {
		t.Fatalf("%s at %s", k.s.Outcome, k.s.Step())
	}
	k.hears("Je tourne en rond").hears("human (limit)")
}

func TestCalls(t *testing.T) {
	lib, rb := sample(t)
	broken := map[string]Verdict{"inv": "hosted", "web": "server_error"}
	k := begin(t, lib, rb, StartOptions{}).say("a.org").found(broken).at(Asking, "helper/seen")
	if got := k.s.Frames[1].Facts["domain"]; got != "a.org" || len(k.s.Pins()) != 2 {
		t.Errorf("fact %q, pins %v", got, k.s.Pins())
	}
	solved, ticket, back := *k, *k, *k
	solved.say("oui").at(Ended, "end_solved")
	ticket.say("non").at(Ended, "helper/end_ticket")
	if n := strings.Count(ticket.text(), "= ticket"); n != 1 {
		t.Errorf("%d tickets", n)
	}
	back.say("retour").at(Asking, "which")
	// A callee that is gone is passed by: the caller's else is there.
	without, _ := Load(nil, layer(t, map[string]string{"helper.yaml": strings.Replace(readFile(t, "testdata/clean/helper.yaml"), "id: helper", "id: other", 1)}))
	begin(t, without.With(rb), rb, StartOptions{}).say("a.org").found(broken).at(Asking, "message")
}

func TestNothingIsAskedAThirdTime(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("le site quoi").at(Asking, "which").hears("Il me faut par exemple")
	k.say("ben celui de l'asso").at(Asking, "message")
	k.say("bleu").at(Asking, "message").hears("Je n'ai pas compris").say("vert").at(Ended, "end_ticket")
	if c := k.s.Counts["which"]; c.Invalid != 2 || c.Reached != 1 {
		t.Errorf("counts %+v", c)
	}
	asks := begin(t, lib, rb, StartOptions{}).say("je sais pas", "1 ou 2").at(Asking, "message").hears("« une page blanche » et « un message d'erreur »")
	asks.say("un message d'erreur").at(Asking, "words")
}

func TestTurnsDoNotChangeTheSessionTheyWereGiven(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("a.org").found(healthy)
	before, err := json.Marshal(k.s)
	if err != nil {
		t.Fatal(err)
	}
	kept := k.s
	for _, text := range []string{"fait", "retour", "recommencer", "bleu", "stop", "en"} {
		if _, _, err := Answer(lib, kept, text, k.now); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := Due(lib, kept, k.now.Add(100*time.Hour)); err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(kept)
	if err != nil || string(before) != string(after) {
		t.Errorf("changed:\n%s\n%s", before, after)
	}
}

func TestASessionGoesOnWithItsOwnVersion(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("a.org")
	edited, found := Load(nil, layer(t, map[string]string{"sample.yaml": strings.Replace(string(rb.Source), "Fermez le navigateur", "Autre chose", 1)}))
	if found.Err() != nil {
		t.Fatal(found)
	}
	if _, _, err := Answer(edited, k.s, "retour", k.now); !errors.Is(err, ErrUnknownVersion) {
		t.Fatalf("%v", err)
	}
	pinned, err := edited.Compile(rb.Source)
	if err != nil {
		t.Fatal(err)
	}
	k.lib = edited.With(pinned)
	k.found(healthy).at(Asking, "clear").hears("Fermez le navigateur")
	gone, effects := Withdraw(k.s)
	if end, _ := one[End](effects); gone.State != Ended || gone.Outcome != Withdrawn || end.Outcome != Withdrawn {
		t.Errorf("%+v", gone)
	}
	if k.s.State == Ended {
		t.Error("Withdraw changes the session it was given")
	}
}

func TestCorruptSessionsAreErrors(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{}).say("a.org").found(healthy)
	for name, spoil := range map[string]func(*Session){
		"version":    func(s *Session) { s.V = 2 },
		"no frame":   func(s *Session) { s.Frames = nil },
		"frames":     func(s *Session) { s.Frames = slices.Repeat(s.Frames, 5) },
		"step":       func(s *Session) { s.Frames[0].Step = "nowhere" },
		"kind":       func(s *Session) { s.Frames[0].Step = "end_solved" },
		"state":      func(s *Session) { s.State = "dancing" },
		"waiting":    func(s *Session) { s.State = Waiting },
		"run":        func(s *Session) { s.Frames[0].Checks["web"] = 99 },
		"negative":   func(s *Session) { s.Frames[0].Checks["web"] = -1 },
		"log":        func(s *Session) { s.Log[1].Runs = map[string]int{"web": 7} },
		"spare":      func(s *Session) { s.Spare = []int{-3} },
		"language":   func(s *Session) { s.Lang = "xx" },
		"other hash": func(s *Session) { s.Hash = "00" },
		"path":       func(s *Session) { s.Path = nil },
	} {
		s := k.s.clone()
		spoil(&s)
		if _, _, err := Answer(lib, s, "oui", k.now); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFinishedDataSurvivesJSON(t *testing.T) {
	lib, rb := sample(t)
	k := begin(t, lib, rb, StartOptions{Private: true}).say("a.org").found(healthy)
	data, err := json.Marshal(k.s)
	if err != nil {
		t.Fatal(err)
	}
	var again Session
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Frames, k.s.Frames) || !again.Deadline.Equal(k.s.Deadline) || !again.Private {
		t.Errorf("%+v\n%+v", again, k.s)
	}
}
