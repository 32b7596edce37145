package main

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot/irc"
	"vigie/bot/matrix"
	"vigie/commands"
)

// roomProblems holds the logical rooms against the networks: a place that no network joins
// would hear nothing for ever, and IRC is read by its servers' operators.
func (c *Config) roomProblems() []commands.Problem {
	var p []commands.Problem
	for name, r := range c.Rooms {
		for i, place := range r.Places {
			path := fmt.Sprintf("rooms.%s.places[%d]", name, i)
			network, id, _ := strings.Cut(place, "/")
			if n := slices.IndexFunc(c.IRC, func(n irc.Config) bool { return n.Name == network }); n >= 0 {
				if !slices.ContainsFunc(c.IRC[n].Channels, func(ch irc.Channel) bool { return strings.EqualFold(ch.Name, id) }) {
					p = append(p, commands.Problem{Path: path, Message: fmt.Sprintf("%q is joined by no network", place),
						Hint: fmt.Sprintf("add {name: %q} to the channels of %s, or mend the name", id, network)})
				}
				if r.Audience == commands.Staff && !r.AllowPlaintext {
					p = append(p, commands.Problem{Path: path, Message: "IRC is not end-to-end encrypted, and this room reads members' private tickets",
						Hint: "take this place out, or write allow_plaintext: true in the room if its members know"})
				}
			}
			if n := slices.IndexFunc(c.Matrix, func(n matrix.Config) bool { return n.Name == network }); n >= 0 &&
				!slices.ContainsFunc(c.Matrix[n].Rooms, func(room matrix.RoomConfig) bool { return room.Room == id }) {
				p = append(p, commands.Problem{Path: path, Message: fmt.Sprintf("%q is joined by no network", place),
					Hint: fmt.Sprintf("add {room: %q} to the rooms of %s, or mend the name", id, network)})
			}
		}
	}
	slices.SortFunc(p, func(a, b commands.Problem) int { return strings.Compare(a.Path, b.Path) })
	return p
}
