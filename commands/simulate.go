package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// Act is what was decided about one occurrence of a schedule.
type Act string

// The acts.
const (
	ActSaid    Act = "said"
	ActHeld    Act = "held"    // the gate holds it; it is looked at again
	ActDropped Act = "dropped" // the gate held it for too long, or there is nothing left to ask for
	ActLate    Act = "late"    // too late for its kind, after an absence
	ActMissed  Act = "missed"  // a later one of the same schedule has come
	ActPaused  Act = "paused"
	ActUnfit   Act = "unfit" // its condition does not hold here and now
)

// Ruling is what was decided about an announcement, and why.
type Ruling struct {
	At       time.Time `json:"at"`
	Schedule string    `json:"schedule"`
	Kind     string    `json:"kind"`
	Civil    string    `json:"civil"`
	Zone     string    `json:"zone"`
	// Room is empty where the decision is the same for all.
	Room string `json:"room,omitempty"`
	Act  Act    `json:"act"`
	// Why is in the configuration's language, empty when there is nothing to explain.
	Why string `json:"why,omitempty"`

	Holds []store.Hold `json:"-"`
}

// rule tells whoever wants to know of a decision: nobody, but in a simulation.
func (t *Table) rule(turn *bot.Turn, k chain, c store.Civil, room chat.Room, d Ruling) {
	if t.ruled == nil {
		return
	}
	d.At, d.Schedule, d.Kind, d.Civil, d.Zone = turn.Now, k.name, k.cfg.Kind, c.String(), k.rule.Zone.String()
	if room.ID != "" {
		d.Room = room.String()
	}
	if len(d.Holds) > 0 {
		d.Why = t.holdWords(t.cfg.Language, d.Holds, turn.Now)
	} else if t.words.Has(t.cfg.Language, "schedule.why_"+string(d.Act)) {
		d.Why = t.words.Say(t.cfg.Language, "schedule.why_"+string(d.Act), words.Args{})
	}
	t.ruled(d)
}

// Trouble is an outage that a simulation lets happen. An empty Service concerns
// every room.
type Trouble struct {
	From, To time.Time
	Service  string
}

// Simulation is the time to live through, and what happens in it.
type Simulation struct {
	From, To time.Time
	Troubles []Trouble
	// Silent leaves the rooms without anybody who speaks. Otherwise somebody said
	// something in each of them ten minutes before every announcement.
	Silent bool
	// Off are times at which the bot is not running; the outages go on.
	Off []Span
}

// Span is a time from an instant up to another.
type Span struct{ From, To time.Time }

// Simulate lives through a time in memory, with the very turns of earnest, and
// tells every decision about announcements in order. A call that is held tells so
// once for each reason. Nothing is sent and nothing on disk is read.
func Simulate(ctx context.Context, o Options, s Simulation) ([]Ruling, error) {
	st, err := store.Open(ctx, store.NewMemory())
	if err != nil {
		return nil, fmt.Errorf("a store in memory: %w", err)
	}
	defer func() { _ = st.Close() }()
	w := &simulator{ctx: ctx, plan: s, options: o, store: st, now: s.From.UTC(), told: map[string]string{}, incidents: map[int]int{}}
	return w.live()
}

// simulator is a simulation under way.
type simulator struct {
	ctx     context.Context
	plan    Simulation
	options Options
	table   *Table
	store   *store.Store
	machine *bot.Machine
	rooms   []chat.Room
	now     time.Time
	list    []Ruling
	// incidents are the numbers of the outages that began.
	incidents map[int]int
	// said is every text that left.
	said []string
	// told is the last reason given, by schedule, occurrence and room.
	told map[string]string
}

func (w *simulator) ruled(d Ruling) {
	if key := d.Schedule + "|" + d.Civil + "|" + d.Room; d.Act == ActHeld {
		reason := ""
		for _, h := range d.Holds {
			if h.Code != "quiet" || len(d.Holds) == 1 { // nights come and go
				reason += fmt.Sprint(h.Code, h.N, " ")
			}
		}
		if w.told[key] == reason {
			return
		}
		w.told[key] = reason
	}
	w.list = append(w.list, d)
}

// live begins, and goes from deadline to deadline.
func (w *simulator) live() ([]Ruling, error) {
	if err := w.begin(); err != nil {
		return nil, err
	}
	return w.goOn()
}

// goOn lives until the end of the plan.
func (w *simulator) goOn() ([]Ruling, error) {
	for w.ctx.Err() == nil {
		due, ok, err := w.machine.FirstDue()
		if err != nil {
			return nil, fmt.Errorf("next deadline: %w", err)
		}
		next := w.plan.To
		if ok && due.At.Before(next) {
			next = due.At
		}
		if at, happens := w.happening(next); happens {
			if err := w.happen(at); err != nil {
				return nil, err
			}
			continue
		}
		if !ok || due.At.After(w.plan.To) {
			return w.list, nil
		}
		w.now = later(w.now, due.At)
		if off := w.asleep(); !off.IsZero() { // a deadline that comes while the bot is off waits
			if at, happens := w.happening(off); happens {
				if err := w.happen(at); err != nil {
					return nil, err
				}
				continue
			}
			w.now = off
			if err := w.begin(); err != nil {
				return nil, err
			}
			continue
		}
		w.speak()
		if err := w.take(bot.Due{Due: due}); err != nil {
			return nil, err
		}
	}
	return nil, w.ctx.Err()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// asleep is when the bot runs again, zero when it does.
func (w *simulator) asleep() time.Time {
	for _, off := range w.plan.Off {
		if !w.now.Before(off.From) && w.now.Before(off.To) {
			return off.To
		}
	}
	return time.Time{}
}

// begin starts a process, the first or one after a stop.
func (w *simulator) begin() error {
	if err := w.process(); err != nil {
		return err
	}
	return w.wake()
}

// process makes the handler and the machine of a new process.
func (w *simulator) process() error {
	table, errs := New(w.options)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	table.ruled = w.ruled
	w.rooms = table.cfg.rooms(func(string, Room) bool { return true })
	w.table, w.machine = table, bot.NewMachine(w.store, table, slog.New(slog.DiscardHandler))
	return nil
}

// wake lets the process settle in, with all networks up.
func (w *simulator) wake() error {
	events := []bot.Event{bot.Begun{}}
	for _, network := range w.table.cfg.networkNames() {
		events = append(events, bot.Link{Status: chat.Status{Network: network, Up: true, At: w.now}})
	}
	return w.take(events...)
}

// networkNames are the networks on which there are rooms.
func (c *Config) networkNames() []string {
	var out []string
	for _, r := range c.rooms(func(string, Room) bool { return true }) {
		if !slices.Contains(out, r.Network) {
			out = append(out, r.Network)
		}
	}
	slices.Sort(out)
	return out
}

// speak lets somebody have said something in every room.
func (w *simulator) speak() {
	if w.plan.Silent {
		return
	}
	for _, r := range w.rooms {
		w.table.activity.note(r, w.now.Add(-10*time.Minute))
	}
}

// take handles events, and proves everything that was said.
func (w *simulator) take(events ...bot.Event) error {
	for len(events) > 0 {
		effects, err := w.machine.Take(w.ctx, w.now, events...)
		if err != nil {
			return fmt.Errorf("simulate %s: %w", w.now.Format(time.RFC3339), err)
		}
		events = nil
		for _, row := range effects.Send {
			w.said = append(w.said, row.Reply.Text)
			events = append(events, bot.FromNetwork(chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Proof: row.Reply.Key}))
		}
	}
	return nil
}

// happening is the first beginning or end of an outage up to an instant that has not
// happened yet.
func (w *simulator) happening(until time.Time) (time.Time, bool) {
	var first time.Time
	for _, tr := range w.plan.Troubles {
		for _, at := range []time.Time{tr.From, tr.To} {
			if !at.IsZero() && at.After(w.now) && !at.After(until) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first, !first.IsZero()
}

// happen opens and resolves the outages of one instant.
func (w *simulator) happen(at time.Time) error {
	w.now = at
	return w.store.Update(w.ctx, at, func(tx *store.Tx) error {
		for n, tr := range w.plan.Troubles {
			i, begun := tx.Incident(w.incidents[n])
			switch {
			case tr.From.Equal(at):
				i = tx.NewIncident(store.Incident{Severity: 2, Service: tr.Service})
				w.incidents[n] = i.N
				if err := move(tx, i, store.IncidentOngoing, at); err != nil {
					return err
				}
			case tr.To.Equal(at) && begun:
				if err := move(tx, i, store.IncidentResolved, at); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func move(tx *store.Tx, i store.Incident, to store.IncidentState, at time.Time) error {
	if err := i.Move(to, at); err != nil {
		return fmt.Errorf("simulate an outage: %w", err)
	}
	tx.PutIncident(i)
	return nil
}
