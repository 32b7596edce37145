package bottest

import (
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// network is the state of one fake network.
type network struct {
	up bool
	// lossy: replies arrive, or not, and nobody can tell.
	lossy bool
	// away names the accounts or nicks that are not there.
	away map[string]bool
}

func (p *Player) network(name string) *network {
	n := p.networks[name]
	if n == nil {
		n = &network{away: map[string]bool{}}
		p.networks[name] = n
	}
	return n
}

// nextID counts messages and replies together.
func (p *Player) nextID() string {
	p.count++
	return "$" + strconv.Itoa(p.count)
}

// send is what the network does with a reply; the answer is nil for a reply that
// nobody waits for.
func (p *Player) send(row store.Outgoing) bot.Event {
	r := row.Reply
	n := p.network(r.Room.Network)
	sent := chat.Sent{Network: r.Room.Network, Key: r.Key}
	switch {
	case r.Room.Private && n.away[r.Room.ID]:
		sent.Err = fmt.Errorf("%w: %s", chat.ErrAway, r.Room.ID)
	case n.lossy:
		sent.Err = chat.ErrUnknown
	case r.Kind == chat.Typing:
	default:
		s := said{r, p.nextID(), p.now}
		sent.Proof = s.id
		p.heard = append(p.heard, s)
	}
	if row.Seq == 0 {
		return nil
	}
	return bot.FromNetwork(sent)
}

// listen is what somebody does in a room, as the network tells it.
func (p *Player) listen(l line, ph phrase) (chat.Message, error) {
	room := p.people.room(ph.room)
	if ph.name == "" {
		return chat.Message{}, l.fails("who does it? write ROOM NAME: text")
	}
	m := chat.Message{Room: room, From: p.people.get(room.Network, ph.name), Text: ph.text,
		Addressed: room.Private, At: p.now, Received: p.now, Target: p.id(ph.object)}
	switch ph.act {
	case "":
	case "reacts":
		m.Kind, m.Text = chat.Reaction, ph.emoji
	case "edits":
		m.Kind = chat.Edit
	case "redacts":
		m.Kind = chat.Redaction
	case "joins":
		m.Kind = chat.Join
	case "lives":
		m.Kind = chat.Alive
	default:
		return m, l.fails("people do not do %q", ph.act)
	}
	m.ID = p.nextID()
	return m, p.mark(l, ph, &m)
}

// mark applies the marks in brackets to a message.
func (p *Player) mark(l line, ph phrase, m *chat.Message) error {
	for key, value := range ph.marks {
		switch key {
		case "thread":
			m.Thread = p.id(value)
		case "reply":
			m.Target = p.id(value)
		case "mention":
			m.Addressed = true
		case "encrypted":
			m.Encrypted = true
		case "history":
			m.History = true
		case "late":
			late, err := parseWait(value)
			if err != nil {
				return l.fails("%w", err)
			}
			m.At = p.now.Add(-late)
		case "sealed":
			m.Kind, m.Target, m.Text = chat.Unreadable, m.ID, ""
		case "noid":
			m.ID = ""
		case "file":
			if err := attach(m, value); err != nil {
				return l.fails("%w", err)
			}
		case "id":
			m.ID = value
		default:
			return l.fails("unknown mark [%s]", key)
		}
	}
	return nil
}

// id is the message that a transcript calls so.
func (p *Player) id(label string) string {
	if id, ok := p.ids[label]; ok {
		return id
	}
	return label
}

// attach reads "photo.png 120000 plan.pdf 9000": names and sizes in bytes.
func attach(m *chat.Message, files string) error {
	words := strings.Fields(files)
	for ; len(words) > 1; words = words[2:] {
		size, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no size", words[1])
		}
		m.Files = append(m.Files, chat.File{Name: words[0], Size: size, Ref: []byte("ref of " + words[0])})
	}
	if len(words) > 0 || len(m.Files) == 0 {
		return fmt.Errorf("%q: write [file NAME SIZE]", files)
	}
	return nil
}
