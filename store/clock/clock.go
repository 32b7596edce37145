package clock

import (
	"slices"
	"strconv"
	"time"

	"vigie/store"
	"vigie/store/calendar"
)

// Target is how much open time the clocks of one kind of ticket have; zero: no
// such clock.
type Target struct{ Answer, Loop, Resolve time.Duration }

func (t Target) of(k store.ClockKind) time.Duration {
	switch k {
	case store.ClockAnswer:
		return t.Answer
	case store.ClockLoop:
		return t.Loop
	}
	return t.Resolve
}

// Policy is what clocks are reckoned by.
type Policy struct {
	Calendar *calendar.Calendar
	Targets  map[store.TicketKind]Target
	Steps    map[store.TicketKind]Steps
	Quiet    Quiet
}

// Events finds the events of another ticket: of one that was absorbed.
type Events func(n int) []store.TicketEvent

// Replay is the clocks of ticket n after its events. Events that make no sense
// are left out, as are those that were undone.
func Replay(n int, events []store.TicketEvent, p Policy, others Events) store.ClockState {
	m := fold(n, events, p, others, 0)
	s := store.ClockState{N: n, At: m.at, Kind: m.ticket.Kind, Still: m.still()}
	for _, c := range m.clocks {
		if c.Target > 0 && m.ticket.Active() {
			s.Clocks = append(s.Clocks, m.withDue(c))
		}
	}
	slices.SortStableFunc(s.Clocks, func(a, b store.Clock) int {
		if a.Due.IsZero() != b.Due.IsZero() { // those that stand still come last
			if a.Due.IsZero() {
				return 1
			}
			return -1
		}
		return a.Due.Compare(b.Due)
	})
	return s
}

// meter folds events into clocks.
type meter struct {
	policy Policy
	ticket store.Ticket
	at     time.Time
	// byBot says that the wait that goes on was nobody's decision.
	byBot  bool
	clocks []store.Clock
}

// maxMerges bounds how many merges in a row are followed.
const maxMerges = 10

func fold(n int, events []store.TicketEvent, p Policy, others Events, depth int) *meter {
	m := &meter{policy: p, ticket: store.Ticket{N: n}}
	gone := undone(events)
	for _, e := range events {
		if gone[e.Seq] || e.Act == store.ActUndo {
			continue
		}
		next, err := m.ticket.After(e)
		if err != nil {
			continue
		}
		m.advance(e.At)
		before := m.ticket
		m.ticket = next
		m.step(e, before)
		if e.Act == store.ActAbsorb && others != nil && depth < maxMerges {
			m.absorb(e, others, depth)
		}
	}
	return m
}

// undone are the events, by Seq, that were made never to have been.
func undone(events []store.TicketEvent) map[int]bool {
	out := map[int]bool{}
	for _, e := range events {
		if e.Act == store.ActUndo {
			if seq, err := strconv.Atoi(e.To); err == nil {
				out[seq] = true
			}
		}
	}
	return out
}

// still tells whether no clock runs now.
func (m *meter) still() bool {
	switch m.ticket.State {
	case store.TicketNew, store.TicketOpen:
		return false
	case store.TicketWaitingMember, store.TicketWaitingOther:
		return !m.byBot
	}
	return true
}

// advance lets time pass until an event. A clock of the machine that was set back
// in between counts as no time at all.
func (m *meter) advance(to time.Time) {
	if !to.After(m.at) {
		return
	}
	if !m.still() && !m.at.IsZero() {
		for i, c := range m.clocks {
			m.clocks[i] = m.run(c, to)
		}
	}
	m.at = to
}

// run lets one clock run from the last event until an instant.
func (m *meter) run(c store.Clock, to time.Time) store.Clock {
	if due := m.due(c); !c.Missed && c.Target > 0 && !due.IsZero() && due.Before(to) {
		c.Missed, c.Due = true, due
	}
	c.Used += m.policy.Calendar.Between(m.at, to)
	return c
}

// due is when a clock that runs from the last event on has used up its target.
func (m *meter) due(c store.Clock) time.Time {
	if c.Missed {
		return c.Due
	}
	return m.policy.Calendar.After(m.at, c.Target-c.Used)
}

// withDue is a clock with its deadline, as long as it runs.
func (m *meter) withDue(c store.Clock) store.Clock {
	if !c.Missed && !m.still() {
		c.Due = m.due(c)
	}
	return c
}

// step starts and stops clocks at an event.
func (m *meter) step(e store.TicketEvent, before store.Ticket) {
	staff := e.By != "" && e.By != m.ticket.Requester
	switch e.Act {
	case store.ActOpen:
		m.start(store.ClockAnswer)
		m.start(store.ClockResolve)
	case store.ActSay:
		if e.By != "" && !m.has(store.ClockAnswer) {
			m.start(store.ClockAnswer)
		}
	case store.ActReply:
		if staff {
			m.stop(store.ClockAnswer)
			m.start(store.ClockLoop)
		}
	case store.ActReopen:
		switch {
		case staff: // the member is told that it goes on: a word
			m.start(store.ClockLoop)
		case !m.has(store.ClockAnswer):
			m.start(store.ClockAnswer)
		}
	case store.ActSolve:
		if staff {
			m.stop(store.ClockAnswer)
			m.stop(store.ClockLoop)
		}
	case store.ActClose, store.ActReject, store.ActSpam, store.ActMerge:
		m.stop(store.ClockAnswer)
		m.stop(store.ClockLoop)
	case store.ActWait:
		m.byBot = e.By == ""
	case store.ActKind:
		m.retarget(before.Kind)
	}
}

func (m *meter) has(k store.ClockKind) bool {
	return slices.ContainsFunc(m.clocks, func(c store.Clock) bool { return c.Kind == k })
}

func (m *meter) stop(k store.ClockKind) {
	m.clocks = slices.DeleteFunc(m.clocks, func(c store.Clock) bool { return c.Kind == k })
}

func (m *meter) start(k store.ClockKind) {
	m.stop(k)
	m.clocks = append(m.clocks, store.Clock{Kind: k, Since: m.at, Target: m.policy.Targets[m.ticket.Kind].of(k)})
}

// retarget gives the clocks the targets of the ticket's new kind; what has passed
// counts, and what was missed stays missed.
func (m *meter) retarget(before store.TicketKind) {
	if before == m.ticket.Kind {
		return
	}
	for i, c := range m.clocks {
		if !c.Missed {
			m.clocks[i].Target = m.policy.Targets[m.ticket.Kind].of(c.Kind)
		}
	}
}

// absorb takes over the clocks of a ticket that goes on in this one, where they
// break earlier.
func (m *meter) absorb(e store.TicketEvent, others Events, depth int) {
	n, err := strconv.Atoi(e.To)
	if err != nil {
		return
	}
	var until []store.TicketEvent
	for _, o := range others(n) {
		if o.At.After(e.At) || o.Act == store.ActMerge && o.At.Equal(e.At) {
			break
		}
		until = append(until, o)
	}
	source := fold(n, until, m.policy, others, depth+1)
	source.advance(e.At)
	for _, theirs := range source.clocks {
		i := slices.IndexFunc(m.clocks, func(c store.Clock) bool { return c.Kind == theirs.Kind })
		switch {
		case i < 0:
			m.clocks = append(m.clocks, theirs)
		case theirs.Target > 0 && (m.clocks[i].Target <= 0 || m.due(theirs).Before(m.due(m.clocks[i]))):
			m.clocks[i] = theirs
		}
	}
}
