package answer

import (
	"maps"
	"slices"
)

// With is the FAQ with more entries, found by the same search. One that stands in
// a single language is shown to readers of the other too. The FAQ itself does not
// change: both may be read at the same time.
func (f *FAQ) With(more []Entry) *FAQ {
	out := &FAQ{text: f.text, entries: map[string][]*indexed{}, docs: map[string]map[string]int{}}
	for _, lang := range languages {
		out.entries[lang] = slices.Clone(f.entries[lang])
		out.docs[lang] = maps.Clone(f.docs[lang])
	}
	for _, e := range more {
		name := e.ID
		e.ID = "" // it is no word that somebody would search
		x := f.index(e)
		x.ID = name
		for _, lang := range languages {
			if f.language(e.Lang) != lang && slices.ContainsFunc(more, func(o Entry) bool { return o.ID == name && f.language(o.Lang) == lang }) {
				continue
			}
			out.entries[lang] = append(out.entries[lang], x)
			for t := range x.terms {
				out.docs[lang][t]++
			}
		}
	}
	return out
}
