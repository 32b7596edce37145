package commands

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/store"
)

// taughtMind is what is understood with the answers that were taught, and of which
// of their versions it was made. The loop alone uses it.
type taughtMind struct {
	base Understanding
	sum  uint64
	know Understanding
}

// taughtMark begins the id of a taught answer among those of the FAQ.
const taughtMark = "+"

// mindOf is the search over the FAQ and all that was taught. It is made anew when
// something taught has changed.
func (t *Table) mindOf(tx *store.Tx) Understanding {
	all := tx.TaughtAll()
	if len(all) == 0 {
		return t.know
	}
	h := fnv.New64a()
	_ = json.NewEncoder(h).Encode(all) // a hash takes all; plain fields always encode
	if t.taught.know == nil || t.taught.base != t.know || t.taught.sum != h.Sum64() {
		var list []Entry
		for _, e := range all {
			list = append(list, Entry{ID: taughtMark + e.Room + "|" + e.Word, Lang: e.Lang, Title: e.Word, Keywords: e.Aliases, Text: e.Text})
		}
		t.taught = taughtMind{base: t.know, sum: h.Sum64(), know: t.know.With(list)}
	}
	return t.taught.know
}

// behind is the taught answer that an entry of the search stands for.
func behind(tx *store.Tx, e Entry) (store.Taught, bool) {
	rest, ok := strings.CutPrefix(e.ID, taughtMark)
	if !ok {
		return store.Taught{}, false
	}
	room, word, _ := strings.Cut(rest, "|")
	return tx.Taught(store.TaughtKey(e.Lang, room, word))
}

// hears tells whether a taught answer may be said to the speaker, here: it holds,
// belongs to this room or to any, and is no draft. Staff among themselves see all.
func (c *Call) hears(e store.Taught) bool {
	if c.InStaffRoom() || c.Private() && c.Has(Adminsys) {
		return e.Expires.After(c.Now)
	}
	return e.Live(c.Now) && (e.Room == "" || e.Room == c.RoomName)
}

// exact finds the taught answer that is called just so, the one for this room and
// in the speaker's language first.
func (c *Call) exact(text string) (store.Taught, bool) {
	word := taughtWord(text)
	var best store.Taught
	bestAt := 0
	for _, e := range c.Tx.TaughtAll() {
		if word == "" || !c.hears(e) || e.Word != word && !slices.Contains(e.Aliases, word) {
			continue
		}
		at := 1
		if e.Room != "" && e.Room == c.RoomName {
			at += 4
		}
		if e.Lang == c.Lang() {
			at += 2
		}
		if at > bestAt {
			best, bestAt = e, at
		}
	}
	return best, bestAt > 0
}

// search finds entries of the FAQ and taught answers that may be said here, the best first.
func (c *Call) search(text string, most int) []Entry {
	var out []Entry
	if e, ok := c.exact(text); ok {
		out = append(out, c.taughtEntry(e))
	}
	for _, hit := range c.Table.mindOf(c.Tx).FAQ(c.Lang(), text, most+8) {
		if strings.HasPrefix(hit.ID, taughtMark) {
			e, ok := behind(c.Tx, hit)
			if !ok || !c.hears(e) {
				continue
			}
			hit = c.taughtEntry(e)
		}
		if !slices.ContainsFunc(out, func(o Entry) bool { return o.ID == hit.ID }) {
			out = append(out, hit)
		}
	}
	return out[:min(most, len(out))]
}

// taughtEntry is a taught answer as an entry: it says since when it is known, and
// whether a second person has read it. Only staff read who wrote it.
func (c *Call) taughtEntry(e store.Taught) Entry {
	mark := "teach.mark"
	if e.Reviewed.IsZero() {
		mark = "teach.mark_unreviewed"
	}
	args := words.Args{"Date": c.Table.day(e.At), "Name": ""}
	if c.InStaffRoom() {
		args["Name"] = c.W("teach.mark_by", words.Args{"Name": c.nameOf(e.By)})
	}
	return Entry{ID: taughtMark + e.Room + "|" + e.Word, Lang: e.Lang, Title: e.Word, Text: cleanLines(e.Text) + " " + c.W(mark, args)}
}

// askedByWord answers "!mot?" when mot was taught, and tells whether it did. What
// is no such word stays somebody else's "!foo".
func (t *Table) askedByWord(c *Call, l line) bool {
	if !l.prefixed || !strings.HasSuffix(l.text, "?") {
		return false
	}
	c.lang = c.wordLang()
	e, ok := c.exact(l.text)
	if !ok {
		c.lang = ""
		return false
	}
	if !t.forBot(l) && t.flooded(c, []line{l}) {
		return true
	}
	c.give(c.taughtEntry(e), nil, l.text)
	return true
}

// wordLang is the language for a word alone, which tells nothing itself.
func (c *Call) wordLang() string {
	switch {
	case c.person != nil && c.person.Lang != "":
		return c.person.Lang
	case c.Room.Language != "":
		return c.Room.Language
	case c.person != nil && c.person.Heard != "":
		return c.person.Heard
	}
	return c.Table.cfg.Language
}

// maxPlain is how many words a plain question may have for a taught answer to be
// what it is about.
const maxPlain = 14

// fromTaught answers a plain question with what was taught and reviewed, when the
// question names it, and tells whether it did. A sure diagnosis goes before a name of
// one word: "mail" stands in every question about mail.
func (t *Table) fromTaught(c *Call, text string, d Decision) bool {
	if d.Kind == Polite || c.unasked && !d.Asks || len(strings.Fields(text)) > maxPlain {
		return false
	}
	least := 1
	if d.Kind == Sure {
		least = 2
	}
	e, ok := c.nameIn(text, least)
	if ok {
		c.give(c.taughtEntry(e), nil, text)
	}
	return ok
}

// nameIn finds the reviewed answer with the longest name, of at least so many
// words, that stands in a text.
func (c *Call) nameIn(text string, least int) (store.Taught, bool) {
	asked := " " + asWords(text) + " "
	var best store.Taught
	long := 0
	for _, e := range c.Tx.TaughtAll() {
		if !e.Unprompted(c.Now) || !c.hears(e) {
			continue
		}
		for _, w := range append([]string{e.Word}, e.Aliases...) {
			w = asWords(w)
			fits := len(w) >= 3 && strings.Count(w, " ")+1 >= least && strings.Contains(asked, " "+w+" ")
			if fits && (len(w) > long || len(w) == long && e.Lang == c.Lang()) {
				best, long = e, len(w)
			}
		}
	}
	return best, long > 0
}

// asWords is a text as folded words with single spaces between.
func asWords(s string) string {
	return strings.Join(strings.FieldsFunc(Fold(s), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	}), " ")
}
