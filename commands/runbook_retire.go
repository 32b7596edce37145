package commands

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

const (
	// hashShown is how much of a version's hash people read and write at least.
	hashShown = 8
	// maxRetired bounds the versions that are remembered of one runbook.
	maxRetired = 50
)

// retiredNote names the note of the hashes of a runbook's retired versions.
func retiredNote(id string) string { return "retired/" + id }

// running counts the dialogues on each version that is played now, by runbook and
// hash: the one in service and those that dialogues are still pinned to.
func (t *Table) running(tx *store.Tx) map[string]map[string]int {
	out := map[string]map[string]int{}
	count := func(id, hash string, n int) {
		if id == "" || hash == "" {
			return
		}
		if out[id] == nil {
			out[id] = map[string]int{}
		}
		out[id][hash] += n
	}
	for _, rb := range t.lib.All() {
		count(rb.ID, rb.Hash, 0)
	}
	for _, d := range tx.Dialogs() {
		var s runbooks.Session
		if own(d.Kind) || json.Unmarshal(d.Session, &s) != nil {
			continue
		}
		played := map[string]string{s.Hash: s.Runbook}
		for _, f := range s.Frames {
			played[f.Hash] = f.Runbook
		}
		for id, hash := range s.Callees {
			played[hash] = id
		}
		for hash, id := range played {
			count(id, hash, 1)
		}
	}
	return out
}

// retireNamed takes the version out of service that "id" (the one in service) or
// "id@hash" names; the beginning of a hash is enough if no other begins so.
func (t *Table) retireNamed(c *Call, name string) error {
	id, hash, pinned := strings.Cut(name, "@")
	running := t.running(c.Tx)
	for known := range running {
		if Fold(known) == Fold(id) {
			id = known
		}
	}
	versions, ok := running[id]
	if !ok {
		return c.Refuse("runbookstaff.unknown", words.Args{"Name": id, "Runbooks": strings.Join(slices.Sorted(maps.Keys(running)), ", ")})
	}
	rb, served := t.lib.ByID(id)
	if !pinned {
		if !served {
			return c.Refuse("runbookstaff.no_version", words.Args{"Name": name, "Versions": versionList(versions, "")})
		}
		return t.retire(c, id, rb.Hash)
	}
	var fits []string
	for h := range versions {
		if hash = strings.ToLower(hash); len(hash) >= hashShown && strings.HasPrefix(h, hash) {
			fits = append(fits, h)
		}
	}
	if len(fits) != 1 {
		current := ""
		if served {
			current = rb.Hash
		}
		return c.Refuse("runbookstaff.no_version", words.Args{"Name": name, "Versions": versionList(versions, current)})
	}
	return t.retire(c, id, fits[0])
}

// versionList names versions and how many dialogues play each; a star marks the
// one in service.
func versionList(versions map[string]int, current string) string {
	var out []string
	for _, h := range slices.Sorted(maps.Keys(versions)) {
		star := ""
		if h == current {
			star = "*"
		}
		out = append(out, fmt.Sprintf("%.*s%s (%d)", hashShown, h, star, versions[h]))
	}
	return strings.Join(out, ", ")
}

// retire takes a version out of service: who is in the middle of it is handed to
// people, nobody begins it any more, and the next version of the file is in
// service again without a further word.
func (t *Table) retire(c *Call, id, hash string) error {
	if t.retired(c.Tx, id, hash) {
		return c.Refuse("runbookstaff.retired_already", words.Args{"Name": id})
	}
	was := strings.Fields(c.Tx.Note(retiredNote(id)))
	c.Tx.SetNote(retiredNote(id), strings.Join(append(was[max(0, len(was)-maxRetired+1):], hash), " "))
	c.Tx.Audit(c.Person().ID, "runbook retire", fmt.Sprintf("%s@%.12s", id, hash), c.RoomName)
	ended := 0
	for _, d := range c.Tx.Dialogs() {
		var s runbooks.Session
		if own(d.Kind) || json.Unmarshal(d.Session, &s) != nil || !slices.Contains(s.Pins(), hash) {
			continue
		}
		k, err := t.talk(c.Turn, d)
		if err != nil {
			k = &talk{Turn: c.Turn, table: t, lib: t.lib, d: d, s: s}
		}
		var effects []runbooks.Effect
		k.s, effects = runbooks.Withdraw(k.s)
		if err := k.carryOut(effects); err != nil {
			return fmt.Errorf("end a dialogue of %s: %w", id, err)
		}
		ended++
	}
	sentence := "runbookstaff.retired"
	if rb, ok := t.lib.ByID(id); !ok || rb.Hash != hash {
		sentence = "runbookstaff.retired_old"
	}
	c.SayID(sentence, words.Args{"Name": id, "Hash": hash[:min(len(hash), hashShown)], "Ended": ended})
	return nil
}

// retired tells whether this very version was taken out of service.
func (t *Table) retired(tx *store.Tx, id, hash string) bool {
	return slices.Contains(strings.Fields(tx.Note(retiredNote(id))), hash)
}

// inService is the library without the runbooks whose version was retired: a
// dialogue that would call one of them takes its other way.
func (t *Table) inService(tx *store.Tx) *runbooks.Library {
	var out []string
	for id, hashes := range tx.Notes(retiredNote("")) {
		if rb, ok := t.lib.ByID(id); ok && slices.Contains(strings.Fields(hashes), rb.Hash) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return t.lib
	}
	return t.lib.Without(out...)
}
