package bottest

import (
	"time"

	"vigie/bot"
	"vigie/bot/chat"
)

// The methods below let a program drive the bot by hand, on the same networks and
// with the same canned or real checks as a transcript: package console does. Each calls
// said for what was said, in order: when, under which id, and what.

// Restart begins a process on the store, the first time and after a death.
func (p *Player) Restart(now time.Time, said func(at time.Time, id string, r chat.Reply)) error {
	p.now = now
	return p.tell(p.start(), said)
}

// Take is what a network delivers at the instant now. A network that it is the first to
// name is connected from then on.
func (p *Player) Take(now time.Time, in chat.Inbound, said func(at time.Time, id string, r chat.Reply)) error {
	p.now = now
	if m, ok := in.(chat.Message); ok && p.networks[m.Room.Network] == nil {
		p.network(m.Room.Network).up = true
		if err := p.take(p.link(m.Room.Network)); err != nil {
			return err
		}
	}
	err := p.take(bot.FromNetwork(in))
	if err == nil {
		err = p.pass(p.now)
	}
	return p.tell(err, said)
}

// Advance lets time pass until now, deadline by deadline.
func (p *Player) Advance(now time.Time, said func(at time.Time, id string, r chat.Reply)) error {
	return p.tell(p.pass(now), said)
}

// tell hands over what was heard, also when it ended badly.
func (p *Player) tell(err error, said func(at time.Time, id string, r chat.Reply)) error {
	heard := p.heard
	p.heard = nil
	for _, h := range heard {
		said(h.at, h.id, h.Reply)
	}
	return err
}
