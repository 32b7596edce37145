package bottest

import (
	"encoding/json"
	"strings"
	"time"

	"vigie/bot"
)

// act does what one line says.
func (p *Player) act(l line) error {
	var err error
	switch l.verb {
	case ">":
		return p.speak(l)
	case "who":
		return p.people.declare(l)
	case "=":
		return p.can(l)
	case "+", "@":
		return p.wait(l)
	case "!":
		err = p.start()
	case "hold":
		p.holding = true
	case "release":
		err = p.release()
	case "alert":
		err = p.take(bot.Alert{Source: first(l.rest), Body: body(l.rest)})
	case "fetched":
		err = p.take(bot.Fetched{Source: first(l.rest), Body: body(l.rest)})
	default:
		return p.trouble(l)
	}
	if err != nil {
		return l.fails("%w", err)
	}
	return nil
}

func first(s string) string { word, _, _ := strings.Cut(s, " "); return word }

func body(s string) json.RawMessage {
	_, rest, _ := strings.Cut(s, " ")
	return json.RawMessage(rest)
}

// speak is the ">" line.
func (p *Player) speak(l line) error {
	ph, err := parsePhrase(l)
	if err != nil {
		return err
	}
	m, err := p.listen(l, ph)
	if err != nil {
		return err
	}
	back := p.network(m.Room.Network).away
	delete(back, m.From.Account)
	delete(back, m.From.Nick)
	if err := p.take(bot.FromNetwork(m)); err != nil {
		return l.fails("%w", err)
	}
	return nil
}

// can is the "=" line.
func (p *Player) can(l line) error {
	words := strings.Fields(l.rest)
	if len(words) < 3 {
		return l.fails("write = KIND TARGET VERDICT [field=value …]")
	}
	p.canned[words[0]+" "+words[1]] = strings.Join(words[2:], " ")
	return nil
}

// wait is the "+" line and the "@" line.
func (p *Player) wait(l line) error {
	var until time.Time
	if l.verb == "+" {
		d, err := parseWait(l.rest)
		if err != nil {
			return l.fails("%w", err)
		}
		until = p.now.Add(d)
	} else {
		t, err := time.Parse(time.RFC3339, l.rest)
		if err != nil {
			return l.fails("%q is no instant: write it as 2026-11-23T10:00:00+01:00", l.rest)
		}
		until = t.UTC()
		if p.machine == nil {
			p.now = until
			return nil
		}
	}
	if err := p.pass(until); err != nil {
		return l.fails("%w", err)
	}
	return nil
}

// release answers the checks that were held.
func (p *Player) release() error {
	waiting := p.waiting
	p.holding, p.waiting = false, nil
	for _, probe := range waiting {
		if err := p.take(p.found(probe)); err != nil {
			return err
		}
	}
	return nil
}

// trouble is what can happen to networks and people.
func (p *Player) trouble(l line) error {
	name, who, _ := strings.Cut(l.rest, "/")
	if name == "" || strings.Contains(name, " ") {
		return l.fails("%q wants the name of a network", l.verb)
	}
	n := p.network(name)
	var err error
	switch l.verb {
	case "down", "up":
		n.up = l.verb == "up"
		err = p.take(p.link(name))
	case "lose", "mend":
		n.lossy = l.verb == "lose"
	case "away":
		if who == "" {
			return l.fails("write away NETWORK/NAME")
		}
		room := p.people.room(name + "/@" + strings.TrimPrefix(who, "@"))
		n.away[room.ID] = true
	}
	if err != nil {
		return l.fails("%w", err)
	}
	return nil
}
