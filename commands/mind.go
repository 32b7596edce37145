package commands

import (
	"io/fs"

	"vigie/commands/answer"
)

// Mind is the Understanding of the running bot: the recogniser and the FAQ.
type Mind struct {
	recogniser *answer.Recogniser
	faq        *answer.FAQ
}

// NewMind reads the FAQ from layers of content, the shipped one first. o holds
// the thresholds; zero means the defaults.
func NewMind(host map[string]string, o answer.Options, layers ...fs.FS) (*Mind, []error) {
	r, err := answer.New(o)
	if err != nil {
		return nil, []error{err}
	}
	faq, errs := answer.LoadFAQ(host, layers...)
	if len(errs) > 0 {
		return nil, errs
	}
	return &Mind{r, faq}, nil
}

// Lang implements Understanding.
func (m *Mind) Lang(text string) string { return m.recogniser.Recognise(text).Lang }

// Decide implements Understanding.
func (m *Mind) Decide(text string, addressed, public bool) Decision {
	res := m.recogniser.Recognise(text)
	d := m.recogniser.Decide(res, answer.Context{Addressed: addressed, Public: public})
	out := Decision{Courtesy: string(res.Courtesy), Asks: !res.ForPeople && res.Courtesy == ""}
	for _, id := range d.IDs {
		out.IDs = append(out.IDs, string(id))
	}
	out.Kind = map[answer.Kind]DecisionKind{answer.Start: Sure, answer.Offer: Unsure, answer.Unsure: Unsure,
		answer.Polite: Polite, answer.Silent: Silent}[d.Kind]
	return out
}

// FAQ implements Understanding.
func (m *Mind) FAQ(lang, text string, most int) []Entry { return entries(m.faq.Find(lang, text, most)) }

// Theme implements Understanding.
func (m *Mind) Theme(lang, id, text string, most int) []Entry {
	return entries(m.faq.ByTheme(lang, answer.ID(id), text, most))
}

// With implements Understanding.
func (m *Mind) With(taught []Entry) Understanding {
	more := make([]answer.Entry, 0, len(taught))
	for _, e := range taught {
		more = append(more, answer.Entry{ID: e.ID, Lang: e.Lang, Title: e.Title, Theme: answer.ID(e.Theme), Keywords: e.Keywords, Body: e.Text})
	}
	return &Mind{m.recogniser, m.faq.With(more)}
}

func entries(hits []answer.Hit) []Entry {
	out := make([]Entry, 0, len(hits))
	for _, h := range hits {
		out = append(out, Entry{ID: h.Entry.ID, Lang: h.Entry.Lang, Title: h.Entry.Title, Theme: string(h.Entry.Theme), Text: h.Entry.Body})
	}
	return out
}
