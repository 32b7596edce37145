package answer

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/commands/answer/corpus"
)

func newRecogniser(t testing.TB) *Recogniser {
	t.Helper()
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func utterances(t testing.TB, part string) []Utterance {
	t.Helper()
	lines, err := corpus.Load(part)
	if err != nil {
		t.Fatal(err)
	}
	var out []Utterance
	for _, l := range lines {
		out = append(out, Utterance{l.Lang, l.Text, ID(l.ID)})
	}
	return out
}

// TestBars holds the shipped model to the product's bars on lines that it has
// not learnt from and that no threshold was chosen on.
func TestBars(t *testing.T) {
	ev := newRecogniser(t).Evaluate(utterances(t, "test"))
	for name, s := range map[string]Score{"all": ev.Score, "fr": ev.ByLang["fr"], "en": ev.ByLang["en"]} {
		if s.Top1 < 0.85 || s.Top3 < 0.95 || s.WrongStart > 0.04 || s.Missed > 0 || s.FalseAlarm > 0.05 {
			t.Errorf("%s is below the bars: %+v", name, s)
		}
	}
	if d := math.Abs(ev.ByLang["fr"].Top1 - ev.ByLang["en"].Top1); d > 0.06 {
		t.Errorf("French and English are %.3f apart", d)
	}
	if ev.Started < 0.6 {
		t.Errorf("only %.2f of the lines are answered without a question: thresholds ask too much", ev.Started)
	}
}

func TestEverySubjectIsInTheModelAndBack(t *testing.T) {
	r := newRecogniser(t)
	if len(r.model.Classes) != len(Subjects())+1 {
		t.Errorf("the model has %d classes, the table %d subjects", len(r.model.Classes), len(Subjects()))
	}
}

func TestRecogniseProbabilitiesSumToOne(t *testing.T) {
	r := newRecogniser(t)
	for _, s := range []string{"notre site est mort", "merci", "zzzz qqqq", "🤖"} {
		res := r.Recognise(s)
		sum := res.None
		for i, g := range res.Ranked {
			sum += g.P
			if i > 0 && g.P > res.Ranked[i-1].P {
				t.Errorf("%q: not ranked", s)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%q: probabilities sum to %v", s, sum)
		}
	}
}

func TestRecogniseSaysLanguage(t *testing.T) {
	r := newRecogniser(t)
	for s, want := range map[string]string{"bjr notre site repon plus": "fr", "our website is down": "en", "": ""} {
		if got := r.Recognise(s).Lang; got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestCourtesies(t *testing.T) {
	r := newRecogniser(t)
	for s, want := range map[string]Courtesy{
		"bonjour": Hello, "Bonjour à tous !": Hello, "merci beaucoup": Thanks, "thank you so much": Thanks,
		"bonjour vigie, merci": Thanks, "t'es nul": Insult, "stupid bot": Insult, "au revoir": Bye, "à demain": Bye,
		"bonjour notre site est mort": "", "merci de regarder le site": "", "": "",
	} {
		if got := r.Recognise(s).Courtesy; got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestExplainNamesTheTellingWords(t *testing.T) {
	r := newRecogniser(t)
	var names []string
	for _, y := range r.Explain("notre certificat a expiré", "certificate", 6) {
		names = append(names, y.Feature)
	}
	if !strings.Contains(strings.Join(names, " "), "certif") {
		t.Errorf("the word that tells is not among %v", names)
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	r := newRecogniser(t)
	start := time.Now()
	for _, s := range []string{strings.Repeat("a", 1<<20), strings.Repeat("site ", 1<<18), strings.Repeat("@", 1<<20), "\xff\xfe\x00", strings.Repeat("1.", 1<<18)} {
		r.Decide(r.Recognise(s), Context{Addressed: true})
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("five hostile texts take %v", d)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := newRecogniser(t)
	want := r.Recognise("mes mails ne partent plus").Ranked[0]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := r.Recognise("mes mails ne partent plus").Ranked[0]; got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	wg.Wait()
}

func TestNewRefusesThresholds(t *testing.T) {
	for _, o := range []Options{{Start: 1.2}, {Margin: -0.1}, {Ambient: math.NaN()}, {AmbientNone: 7}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

func BenchmarkRecognise(b *testing.B) {
	r := newRecogniser(b)
	const line = "bonjour, depuis ce matin les adhérents nous disent que leurs messages à contact@asso.example reviennent avec une erreur 550, pourtant la boîte n'est pas pleine, une idée ?"
	for b.Loop() {
		r.Decide(r.Recognise(line), Context{Addressed: true})
	}
}
