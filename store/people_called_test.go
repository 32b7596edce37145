package store

import (
	"testing"

	"vigie/bot/chat"
)

func TestPeopleCalled(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tx.PersonFor(chat.Identity{Network: "irc", Account: "claire", Nick: "Clairette"})
		tx.PersonFor(chat.Identity{Network: "irc", Nick: "claire", Host: "claire!u@h/claire"}) // whoever took the nick
		tx.PersonFor(chat.Identity{Network: "matrix", Account: "@jean:example.org", Nick: "Jean M."})
		tx.PersonFor(chat.Identity{Network: "irc", Account: "jean", Nick: "jean"})
		tx.PersonFor(chat.Identity{Network: "irc", Nick: "passant", Host: "passant!u@h"})
		return nil
	})
	for name, want := range map[string]int{"claire": 1, "CLAIRE": 1, "irc/claire": 1, "clairette": 1, "@jean:example.org": 1, "matrix/@jean:example.org": 1, "jean": 2,
		"jean m.": 1, "passant": 1, "h/claire": 0, "irc?claire": 0, "": 0, "@": 0, "personne": 0} {
		change(t, s, func(tx *Tx) error {
			if got := tx.PeopleCalled(name); len(got) != want {
				t.Errorf("%q means %d persons, want %d: %+v", name, len(got), want, got)
			}
			return nil
		})
	}
}
