package store

import (
	"slices"
	"strings"
)

// PeopleCalled lists the persons that a name may mean, as staff type it: an identity
// ("irc/claire", "@jean:example.org"), the account's own name ("claire", "jean"), or what
// somebody was last called. Whoever has an account of that name comes alone: a nick is
// anybody's.
func (tx *Tx) PeopleCalled(name string) []Person {
	var exact, called []Person
	name = strings.TrimPrefix(Fold(strings.TrimSpace(name)), "@")
	if name == "" {
		return nil
	}
	each(tx, "person", "", "", func(_ string, p Person) bool {
		switch {
		case p.Into != "": // found as the person that they turned out to be
		case slices.ContainsFunc(p.Identities, func(key string) bool { return accountCalled(key, name) }):
			exact = append(exact, p)
		case Fold(p.Name) == name:
			called = append(called, p)
		}
		return true
	})
	if len(exact) > 0 {
		return exact
	}
	return called
}

// accountCalled tells whether a name means an identity that a network vouches for.
func accountCalled(key, name string) bool {
	network, account, ok := strings.Cut(Fold(key), "/")
	if !ok || strings.Contains(network, "?") { // a mask may hold a "/"
		return false
	}
	account = strings.TrimPrefix(account, "@")
	local, _, _ := strings.Cut(account, ":")
	return slices.Contains([]string{account, local, network + "/" + account, network + "/@" + account}, name)
}
