package answer

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestReadUtterances(t *testing.T) {
	got, err := ReadUtterances(strings.NewReader("\ufefffr\tbonjour à tous\tnone\r\n\nen\tsite down\tsite_down\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Utterance{{"fr", "bonjour à tous", None}, {"en", "site down", "site_down"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadUtterancesErrorsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"fr\tx":                    "line 1 has 2 columns",
		"fr\tx\tnone\nfr\ta\tb\tc": "line 2 has 4 columns",
		"fr\tx\tnone\nfr\ty\tsite": `line 2: "site"`,
		strings.Repeat("x", 2<<20): "too long",
	} {
		if _, err := ReadUtterances(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", text, err, want)
		}
	}
	if _, err := ReadUtterances(brokenReader{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

// TestTally counts marks by hand, so that the definitions cannot drift.
func TestTally(t *testing.T) {
	tl := &tally{}
	for _, m := range []mark{
		{rank: 0, started: true},              // right
		{rank: 2, started: true, wrong: true}, // a wrong runbook begun
		{rank: 1},                             // asked which
		{rank: 9, missed: true},               // left alone
		{idle: true},
		{idle: true, alarm: true},
	} {
		tl.add(m)
	}
	want := Score{N: 6, Wanting: 4, Idle: 2, Top1: 0.25, Top3: 0.75, WrongStart: 0.25, Missed: 0.25, FalseAlarm: 0.5, Started: 0.5}
	if got := tl.score(); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := (&tally{}).score(); got != (Score{}) {
		t.Errorf("nothing scores %+v", got)
	}
}

// A wrong runbook begun is a wrong start; a wrong answer from the FAQ is not.
func TestJudgeWrongStart(t *testing.T) {
	r := newRecogniser(t)
	for _, c := range []struct {
		got  ID
		want bool
	}{{"site_down", true}, {"meeting", false}, {"ftp", false}} {
		m := r.judge(Utterance{"fr", "x", "ftp"}, result(0, Guess{c.got, 0.99}, Guess{"vps", 0.01}))
		if m.wrong != c.want || !m.started {
			t.Errorf("started %s for ftp: %+v", c.got, m)
		}
	}
}

func TestEvaluate(t *testing.T) {
	r := newRecogniser(t)
	ev := r.Evaluate([]Utterance{
		{"fr", "notre site ne s'ouvre plus depuis ce matin", "site_down"},
		{"fr", "notre site ne s'ouvre plus depuis hier", "donate"}, // mislabelled: a mistake on purpose
		{"en", "how can I donate?", "donate"},
		{"fr", "bonne soirée à tous", None},
	})
	if ev.N != 4 || ev.Wanting != 3 || math.Abs(ev.Top1-2.0/3) > 1e-9 || math.Abs(ev.WrongStart-1.0/3) > 1e-9 || ev.FalseAlarm != 0 {
		t.Errorf("got %+v", ev.Score)
	}
	if ev.ByLang["en"].N != 1 || ev.ByLang["fr"].Top1 != 0.5 {
		t.Errorf("by language: %+v", ev.ByLang)
	}
	if ev.Confusion[Pair{"donate", "site_down"}] != 1 || ev.Confusion[Pair{None, None}] != 1 {
		t.Errorf("confusion: %v", ev.Confusion)
	}
	if ev.NoAccent.N != 2 {
		t.Errorf("%d French lines without accents, want 2", ev.NoAccent.N)
	}
}

func TestEvaluationJSON(t *testing.T) {
	b, err := json.Marshal(newRecogniser(t).Evaluate([]Utterance{{"fr", "bonjour", None}}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"n":1,"top1":0,"top3":0,"wrong_start":0,"missed":0,"false_alarm":0,"by_lang":{"fr":{"n":1,"top1":0,"top3":0,"wrong_start":0,"missed":0,"false_alarm":0}}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestReliability(t *testing.T) {
	ev := Evaluation{Sure: []Outcome{{0.92, true}, {0.98, false}, {0.15, false}, {1, true}}}
	bins := ev.Reliability()
	if bins[9].N != 3 || math.Abs(bins[9].WereRight-2.0/3) > 1e-9 || bins[1].N != 1 || bins[1].Said != 0.15 {
		t.Errorf("got %+v", bins)
	}
}

// What it says it is sure of must be right about as often as it says.
func TestShippedModelIsCalibrated(t *testing.T) {
	top := newRecogniser(t).Evaluate(utterances(t, "test")).Reliability()[9]
	if top.N < 50 || top.WereRight < 0.93 {
		t.Errorf("of %d guesses said %.2f sure, %.2f are right", top.N, top.Said, top.WereRight)
	}
}

func TestWriteText(t *testing.T) {
	var b strings.Builder
	ev := newRecogniser(t).Evaluate([]Utterance{{"fr", "comment faire un don", "donate"}, {"fr", "merci à tous", None}})
	if err := ev.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"wrong_start", "fr, ASCII", "donate         donate 1", "none           none 1"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
}
