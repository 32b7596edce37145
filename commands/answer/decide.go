package answer

import "fmt"

// Options are the thresholds of Decide, all probabilities from 0 to 1. Zero
// means the default, which was chosen on the dev part of the corpus.
type Options struct {
	// Start is how sure it must be, among the things one can want, to begin
	// without asking.
	Start float64 `yaml:"start" json:"start"`
	// Margin is how far the second guess must be behind.
	Margin float64 `yaml:"margin" json:"margin"`
	// Ambient is how sure it must be to answer a line not addressed to it, and
	// AmbientNone how unlikely it must be that nothing was wanted.
	Ambient     float64 `yaml:"ambient" json:"ambient"`
	AmbientNone float64 `yaml:"ambient_none" json:"ambient_none"`
}

// Defaults are the thresholds used where Options says nothing.
func Defaults() Options {
	return Options{Start: 0.70, Margin: 0.40, Ambient: 0.80, AmbientNone: 0.05}
}

func (o Options) complete() (Options, error) {
	d := Defaults()
	for _, f := range []struct {
		name  string
		value *float64
		dflt  float64
	}{
		{"start", &o.Start, d.Start}, {"margin", &o.Margin, d.Margin},
		{"ambient", &o.Ambient, d.Ambient}, {"ambient_none", &o.AmbientNone, d.AmbientNone},
	} {
		if *f.value == 0 {
			*f.value = f.dflt
		}
		if !(*f.value > 0 && *f.value <= 1) {
			return o, fmt.Errorf("recogniser: %s is %v, and must be more than 0 and at most 1", f.name, *f.value)
		}
	}
	return o, nil
}

// Context is how a sentence was said.
type Context struct {
	// Addressed: it names the bot, or is said in private.
	Addressed bool
	// Public: other people read the answer.
	Public bool
}

// Kind is what to do about a sentence.
type Kind string

// The kinds of decision.
const (
	// Start: sure. Begin IDs[0]'s runbook, or give its answer.
	Start Kind = "start"
	// Offer: it may be several things. Offer IDs, and a human.
	Offer Kind = "offer"
	// Unsure: perhaps nothing we know. Say so, offer IDs all the same, and a human.
	Unsure Kind = "unsure"
	// Polite: only a courtesy; answer it (Result.Courtesy says which).
	Polite Kind = "polite"
	// Silent: say nothing.
	Silent Kind = "silent"
)

// Decision is what to do; IDs are the subjects it is about, likeliest first.
// Start has one; Offer and Unsure have two or three that never include Human,
// because a human is always offered beside them.
type Decision struct {
	Kind Kind `json:"kind"`
	IDs  []ID `json:"ids,omitempty"`
}

// minAmbientWords is how long a line must be to be answered unprompted: one or
// two words thrown into a room are part of a talk among people.
const minAmbientWords = 3

// Decide says what to do about a sentence. Not addressed in public, it is Silent
// unless surely a question for us; addressed, it always ends in something the
// person can take up.
func (r *Recogniser) Decide(res Result, ctx Context) Decision {
	if ctx.Public && !ctx.Addressed {
		return r.ambient(res)
	}
	if res.Courtesy != "" {
		return Decision{Kind: Polite}
	}
	if len(res.Ranked) == 0 {
		return Decision{Kind: Unsure, IDs: []ID{"site_down", "mail_send", Status}}
	}
	wanted := 1 - res.None
	first, second := res.Ranked[0].P/wanted, res.Ranked[1].P/wanted
	switch {
	case res.None > 0.5:
		return Decision{Unsure, nearest(res, 2)}
	case first >= r.opt.Start && first-second >= r.opt.Margin:
		return Decision{Start, []ID{res.Ranked[0].ID}}
	case first+second >= 0.9:
		return Decision{Offer, nearest(res, 2)}
	}
	return Decision{Offer, nearest(res, 3)}
}

func (r *Recogniser) ambient(res Result) Decision {
	switch {
	case res.Courtesy != "", res.ForPeople, len(res.Ranked) == 0,
		res.None > r.opt.AmbientNone,
		res.Ranked[0].P < r.opt.Ambient,
		res.Ranked[0].ID == Human: // "quelqu'un ?" in a room is a call to its people
		return Decision{Kind: Silent}
	}
	return Decision{Start, []ID{res.Ranked[0].ID}}
}

// nearest are the n likeliest ids but Human.
func nearest(res Result, n int) []ID {
	var ids []ID
	for _, g := range res.Ranked {
		if g.ID != Human && len(ids) < n {
			ids = append(ids, g.ID)
		}
	}
	return ids
}
