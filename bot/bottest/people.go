package bottest

import (
	"strings"

	"vigie/bot/chat"
)

// people knows who is who on each network.
type people map[string]chat.Identity // by network + "/" + name

// matrixLike tells whether people have an id there, and no mask.
func matrixLike(network string) bool { return strings.HasPrefix(network, "matrix") }

// get is the person of that name, made up when not declared.
func (p people) get(network, name string) chat.Identity {
	if id, ok := p[network+"/"+name]; ok {
		return id
	}
	id := chat.Identity{Network: network, Nick: name}
	if matrixLike(network) {
		id.Account = "@" + name + ":example.org"
	} else {
		id.Host, id.Session = name+"!"+name+"@"+name+".example.net", name
	}
	p[network+"/"+name] = id
	return id
}

// declare reads "NAME NETWORK [account=X] [nick=Y] [host=Z] [session=S]".
func (p people) declare(l line) error {
	words := strings.Fields(l.rest)
	if len(words) < 2 {
		return l.fails("write who NAME NETWORK [account=X] [nick=Y]")
	}
	name, network := words[0], words[1]
	delete(p, network+"/"+name)
	id := p.get(network, name)
	for _, w := range words[2:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "account":
			id.Account = value
		case "nick":
			id.Nick = value
		case "host":
			id.Host = value
		case "session":
			id.Session = value
		default:
			return l.fails("%q says nothing about a person: account, nick, host or session", key)
		}
	}
	p[network+"/"+name] = id
	return nil
}

// room reads "network/#id" or "network/@name".
func (p people) room(s string) chat.Room {
	network, id, _ := strings.Cut(s, "/")
	name, private := strings.CutPrefix(id, "@")
	if !private {
		return chat.Room{Network: network, ID: id}
	}
	who := p.get(network, name)
	if matrixLike(network) {
		return chat.Room{Network: network, ID: who.Account, Private: true, Account: who.Account}
	}
	return chat.Room{Network: network, ID: who.Nick, Private: true, Account: who.Account}
}

// name is what the transcript calls an identity.
func (p people) name(id chat.Identity) string {
	found := ""
	for key, other := range p {
		network, name, _ := strings.Cut(key, "/")
		same := other.Account == id.Account && (id.Account != "" || strings.EqualFold(other.Nick, id.Nick))
		if network == id.Network && same && (found == "" || name < found) {
			found = name
		}
	}
	if found == "" {
		return id.Nick
	}
	return found
}

// roomName is what the transcript calls a room.
func (p people) roomName(r chat.Room) string {
	if !r.Private {
		return r.Network + "/" + r.ID
	}
	name := p.name(chat.Identity{Network: r.Network, Account: r.Account, Nick: r.ID})
	return r.Network + "/@" + strings.TrimPrefix(name, "@")
}
