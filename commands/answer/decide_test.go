package answer

import (
	"slices"
	"testing"
)

// result makes a Result by hand: none, then pairs of id and probability.
func result(none float64, ranked ...Guess) Result { return Result{None: none, Ranked: ranked} }

func TestDecideAddressed(t *testing.T) {
	r := newRecogniser(t)
	for _, c := range []struct {
		name string
		res  Result
		kind Kind
		ids  []ID
	}{
		{"sure", result(0.05, Guess{"site_down", 0.90}, Guess{"site_slow", 0.05}), Start, []ID{"site_down"}},
		{"sure of what, though perhaps idle", result(0.45, Guess{"site_down", 0.50}, Guess{"site_slow", 0.05}), Start, []ID{"site_down"}},
		{"sure enough", result(0, Guess{"mail_send", 0.75}, Guess{"mail_receive", 0.25}), Start, []ID{"mail_send"}},
		{"two likely", result(0, Guess{"mail_send", 0.60}, Guess{"mail_receive", 0.35}, Guess{"ftp", 0.05}), Offer, []ID{"mail_send", "mail_receive"}},
		{"three likely", result(0, Guess{"mail_send", 0.4}, Guess{"mail_receive", 0.3}, Guess{"ftp", 0.3}), Offer, []ID{"mail_send", "mail_receive", "ftp"}},
		{"human is offered anyway", result(0, Guess{Human, 0.4}, Guess{"ftp", 0.3}, Guess{"vps", 0.2}, Guess{"voip", 0.1}), Offer, []ID{"ftp", "vps", "voip"}},
		{"likely nothing", result(0.8, Guess{"ftp", 0.1}, Guess{"vps", 0.1}), Unsure, []ID{"ftp", "vps"}},
	} {
		got := r.Decide(c.res, Context{Addressed: true, Public: true})
		if got.Kind != c.kind || !slices.Equal(got.IDs, c.ids) {
			t.Errorf("%s: got %+v, want %s %v", c.name, got, c.kind, c.ids)
		}
	}
}

// Whoever speaks to the bot gets something to take up, whatever they say.
func TestDecideNeverLeavesAnAddressedPersonAlone(t *testing.T) {
	r := newRecogniser(t)
	for _, s := range []string{"", "?", "zzz", "…", "🤖", "il pleut", "asdf qwer", "42", "le chat est sur la table"} {
		for _, ctx := range []Context{{Addressed: true, Public: true}, {Addressed: true}, {}} {
			d := r.Decide(r.Recognise(s), ctx)
			if d.Kind == Silent || d.Kind != Polite && len(d.IDs) == 0 {
				t.Errorf("%q %+v: %+v", s, ctx, d)
			}
		}
	}
}

func TestDecideAmbient(t *testing.T) {
	r := newRecogniser(t)
	sure := result(0.01, Guess{"site_down", 0.95}, Guess{"site_slow", 0.04})
	change := func(f func(*Result)) Result {
		c := sure
		c.Ranked = slices.Clone(sure.Ranked)
		f(&c)
		return c
	}
	for name, c := range map[string]struct {
		res  Result
		kind Kind
	}{
		"sure":           {sure, Start},
		"perhaps idle":   {change(func(r *Result) { r.None = 0.06 }), Silent},
		"not so sure":    {change(func(r *Result) { r.Ranked[0].P = 0.7 }), Silent},
		"for people":     {change(func(r *Result) { r.ForPeople = true }), Silent},
		"a courtesy":     {change(func(r *Result) { r.Courtesy = Thanks }), Silent},
		"calls a person": {change(func(r *Result) { r.Ranked[0].ID = Human }), Silent},
		"nothing":        {Result{None: 1}, Silent},
	} {
		if got := r.Decide(c.res, Context{Public: true}); got.Kind != c.kind {
			t.Errorf("%s: got %s, want %s", name, got.Kind, c.kind)
		}
	}
}

func TestForPeople(t *testing.T) {
	r := newRecogniser(t)
	for s, want := range map[string]bool{
		"site piraté": true, "paul: notre site ne marche plus": true, "le certificat wildcard est renouvelé": true,
		"ah le site remarche, merci": true, "notre site ne s'ouvre plus depuis ce matin": false,
	} {
		if got := r.Recognise(s).ForPeople; got != want {
			t.Errorf("%q: ForPeople is %v", s, got)
		}
	}
}

func TestOptionsMoveTheThresholds(t *testing.T) {
	bold, err := New(Options{Start: 0.3, Margin: 0.01, Ambient: 0.3, AmbientNone: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	res := result(0.3, Guess{"ftp", 0.4}, Guess{"vps", 0.3})
	if got := bold.Decide(res, Context{Addressed: true}).Kind; got != Start {
		t.Errorf("bold and addressed: %s", got)
	}
	if got := bold.Decide(res, Context{Public: true}).Kind; got != Start {
		t.Errorf("bold and ambient: %s", got)
	}
	if got := newRecogniser(t).Decide(res, Context{Addressed: true}).Kind; got != Offer {
		t.Errorf("by default: %s", got)
	}
}

func TestSubjectOf(t *testing.T) {
	if s, ok := SubjectOf("mail_send"); !ok || s.Runbook != "mail-send" {
		t.Errorf("got %+v %v", s, ok)
	}
	if _, ok := SubjectOf(None); ok {
		t.Error("none is a subject")
	}
	runbooks := 0
	for _, s := range Subjects() {
		if s.Runbook != "" {
			runbooks++
		}
	}
	if runbooks != 18 || len(Subjects()) != 25 {
		t.Errorf("%d runbooks, %d subjects; want 18 and 25", runbooks, len(Subjects()))
	}
}
