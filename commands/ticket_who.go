package commands

import (
	"slices"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// someone finds the person whom a name means: "moi" and "me" are the speaker. A name that
// means nobody, or several, is refused with the way to say it exactly.
func (c *Call) someone(name string) (store.Person, error) {
	if w := Fold(name); w == "moi" || w == "me" {
		return c.Person(), nil
	}
	found := c.Tx.PeopleCalled(name)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if network, account, ok := strings.Cut(name, "/"); ok && account != "" && c.Table.knowsNetwork(network) {
			nick, _, _ := strings.Cut(strings.TrimPrefix(account, "@"), ":")
			id := chat.Identity{Network: network, Account: account, Nick: nick}
			if !strings.HasPrefix(account, "@") {
				id.Host = account + "!*@*" // a network of nicks
			}
			return c.Tx.PersonFor(id), nil
		}
		return store.Person{}, c.Refuse("ticketact.nobody", words.Args{"Name": chat.Plain(name, 40)})
	}
	var keys []string
	for _, p := range found {
		for _, key := range p.Identities {
			if !strings.Contains(key, "?") {
				keys = append(keys, key)
			}
		}
	}
	return store.Person{}, c.Refuse("ticketact.several", words.Args{"Name": chat.Plain(name, 40), "Names": strings.Join(keys, ", ")})
}

// knowsNetwork tells whether a configured room is on a network.
func (t *Table) knowsNetwork(name string) bool {
	return slices.ContainsFunc(t.cfg.rooms(func(string, Room) bool { return true }), func(r chat.Room) bool { return r.Network == name })
}

// holds tells whether the configuration grants a role to one of a person's identities, and
// whether it is active.
func (t *Table) holds(p store.Person, role Role) (granted, active bool) {
	for _, key := range known(p) {
		if slices.Contains(t.cfg.Roles[role], key) {
			granted, active = true, active || p.Accepted(key)
		}
	}
	return granted, active
}

// sleeps tells whether the configuration grants somebody a role that waits for the charter: no
// words of others reach them by any path before.
func (t *Table) sleeps(p store.Person) bool {
	waits := false
	for _, key := range known(p) {
		network, account, _ := strings.Cut(key, "/")
		for _, r := range t.granted(chat.Identity{Network: network, Account: account}) {
			if r != Member && p.Accepted(key) {
				return false
			}
			waits = waits || r != Member
		}
	}
	return waits
}

// roomWith is where somebody reads what a role gives right to: in private, by an identity that
// holds it and has accepted the charter. A link carries no role: see store.Outgoing.
func (t *Table) roomWith(p store.Person, role Role) (chat.Room, bool) {
	for _, r := range p.Rooms {
		key := r.Network + "/" + r.Account
		if r.Account != "" && slices.Contains(t.cfg.Roles[role], key) && p.Accepted(key) {
			return r, true
		}
	}
	return chat.Room{}, false
}
