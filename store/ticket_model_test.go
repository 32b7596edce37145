package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

var long = flag.Bool("long", false, "run the model of tickets for 100,000 steps")

// model is what a ticket is, written down a second time and otherwise: the state by
// the table of whatFollows, everything else by lists of what happened that still counts.
type model struct {
	state   map[int]string
	log     map[int][]TicketEvent // as it counts: what was undone is not there
	into    map[int]int
	follows map[string]map[string]string // act → state → next
}

func newModel() *model {
	m := &model{state: map[int]string{}, log: map[int][]TicketEvent{}, into: map[int]int{}, follows: map[string]map[string]string{}}
	rows := strings.Split(strings.TrimSpace(whatFollows), "\n")
	columns := strings.Fields(rows[0])
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		m.follows[cells[0]] = map[string]string{}
		for i, c := range columns {
			m.follows[cells[0]][c] = cells[i+1]
		}
	}
	return m
}

// after is the state that an act leads to, and whether it is allowed.
func (m *model) after(state string, e TicketEvent) (string, bool) {
	next := m.follows[string(e.Act)][state]
	switch {
	case next == "-":
		return state, false
	case e.Act == ActWait && e.To == "":
		return "wmember", true
	case next == ".":
		return state, true
	}
	return next, true
}

func (m *model) current(n int) int {
	for m.state[n] == "merged" {
		n = m.into[n]
	}
	return n
}

// over tells whether nobody waits for a ticket any more, as far as dependants are concerned.
func (m *model) over(n int) bool {
	return slices.Contains([]string{"solved", "closed", "rejected", "spam", "merged"}, m.state[m.current(n)])
}

// last is the last event of some acts, by what still counts.
func (m *model) last(n int, acts ...TicketAct) (TicketEvent, bool) {
	for _, e := range slices.Backward(m.log[n]) {
		if slices.Contains(acts, e.Act) {
			return e, true
		}
	}
	return TicketEvent{}, false
}

func (m *model) owner(n int) string {
	e, _ := m.last(n, ActTake, ActAssign, ActRelease)
	return map[TicketAct]string{ActTake: e.By, ActAssign: e.To}[e.Act]
}

// members is a list to which one act adds and another takes away.
func (m *model) members(n int, in, out TicketAct, of func(TicketEvent) string) []string {
	set := map[string]bool{}
	for _, e := range m.log[n] {
		switch e.Act {
		case in:
			set[of(e)] = true
		case out:
			delete(set, of(e))
		case ActAbsorb:
			from := e.Absorbed.Watchers
			if in == ActTag {
				from = e.Absorbed.Tags
			}
			for _, x := range from {
				set[x] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// unanswered is the oldest word of a member since staff spoke or ended it.
func (m *model) unanswered(n int) time.Time {
	var at time.Time
	for _, e := range m.log[n] {
		switch e.Act {
		case ActOpen, ActSay:
			if at.IsZero() {
				at = e.At
			}
		case ActReopen:
			at = e.At
		case ActReply, ActSolve, ActClose, ActReject, ActSpam, ActMerge:
			at = time.Time{}
		case ActAbsorb:
			if u := e.Absorbed.Unanswered; !u.IsZero() && (at.IsZero() || u.Before(at)) {
				at = u
			}
		}
	}
	return at
}

// check holds every ticket of the store against the model.
func (m *model) check(tx *Tx) error {
	long := map[string]string{"wmember": "waiting_member", "wother": "waiting_other"}
	for n, state := range m.state {
		t, _ := tx.Ticket(n)
		if l := long[state]; l != "" {
			state = l
		}
		tags, watchers := slices.Sorted(slices.Values(t.Tags)), slices.Sorted(slices.Values(t.Watchers))
		switch {
		case string(t.State) != state:
			return fmt.Errorf("#%d is %s, the model says %s", n, t.State, state)
		case t.Owner != m.owner(n):
			return fmt.Errorf("#%d is %q's, the model says %q", n, t.Owner, m.owner(n))
		case !t.Unanswered.Equal(m.unanswered(n)):
			return fmt.Errorf("#%d waits since %s, the model says %s", n, t.Unanswered, m.unanswered(n))
		case !slices.Equal(tags, m.members(n, ActTag, ActUntag, func(e TicketEvent) string { return e.Text })):
			return fmt.Errorf("#%d has tags %v", n, tags)
		case !slices.Equal(watchers, m.members(n, ActWatch, ActUnwatch, func(e TicketEvent) string { return e.To })):
			return fmt.Errorf("#%d has watchers %v", n, watchers)
		}
		if e, ok := m.last(n, ActPriority); ok && t.Priority != e.Text {
			return fmt.Errorf("#%d has priority %q", n, t.Priority)
		}
	}
	return nil
}

// play is one run: a store and a model, driven by the same acts.
type play struct {
	*rapid.T
	store *Store
	model *model
	now   time.Time
	ops   []TicketOp
}

func (p *play) do(fn func(*Tx) error) {
	p.now = p.now.Add(time.Second)
	if err := p.store.Update(context.Background(), p.now, fn); err != nil {
		p.Fatal(err)
	}
}

func (p *play) pick(name string) int { return rapid.IntRange(1, len(p.model.state)).Draw(p.T, name) }

// act applies a random act to a random ticket, in the store and in the model, which must
// agree on whether it is allowed.
func (p *play) act() {
	n := p.pick("n")
	one := []TicketAct{ActSay, ActReply, ActNote, ActTake, ActRelease, ActAssign, ActWait, ActWake, ActSolve, ActClose, ActReopen, ActReject, ActSpam, ActPriority,
		ActTag, ActUntag, ActThank, ActWatch, ActUnwatch, ActKind}
	e := TicketEvent{Act: rapid.SampledFrom(one).Draw(p.T, "act"), By: rapid.SampledFrom([]string{"p1", "p2"}).Draw(p.T, "by"),
		To: rapid.SampledFrom([]string{"", "p3", "p4"}).Draw(p.T, "to"), Text: rapid.SampledFrom([]string{"low", "high", "certificat"}).Draw(p.T, "text")}
	p.do(func(tx *Tx) error {
		at := p.model.current(n)
		next, allowed := p.model.after(p.model.state[at], e)
		if t, _ := tx.Ticket(at); e.Act == ActSolve && slices.ContainsFunc(t.Depends, func(d int) bool { return !p.model.over(d) }) {
			allowed = false
		}
		t, err := tx.ActOnTicket(n, e)
		if (err == nil) != allowed {
			return fmt.Errorf("%s of #%d (%s): %v, the model says %v", e.Act, at, p.model.state[at], err, allowed)
		}
		if err != nil {
			return nil
		}
		e.At, e.Seq = tx.Now, t.Seq
		p.model.state[at] = next
		p.model.log[at] = append(p.model.log[at], e)
		p.ops = append(p.ops, TicketOp{Act: e.Act, Steps: []TicketStep{{t.N, t.Seq}}})
		return nil
	})
}

func (p *play) open() {
	p.do(func(tx *Tx) error {
		by := rapid.SampledFrom([]string{"p1", "p5", "p6"}).Draw(p.T, "who")
		t, err := tx.OpenTicket(Opening{Requester: by, Subject: "x", Origin: chat.Room{Network: "irc", ID: "#x"}}, TicketEvent{By: by, Text: "bonjour"})
		p.model.state[t.N] = "new"
		p.model.log[t.N] = []TicketEvent{{Act: ActOpen, At: tx.Now, Seq: 1}}
		return err
	})
}

func (p *play) merge() {
	a, b := p.pick("from"), p.pick("into")
	p.do(func(tx *Tx) error {
		from, into := p.model.current(a), p.model.current(b)
		_, one := p.model.after(p.model.state[from], TicketEvent{Act: ActMerge})
		_, two := p.model.after(p.model.state[into], TicketEvent{Act: ActAbsorb})
		was, _ := tx.Ticket(from)
		g := *tx // a refused merge must be taken back whole, as a turn does
		g.writes = overlay{}
		_, _, steps, err := g.MergeTickets(a, b, TicketEvent{By: "p1"})
		if (err == nil) != (one && two && from != into) {
			return fmt.Errorf("merge of #%d (%s) into #%d (%s): %v", from, p.model.state[from], into, p.model.state[into], err)
		}
		if err != nil {
			return nil
		}
		for bucket, m := range g.writes {
			for k, v := range m {
				tx.writes.set(bucket, k, v)
			}
		}
		p.model.state[from], p.model.into[from] = "merged", into
		p.model.log[from] = append(p.model.log[from], TicketEvent{Act: ActMerge, At: tx.Now, Seq: steps[0].Seq})
		p.model.log[into] = append(p.model.log[into], TicketEvent{Act: ActAbsorb, At: tx.Now, Seq: steps[1].Seq,
			Absorbed: &Absorbed{Watchers: was.Watchers, Tags: was.Tags, Unanswered: was.Unanswered}})
		p.ops = append(p.ops, TicketOp{Act: ActMerge, Steps: steps})
		return nil
	})
}

func (p *play) relate() {
	a, b := p.pick("a"), p.pick("b")
	p.do(func(tx *Tx) error {
		t, err := tx.RelateTickets(a, RelDepends, b, rapid.Bool().Draw(p.T, "end"), TicketEvent{By: "p1"})
		var te *TransitionError
		if errors.Is(err, ErrCycle) || errors.As(err, &te) {
			return nil
		}
		if err == nil {
			p.model.log[t.N] = append(p.model.log[t.N], TicketEvent{Act: ActRelate, At: tx.Now, Seq: t.Seq})
		}
		return err
	})
}

// undo takes back the last op, and the model forgets it; what was built on it meanwhile may
// refuse.
func (p *play) undo() {
	if len(p.ops) == 0 {
		return
	}
	op := p.ops[len(p.ops)-1]
	p.ops = p.ops[:len(p.ops)-1]
	p.do(func(tx *Tx) error {
		for _, s := range op.Steps {
			if _, err := tx.UndoOnTicket(s, TicketEvent{By: "p1"}); errors.Is(err, ErrTooLate) {
				return nil
			} else if err != nil {
				return err
			}
			p.model.log[s.N] = slices.DeleteFunc(p.model.log[s.N], func(e TicketEvent) bool { return e.Seq == s.Seq })
			state := "new"
			for _, e := range p.model.log[s.N][1:] {
				state, _ = p.model.after(state, e)
				if e.Act == ActMerge {
					state = "merged"
				}
			}
			p.model.state[s.N] = state
		}
		return nil
	})
}

// TestTicketsFollowTheModel drives tickets at random: 100,000 steps with -long, a tenth of
// that otherwise.
func TestTicketsFollowTheModel(t *testing.T) {
	runs, steps, done := 100, 100, 0
	if *long {
		runs = 1000
	}
	for done < runs*steps {
		rapid.Check(t, func(t *rapid.T) {
			p := &play{T: t, store: inMemory(t), model: newModel(), now: monday}
			p.open()
			for range steps {
				switch rapid.IntRange(0, 11).Draw(t, "what") {
				case 0:
					p.open()
				case 1:
					p.merge()
				case 2:
					p.relate()
				case 3:
					p.undo()
				default:
					p.act()
				}
				done++
			}
			if err := p.store.View(func(tx *Tx) error { return errors.Join(p.model.check(tx), soundIndex(tx)) }); err != nil {
				t.Fatal(err)
			}
			sameAsReplay(t, p.store)
		})
	}
}

// soundIndex holds the index against one that is made anew.
func soundIndex(tx *Tx) error {
	rows := func() map[string][]byte {
		out := map[string][]byte{}
		tx.scan(ticketIndex, "", "", func(k string, raw []byte) bool { out[k] = bytes.Clone(raw); return true })
		return out
	}
	was := rows()
	for _, t := range tx.Tickets(0) {
		tx.ReindexTicket(t.N)
	}
	if now := rows(); !maps.EqualFunc(was, now, bytes.Equal) {
		return fmt.Errorf("the index is\n%q\nand should be\n%q", was, now)
	}
	return tx.err
}

// TestUndoRestoresTheStateExactly does one thing to tickets with a past, undoes it, and
// compares everything but the log.
func TestUndoRestoresTheStateExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &play{T: t, store: inMemory(t), model: newModel(), now: monday}
		p.open()
		p.open()
		for range rapid.IntRange(0, 30).Draw(t, "past") {
			p.act()
		}
		before := everything(t, p.store)
		p.ops = nil
		if rapid.Bool().Draw(t, "merge") {
			p.merge()
		} else {
			p.act()
		}
		if len(p.ops) == 0 {
			return // it was refused
		}
		p.undo()
		if after := everything(t, p.store); after != before {
			t.Fatalf("%v, undone, leaves\n%s\nand not\n%s", p.model.log, after, before)
		}
	})
}

// everything is all that is kept of tickets, but their logs and the numbers of their events.
func everything(t *rapid.T, s *Store) string {
	var out strings.Builder
	if err := s.View(func(tx *Tx) error {
		for _, tk := range tx.Tickets(0) {
			tk.Seq = 0
			raw, _ := json.Marshal(tk)
			fmt.Fprintf(&out, "%s\n", raw)
		}
		for _, bucket := range []string{ticketIndex, "ticket-active", "ticket-of"} {
			tx.scan(bucket, "", "", func(k string, raw []byte) bool { fmt.Fprintf(&out, "%s %s %x\n", bucket, k, raw); return true })
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestUndoIsRefusedWhereSomethingWasBuiltOnIt(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		_, err := tx.OpenTicket(Opening{Requester: "p1"}, TicketEvent{By: "p1", Text: "x"})
		_, err2 := tx.ActOnTicket(1, TicketEvent{Act: ActSolve, By: "p2"})
		_, err3 := tx.ActOnTicket(1, TicketEvent{Act: ActReopen, By: "p1"})
		return errors.Join(err, err2, err3)
	})
	change(t, s, func(tx *Tx) error {
		if got, err := tx.UndoOnTicket(TicketStep{1, 2}, TicketEvent{}); !errors.Is(err, ErrTooLate) || got.Seq != 3 {
			t.Errorf("got %+v %v", got, err)
		}
		if _, err := tx.UndoOnTicket(TicketStep{9, 2}, TicketEvent{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("of nothing: %v", err)
		}
		return nil
	})
}

func TestDependsOnIsEnforcedAndHasNoCircles(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		for range 3 {
			if _, err := tx.OpenTicket(Opening{Requester: "p1"}, TicketEvent{By: "p1", Text: "x"}); err != nil {
				return err
			}
		}
		_, err := tx.RelateTickets(1, RelDepends, 2, false, TicketEvent{})
		_, err2 := tx.RelateTickets(2, RelDepends, 3, false, TicketEvent{})
		return errors.Join(err, err2)
	})
	change(t, s, func(tx *Tx) error {
		if _, err := tx.RelateTickets(3, RelDepends, 1, false, TicketEvent{}); !errors.Is(err, ErrCycle) {
			t.Errorf("a circle: %v", err)
		}
		if _, err := tx.RelateTickets(1, RelDepends, 1, false, TicketEvent{}); !errors.Is(err, ErrCycle) {
			t.Errorf("itself: %v", err)
		}
		if _, err := tx.RelateTickets(3, RelParent, 1, false, TicketEvent{}); err != nil {
			t.Errorf("another relation is another matter: %v", err)
		}
		var be *BlockedError
		if _, err := tx.ActOnTicket(1, TicketEvent{Act: ActSolve}); !errors.As(err, &be) || !slices.Equal(be.By, []int{2}) {
			t.Errorf("solved before what it depends on: %v", err)
		}
		// what it depends on goes on elsewhere: so does the dependence
		if _, _, _, err := tx.MergeTickets(2, 3, TicketEvent{}); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ActOnTicket(1, TicketEvent{Act: ActSolve}); !errors.As(err, &be) || !slices.Equal(be.By, []int{3}) {
			t.Errorf("after the merge: %v", err)
		}
		if _, err := tx.ActOnTicket(3, TicketEvent{Act: ActSolve}); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ActOnTicket(1, TicketEvent{Act: ActSolve}); err != nil {
			t.Errorf("nothing is left to wait for: %v", err)
		}
		if got := tx.RelatedTo(2, RelDepends); !slices.Equal(got, []int{1}) {
			t.Errorf("who depends on 2: %v", got)
		}
		return nil
	})
}

func TestFindTickets(t *testing.T) {
	s := inMemory(t)
	now := monday
	g, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3000 { // three blocks, in one commit
		now = now.Add(time.Minute)
		tx := g.Tx(now)
		o := Opening{Requester: "p" + strconv.Itoa(i%7), Subject: "ticket " + strconv.Itoa(i+1), Service: []string{"web", "mail"}[i%2], Kind: KindQuestion}
		tk, err := tx.OpenTicket(o, TicketEvent{By: o.Requester, Text: "Notre SITE n'est pas Accessible"})
		if err == nil && i%3 == 0 {
			_, err = tx.ActOnTicket(tk.N, TicketEvent{Act: ActClose})
		}
		if err := errors.Join(err, g.Keep(tx)); err != nil {
			t.Fatal(err)
		}
		if i == 300 {
			now = now.Add(24 * time.Hour)
		}
	}
	if err := g.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		q           TicketQuery
		total, head int
	}{
		"all":                   {TicketQuery{Limit: 5}, 3000, 3000},
		"by state":              {TicketQuery{Any: [][]string{{"state:closed"}}, Limit: 5}, 1000, 2998},
		"one of two, not third": {TicketQuery{Any: [][]string{{"state:closed", "state:new"}}, None: []string{"service:web"}, Limit: 1}, 1500, 3000},
		"service and state":     {TicketQuery{Any: [][]string{{"service:mail"}, {"state:closed"}}, Limit: 1}, 500, 2998},
		"a word's beginning":    {TicketQuery{Words: []string{"access"}, Limit: 1}, 3000, 3000},
		"a number as a word":    {TicketQuery{Words: []string{"2048"}, Limit: 1}, 1, 2048},
		"no such word":          {TicketQuery{Words: []string{"nextcloud"}, Limit: 1}, 0, 0},
		"two letters are whole": {TicketQuery{Words: []string{"si"}, Limit: 1}, 0, 0},
		"a range":               {TicketQuery{First: 10, Last: 20, Limit: 3}, 11, 20},
		"kept":                  {TicketQuery{Last: 100, Keep: func(tk Ticket) bool { return tk.N%50 == 0 }, Limit: 1}, 2, 100},
		"counted alone":         {TicketQuery{Any: [][]string{{"by:p3"}}}, 429, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.View(func(tx *Tx) error {
				list, total := tx.FindTickets(c.q)
				head := 0
				if len(list) > 0 {
					head = list[0].N
				}
				if total != c.total || head != c.head || len(list) > c.q.Limit {
					t.Errorf("%d in all, %d handed back, the first #%d; want %d, #%d", total, len(list), head, c.total, c.head)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if err := s.View(func(tx *Tx) error {
		for _, c := range []struct {
			at   time.Time
			want int
		}{{monday, 1}, {monday.Add(time.Minute), 1}, {monday.Add(90 * time.Second), 2}, {monday.Add(20 * time.Hour), 302}, {now.Add(time.Hour), 3001}} {
			if got := tx.FirstSince(c.at); got != c.want {
				t.Errorf("first since %s: %d, want %d", c.at, got, c.want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestReindexForgetsWhatWasSaid(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		_, err := tx.OpenTicket(Opening{Requester: "p1", Subject: "Camille"}, TicketEvent{By: "p1", Ref: "irc/1", Text: "Camille Dupont"})
		_, err2 := tx.ActOnTicket(1, TicketEvent{Act: ActSay, By: "p1", Ref: "irc/2", Text: "appelez Camille"})
		_, err3 := tx.ActOnTicket(1, TicketEvent{Act: ActRedact, By: "p1", Ref: "irc/2"})
		return errors.Join(err, err2, err3)
	})
	found := func(word string) (n int) {
		change(t, s, func(tx *Tx) error { _, n = tx.FindTickets(TicketQuery{Words: []string{word}}); return nil })
		return n
	}
	if found("appelez") != 0 || found("camille") != 1 {
		t.Error("what was taken back is still found, or what was not is lost")
	}
	change(t, s, func(tx *Tx) error {
		tx.StripTicket(1, nil)
		return nil
	})
	if found("camille") != 0 || found("dupont") != 0 {
		t.Error("words that were erased are found")
	}
	change(t, s, func(tx *Tx) error { tx.del("ticket", num(1)); tx.ReindexTicket(1); return nil })
	if err := s.View(func(tx *Tx) error {
		tx.scan(ticketIndex, "", "", func(k string, _ []byte) bool { t.Errorf("row %s is left of nothing", k); return true })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnOlderStoreGetsItsIndex(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		_, err := tx.OpenTicket(Opening{Requester: "p1", Subject: "courriel"}, TicketEvent{By: "p1", Text: "courriel perdu"})
		tx.scan(ticketIndex, "", "", func(k string, _ []byte) bool { tx.del(ticketIndex, k); return true })
		return err
	})
	change(t, s, func(tx *Tx) error { tx.EnsureTicketIndex(); return nil })
	change(t, s, func(tx *Tx) error {
		if _, n := tx.FindTickets(TicketQuery{Words: []string{"perdu"}}); n != 1 {
			t.Error("it is not found")
		}
		tx.EnsureTicketIndex()
		if len(tx.writes) > 0 {
			t.Error("made twice")
		}
		return nil
	})
}

func FuzzNumberSet(f *testing.F) {
	f.Add([]byte{1, 0, 2, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := unpack(raw)
		if err != nil {
			return
		}
		again, err := unpack(s.pack())
		if err != nil || again != s {
			t.Fatalf("%v becomes %v: %v", s, again, err)
		}
	})
}
