package clock

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/store"
)

// stretch is a time in which a ticket's clocks run; the last one has no end.
type stretch struct{ from, until time.Time }

// far stands for no end.
func far() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }

// oracle reckons one clock in another way than fold does: it finds where the clock
// began by looking back from the end, gathers the stretches in which the ticket ran,
// and searches the instant at which they add up to the target. It knows nothing of
// merges, undoing and kinds that change.
type oracle struct {
	policy  Policy
	events  []store.TicketEvent
	running []stretch
	still   bool
}

func newOracle(p Policy, events []store.TicketEvent) oracle {
	o := oracle{policy: p, events: events}
	t := store.Ticket{N: 1}
	runs := false
	for _, e := range events {
		t, _ = t.After(e)
		was := runs
		if runs = t.State == store.TicketNew || t.State == store.TicketOpen; runs == was {
			continue
		}
		if runs {
			o.running = append(o.running, stretch{e.At, far()})
		} else {
			o.running[len(o.running)-1].until = e.At
		}
	}
	o.still = !runs
	return o
}

// begun is when a clock began that still goes on: the first act that starts it
// behind the last that stops it, or with last the last that starts it.
func (o oracle) begun(starts, stops func(store.TicketEvent) bool, last bool) (time.Time, bool) {
	since, on := time.Time{}, false
	for _, e := range o.events {
		if stops(e) {
			on = false
		}
		if starts(e) && (!on || last) {
			since, on = e.At, true
		}
	}
	return since, on
}

// due is when a target is used up, zero while it stands still, and whether that
// was before the last event.
func (o oracle) due(since time.Time, target time.Duration) (at time.Time, missed bool) {
	cal := o.policy.Calendar
	var before time.Duration
	for _, s := range o.running {
		if s.from.Before(since) {
			s.from = since
		}
		if !s.from.Before(s.until) {
			continue
		}
		low, high := s.from, s.until
		if s.until.Equal(far()) {
			high = s.from.AddDate(0, 0, 45)
		}
		if before+cal.Between(s.from, high) < target {
			before += cal.Between(s.from, high)
			continue
		}
		for high.Sub(low) > 0 { // the first instant at which it is enough
			middle := low.Add(high.Sub(low) / 2).Truncate(time.Second)
			if before+cal.Between(s.from, middle) >= target {
				high = middle
			} else {
				low = middle.Add(time.Second)
			}
		}
		if s.until.Equal(far()) {
			return high, high.Before(o.events[len(o.events)-1].At)
		}
		if high.Before(s.until) {
			return high, true
		}
		before += cal.Between(s.from, s.until)
	}
	return time.Time{}, false
}

func (o oracle) clocks() map[store.ClockKind]store.Clock {
	staff := func(e store.TicketEvent) bool { return e.By == "jean" }
	ends := func(e store.TicketEvent) bool {
		return e.Act == store.ActClose || e.Act == store.ActReject || e.Act == store.ActSpam
	}
	reply := func(e store.TicketEvent) bool { return e.Act == store.ActReply && staff(e) }
	solve := func(e store.TicketEvent) bool { return e.Act == store.ActSolve && staff(e) }
	asks := func(e store.TicketEvent) bool {
		return e.Act == store.ActOpen || e.Act == store.ActSay || e.Act == store.ActReopen && !staff(e)
	}
	out := map[store.ClockKind]store.Clock{}
	add := func(k store.ClockKind, since time.Time, on bool) {
		target := o.policy.Targets[o.events[0].Opening.Kind].of(k)
		if !on || target == 0 {
			return
		}
		c := store.Clock{Kind: k, Since: since, Target: target}
		if due, missed := o.due(since, target); missed || !o.still {
			c.Due, c.Missed = due, missed
		}
		out[k] = c
	}
	since, on := o.begun(asks, func(e store.TicketEvent) bool { return reply(e) || solve(e) || ends(e) }, false)
	add(store.ClockAnswer, since, on)
	since, on = o.begun(func(e store.TicketEvent) bool { return reply(e) || e.Act == store.ActReopen && staff(e) },
		func(e store.TicketEvent) bool { return solve(e) || ends(e) }, true)
	add(store.ClockLoop, since, on)
	t, _ := store.Replay(1, o.events)
	add(store.ClockResolve, t.Opened, true)
	if !t.Active() {
		clear(out)
	}
	return out
}

// anyTime moves on by seconds, hours or days, and likes the days on which the
// clocks are changed.
func anyTime(t *rapid.T, now time.Time) time.Time {
	step := rapid.SampledFrom([]int64{1, 600, 7200, 86400, 6 * 86400}).Draw(t, "scale")
	now = now.Add(time.Duration(rapid.Int64Range(0, step).Draw(t, "seconds")) * time.Second)
	if rapid.IntRange(0, 9).Draw(t, "to a clock change") == 0 {
		if _, change := now.In(paris(t)).ZoneBounds(); change.Sub(now) < 200*24*hour {
			at := change.Add(time.Duration(rapid.Int64Range(-90000, 7200).Draw(t, "near it")) * time.Second).UTC()
			if at.After(now) {
				return at
			}
		}
	}
	return now
}

func anyDeed(t *rapid.T) store.TicketEvent {
	return rapid.SampledFrom([]store.TicketEvent{
		{Act: store.ActSay, By: "claire"}, {Act: store.ActSay, By: "kate"}, {Act: store.ActReply, By: "jean"}, {Act: store.ActReply},
		{Act: store.ActTake, By: "jean"}, {Act: store.ActNote, By: "jean"}, {Act: store.ActWait, By: "jean"}, {Act: store.ActWait, By: "jean", To: "gandi"},
		{Act: store.ActWake}, {Act: store.ActSolve, By: "jean"}, {Act: store.ActSolve}, {Act: store.ActClose, By: "claire"}, {Act: store.ActClose},
		{Act: store.ActReopen, By: "claire"}, {Act: store.ActReopen, By: "jean"}, {Act: store.ActReject, By: "jean"},
	}).Draw(t, "deed")
}

// The clocks are what another way of reckoning says, to the second, over clock
// changes, holidays and nights. The long form: -run Oracle -rapid.checks=4000 (some
// 100,000 acts).
func TestClocksAgreeWithTheOracle(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 600*24*3600).Draw(t, "begin")) * time.Second)
		kind := rapid.SampledFrom([]store.TicketKind{store.KindOutage, store.KindQuestion, store.KindRequest}).Draw(t, "kind")
		events := []store.TicketEvent{{Act: store.ActOpen, By: "claire", At: now, Seq: 1, Opening: &store.Opening{Kind: kind, Requester: "claire"}}}
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			now = anyTime(t, now)
			e := anyDeed(t)
			e.At, e.Seq = now, len(events)+1
			if _, err := store.Replay(1, append(slices.Clone(events), e)); err != nil {
				continue
			}
			events = append(events, e)
			want := newOracle(p, events).clocks()
			got := map[store.ClockKind]store.Clock{}
			for _, c := range Replay(1, events, p, nil).Clocks {
				c.Used = 0
				got[c.Kind] = c
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("after %d events, the last %+v:\n got %+v\nwant %+v", len(events), e, got, want)
			}
		}
	})
}

// What is stored after each turn is what the events say, to the second, through
// merges, splits, undoing and kinds that change; and the next reminder is due when
// the policy says. The long form: -run Stored -rapid.checks=4000.
func TestStoredClocksAreThoseOfTheEvents(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		st, err := store.Open(context.Background(), store.NewMemory())
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 600*24*3600).Draw(t, "begin")) * time.Second)
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			now = anyTime(t, now)
			err := st.Update(context.Background(), now, func(tx *store.Tx) error {
				anyAct(t, tx)
				for _, n := range tx.WrittenTickets() {
					Keep(tx, p, n)
				}
				return checkStored(t, tx, p)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// anyAct does something to some ticket, if it makes sense.
func anyAct(t *rapid.T, tx *store.Tx) {
	all := tx.Tickets(0)
	what := rapid.IntRange(0, 9).Draw(t, "what")
	if len(all) == 0 || what == 0 && len(all) < 6 {
		kind := rapid.SampledFrom([]store.TicketKind{store.KindOutage, store.KindQuestion, store.KindRequest}).Draw(t, "kind")
		_, _ = tx.OpenTicket(store.Opening{Kind: kind, Requester: "claire"}, store.TicketEvent{By: "claire"})
		return
	}
	n := 1 + rapid.IntRange(0, len(all)-1).Draw(t, "ticket")
	switch what {
	case 1:
		_, _, _, _ = tx.MergeTickets(n, 1+rapid.IntRange(0, len(all)-1).Draw(t, "into"), store.TicketEvent{By: "jean"})
	case 2:
		if tk := all[n-1]; tk.Seq > 1 {
			_, _ = tx.UndoOnTicket(store.TicketStep{N: n, Seq: tk.Seq}, store.TicketEvent{By: "jean"})
		}
	case 3:
		_, _, _, _ = tx.SplitTicket(n, store.Opening{Kind: store.KindQuestion, Requester: "claire"}, store.TicketEvent{By: "claire"}, store.TicketEvent{By: "jean"})
	case 4:
		_, _ = tx.ActOnTicket(n, store.TicketEvent{Act: store.ActKind, By: "jean", Text: "outage"})
	default:
		_, _ = tx.ActOnTicket(n, anyDeed(t))
	}
}

func checkStored(t *rapid.T, tx *store.Tx, p Policy) error {
	for _, tk := range tx.Tickets(0) {
		want := Replay(tk.N, tx.TicketEvents(tk.N), p, tx.TicketEvents)
		got, ok := tx.Clocks(tk.N)
		if ok != (len(want.Clocks) > 0) || ok && !reflect.DeepEqual(got, want) {
			t.Fatalf("ticket %d\nstored %+v\nevents %+v", tk.N, got, want)
		}
		at, due := tx.DueAt(Due, strconv.Itoa(tk.N))
		if next := p.Next(want); due == next.IsZero() || due && !at.Equal(next) {
			t.Fatalf("ticket %d is due at %s (%v), not %s", tk.N, at, due, next)
		}
		if !tk.Active() && ok {
			t.Fatalf("ticket %d is %s and has clocks", tk.N, tk.State)
		}
	}
	return tx.Err()
}
