package store

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The index of tickets is rows of bucket "ticket-index", written in the same commit as
// the tickets: for each block of 8192 numbers and each term the set of the tickets of
// that block that have the term, in at most a kilobyte. A term is "w:" and a word of
// what was said, or the name of a field and its value. Blocks come first in the key:
// what is new stands together, and a ticket can be taken out of its block's rows
// without knowing what it said.
const (
	ticketIndex = "ticket-index"
	blockSize   = 8192
	// A text gives at most textWords words to the index, of at most wordRunes letters.
	textWords = 64
	wordRunes = 24
)

// numberSet is the tickets of one block.
type numberSet [blockSize / 64]uint64

func (s *numberSet) set(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *numberSet) clear(i int)    { s[i/64] &^= 1 << (i % 64) }
func (s *numberSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s *numberSet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s *numberSet) and(o numberSet) {
	for i := range s {
		s[i] &= o[i]
	}
}

func (s *numberSet) andNot(o numberSet) {
	for i := range s {
		s[i] &^= o[i]
	}
}

func (s *numberSet) or(o numberSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// pack writes few numbers as a list of two bytes each, many as a bitmap, none as nil.
func (s *numberSet) pack() []byte {
	n := s.count()
	if n == 0 {
		return nil
	}
	var out []byte
	if n >= blockSize/16 {
		for _, w := range s {
			out = binary.LittleEndian.AppendUint64(out, w)
		}
		return out
	}
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = binary.LittleEndian.AppendUint16(out, uint16(i*64+bits.TrailingZeros64(w)))
		}
	}
	return out
}

func unpack(raw []byte) (numberSet, error) {
	var s numberSet
	switch {
	case len(raw) == blockSize/8:
		for i := range s {
			s[i] = binary.LittleEndian.Uint64(raw[i*8:])
		}
	case len(raw)%2 == 0 && len(raw) < blockSize/8:
		for ; len(raw) > 0; raw = raw[2:] {
			i := int(binary.LittleEndian.Uint16(raw))
			if i >= blockSize {
				return s, fmt.Errorf("an index row names ticket %d of a block", i)
			}
			s.set(i)
		}
	default:
		return s, fmt.Errorf("an index row of %d bytes", len(raw))
	}
	return s, nil
}

func blockPrefix(block int) string { return fmt.Sprintf("%06d/", block) }

func (tx *Tx) numbersWith(block int, term string) numberSet {
	s, err := unpack(tx.raw(ticketIndex, blockPrefix(block)+term))
	tx.fail(err)
	return s
}

// mark puts a ticket in a term's set, or takes it out.
func (tx *Tx) mark(n int, term string, in bool) {
	s := tx.numbersWith(n/blockSize, term)
	if s.has(n%blockSize) == in {
		return
	}
	if in {
		s.set(n % blockSize)
	} else {
		s.clear(n % blockSize)
	}
	tx.writes.set(ticketIndex, blockPrefix(n/blockSize)+term, s.pack())
}

// indexTicket follows a ticket from one state to the next, and what was said.
func (tx *Tx) indexTicket(before, after Ticket, said ...string) {
	old, now := before.terms(), after.terms()
	for _, term := range old {
		if !slices.Contains(now, term) {
			tx.mark(after.N, term, false)
		}
	}
	for _, term := range now {
		if !slices.Contains(old, term) {
			tx.mark(after.N, term, true)
		}
	}
	for _, text := range said {
		for _, w := range Words(text) {
			tx.mark(after.N, "w:"+w, true)
		}
	}
}

// ReindexTicket drops all rows of a ticket from the index and makes them anew from
// what the ticket and its events hold now: after they were rewritten in any other way
// than by acts. A ticket that is not there any more is dropped alone.
func (tx *Tx) ReindexTicket(n int) {
	tx.scan(ticketIndex, blockPrefix(n/blockSize), "", func(key string, raw []byte) bool {
		s, err := unpack(raw)
		tx.fail(err)
		if s.has(n % blockSize) {
			s.clear(n % blockSize)
			tx.writes.set(ticketIndex, key, s.pack())
		}
		return tx.err == nil
	})
	t, ok := tx.Ticket(n)
	if !ok {
		return
	}
	tx.indexTicket(Ticket{N: n}, t, saidIn(t, tx.TicketEvents(n))...)
}

// reindex follows a ticket where words may have gone too.
func (tx *Tx) reindex(before, after Ticket, was, events []TicketEvent) {
	now := map[string]bool{}
	for _, text := range saidIn(after, events) {
		for _, w := range Words(text) {
			now[w] = true
		}
	}
	for _, text := range saidIn(before, was) {
		for _, w := range Words(text) {
			if !now[w] {
				tx.mark(after.N, "w:"+w, false)
			}
		}
	}
	tx.indexTicket(before, after, saidIn(after, events)...)
}

// saidIn are the words of a ticket as they read now.
func saidIn(t Ticket, events []TicketEvent) []string {
	said := []string{t.Subject}
	for _, e := range AsAmended(events) {
		said = append(said, e.said()...)
	}
	return said
}

// indexVersion grows when terms change their meaning: the index is then made anew.
const indexVersion = 2

// EnsureTicketIndex makes the index of a store that has none, or an older one. It
// costs one look otherwise.
func (tx *Tx) EnsureTicketIndex() {
	if v, _ := find[int](tx, "meta", ticketIndex); v == indexVersion {
		return
	}
	tx.scan(ticketIndex, "", "", func(key string, _ []byte) bool { tx.del(ticketIndex, key); return true })
	for _, t := range tx.Tickets(0) {
		tx.indexTicket(Ticket{N: t.N}, t, saidIn(t, tx.TicketEvents(t.N))...)
	}
	tx.put("meta", ticketIndex, indexVersion)
}

// said is what an event adds to the words of its ticket.
func (e TicketEvent) said() []string {
	switch e.Act {
	case ActOpen, ActSay, ActReply, ActNote, ActSolve, ActReject, ActClose, ActWait, ActThank:
	default:
		return nil
	}
	said := []string{e.Text}
	if e.Opening != nil {
		said = append(said, e.Opening.Site) // the subject is the ticket's, and may change
	}
	for _, f := range e.Files {
		said = append(said, f.Name)
	}
	return said
}

// terms are the fields of a ticket as the index knows them.
func (t *Ticket) terms() []string {
	if t.State == "" {
		return nil
	}
	out := []string{"state:" + string(t.State), "kind:" + string(t.Kind)}
	add := func(field, value string) {
		if value = termValue(value); value != "" {
			out = append(out, field+":"+value)
		}
	}
	add("service", t.Service)
	add("site", t.Site)
	add("association", t.Association)
	add("priority", t.Priority)
	for _, tag := range t.Tags {
		add("tag", tag)
	}
	for _, a := range t.Askers() {
		add("by", a.Person)
	}
	for _, w := range t.Watchers {
		add("watch", w)
	}
	for _, n := range t.Depends {
		out = append(out, "depends:"+strconv.Itoa(n))
	}
	for field, n := range map[string]int{"parent": t.Parent, "duplicate": t.Duplicate, "incident": t.Incident, "split": t.SplitFrom, "merged": t.MergedTo} {
		if n != 0 {
			out = append(out, field+":"+strconv.Itoa(n))
		}
	}
	if t.Active() {
		out = append(out, "active:yes")
	}
	if t.Owner == "" {
		out = append(out, "owner:none")
	} else {
		add("owner", t.Owner)
	}
	if !t.Unanswered.IsZero() {
		out = append(out, "waits:yes")
	}
	return out
}

// termValue makes a value fit to be part of a key, and comparable.
func termValue(s string) string {
	r := []rune(strings.TrimSpace(Fold(s)))
	return string(r[:min(len(r), 80)])
}

// Term is a field and a value as TicketQuery names them.
func Term(field, value string) string { return field + ":" + termValue(value) }

// Words are the words of a text that the index knows it by: letters and digits,
// folded, each once.
func Words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		r := []rune(w)
		if w = string(r[:min(len(r), wordRunes)]); len(r) < 2 || slices.Contains(out, w) {
			continue
		}
		if out = append(out, w); len(out) == textWords {
			break
		}
	}
	return out
}
