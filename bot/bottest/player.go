package bottest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// Options says what a transcript is played on.
type Options struct {
	// New makes the handler, at the start and again after each "!".
	New func(now time.Time) bot.Handler
	// Store makes the engine, once per transcript; the "!" keeps it. Nil: memory.
	Store func() store.Engine
	// Networks are those connected at the start. Nil: irc and matrix.
	Networks []string
	// Probe makes a check's report out of the "=" lines, which it finds as
	// canned["tls example.org"] = "expired days=3". Nil: every report is empty.
	Probe func(kind string, args []byte, canned map[string]string) []byte
	// Start is when a transcript without "@" starts. Zero: Monday the 23rd of
	// November 2026, ten in the morning in Paris.
	Start time.Time
	// Log hears what the bot logs. Nil: nobody does.
	Log *slog.Logger
	// Update makes Play rewrite transcripts that say something else.
	Update bool
}

// Player plays one transcript. It belongs to one goroutine.
type Player struct {
	options  Options
	engine   store.Engine
	machine  *bot.Machine
	now      time.Time
	people   people
	networks map[string]*network
	canned   map[string]string
	// holding keeps checks in waiting until they are released.
	holding bool
	waiting []store.Probe
	// labels gives the transcript's names for ids, and ids the ids of names.
	labels, ids map[string]string
	count       int
	// heard is what reached the networks since the last comparison.
	heard []said
}

// NewPlayer returns a Player whose bot has not started yet.
func NewPlayer(o Options) *Player {
	if o.Store == nil {
		o.Store = func() store.Engine { return store.NewMemory() }
	}
	if o.Networks == nil {
		o.Networks = []string{"irc", "matrix"}
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Player{options: o, now: o.Start, people: people{}, networks: map[string]*network{},
		canned: map[string]string{}, labels: map[string]string{}, ids: map[string]string{}}
	for _, name := range o.Networks {
		p.network(name).up = true
	}
	return p
}

// Now is what time it is for the bot.
func (p *Player) Now() time.Time { return p.now }

// Close ends the bot and its store.
func (p *Player) Close() error {
	if p.engine == nil {
		return nil
	}
	return p.engine.Close()
}

// start begins a process on the store: the first, or after a "!" the next.
func (p *Player) start() error {
	ctx := context.Background()
	if p.engine == nil {
		p.engine = p.options.Store()
	}
	s, err := store.Open(ctx, p.engine)
	if err != nil {
		return err
	}
	p.machine = bot.NewMachine(s, p.options.New(p.now), p.options.Log)
	p.waiting = nil
	effects, err := p.machine.Start(ctx, p.now)
	if err != nil {
		return err
	}
	if err := p.carryOut(effects); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.networks)) {
		if p.networks[name].up {
			if err := p.take(p.link(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Player) link(name string) bot.Event {
	return bot.FromNetwork(chat.Status{Network: name, Up: p.network(name).up, At: p.now})
}

// take gives the bot an event and carries out what comes of it, to the end.
func (p *Player) take(events ...bot.Event) error {
	effects, err := p.machine.Take(context.Background(), p.now, events...)
	if err != nil && !errors.Is(err, store.ErrFull) {
		return err
	}
	return p.carryOut(effects)
}

// tooMany is how often something may follow from one line before it is taken
// for a circle.
const tooMany = 10000

func (p *Player) carryOut(e bot.Effects) error {
	for round := 0; len(e.Send)+len(e.Probes) > 0; round++ {
		if round > tooMany {
			return errors.New("the bot goes in circles: every reply or check makes another")
		}
		var events []bot.Event
		for _, row := range e.Send {
			if event := p.send(row); event != nil {
				events = append(events, event)
			}
		}
		for _, probe := range e.Probes {
			if p.holding {
				p.waiting = append(p.waiting, probe)
				continue
			}
			events = append(events, p.found(probe))
		}
		e = bot.Effects{}
		for _, event := range events {
			next, err := p.machine.Take(context.Background(), p.now, event)
			if err != nil && !errors.Is(err, store.ErrFull) {
				return err
			}
			e.Send, e.Probes = append(e.Send, next.Send...), append(e.Probes, next.Probes...)
		}
	}
	return nil
}

func (p *Player) found(probe store.Probe) bot.Event {
	var report []byte
	if p.options.Probe != nil {
		report = p.options.Probe(probe.Kind, probe.Args, p.canned)
	}
	return bot.Found{Probe: probe, Report: report}
}

// pass lets time go on until the instant, deadline by deadline.
func (p *Player) pass(until time.Time) error {
	if until.Before(p.now) {
		return fmt.Errorf("time does not go back to %s", until.Format(time.RFC3339))
	}
	for round := 0; ; round++ {
		d, ok, err := p.machine.FirstDue()
		if err != nil {
			return err
		}
		if !ok || d.At.After(until) {
			p.now = until
			return nil
		}
		if round > tooMany {
			return fmt.Errorf("the deadline %s %s comes again and again", d.Kind, d.Key)
		}
		if d.At.After(p.now) {
			p.now = d.At
		}
		if err := p.take(bot.Due{Due: d}); err != nil {
			return err
		}
	}
}

// perform does what a line says, and lets due deadlines come.
func (p *Player) perform(l line) error {
	if p.machine == nil && !strings.Contains(" @ who = ! ", " "+l.verb+" ") {
		if err := p.start(); err != nil {
			return l.fails("%w", err)
		}
	}
	if err := p.act(l); err != nil {
		return err
	}
	if p.machine == nil {
		return nil
	}
	if err := p.pass(p.now); err != nil {
		return l.fails("%w", err)
	}
	return nil
}
