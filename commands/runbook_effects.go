package commands

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// carryOut does what the engine wants done, saves the dialogue, and says
// everything in one reply.
func (k *talk) carryOut(effects []runbooks.Effect) error {
	for len(effects) > 0 {
		e := effects[0]
		effects = effects[1:]
		more, err := k.one(e)
		if err != nil {
			return err
		}
		effects = append(effects, more...)
	}
	k.mindIncidents()
	if err := k.save(); err != nil {
		return err
	}
	k.noteQuestion()
	k.flush()
	return k.resume()
}

// one does one effect; checks answered from the store bring further effects.
func (k *talk) one(e runbooks.Effect) ([]runbooks.Effect, error) {
	switch e := e.(type) {
	case runbooks.Say:
		k.text = append(k.text, e.Text)
	case runbooks.Ask:
		if e.Sensitive {
			k.inPrivate()
		}
		k.text = append(k.text, e.Text)
		var rows []string
		for i, o := range e.Options {
			rows = append(rows, fmt.Sprintf("%d) %s", i+1, o.Label))
		}
		if len(rows) > 0 {
			k.text = append(k.text, strings.Join(rows, "  "))
		}
	case runbooks.Probe:
		return k.probe(e)
	case runbooks.OpenTicket:
		return nil, k.ticket(e, handOverWords("", k.d.Room))
	case runbooks.HandOver:
		return nil, k.ticket(runbooks.OpenTicket{Priority: "normal", Private: k.s.Private}, handOverWords(e.Reason, k.d.Room))
	case runbooks.End:
		k.end(e)
	}
	return nil, nil
}

// probe answers from the store what the store knows, and asks the outside for
// the rest.
func (k *talk) probe(e runbooks.Probe) ([]runbooks.Effect, error) {
	known := map[string]runbooks.Report{}
	asked := map[string]runbooks.Request{}
	for key, req := range e.Checks {
		switch req.Kind {
		case "incident":
			known[key] = k.table.checkIncident(k.Turn, k.lang(), req)
		case "inventory":
			known[key] = k.table.checkInventory(k.Turn, req)
		default:
			if rep, refused := k.refused(req); refused {
				known[key] = rep
				continue
			}
			asked[key] = req
		}
	}
	if len(asked) > 0 {
		id := k.d.Key() + "/" + slices.Min(slices.Collect(maps.Keys(asked)))
		args := map[string]any{"checks": asked, "timeout_ms": e.Timeout.Milliseconds(), "who": k.d.Person}
		if err := k.Turn.Probe(id, probeChecks, k.d.Key(), args); err != nil {
			return nil, err
		}
		if k.table.lines(k.d.Room.Network) == 0 {
			k.Turn.Say(chat.Reply{Room: k.d.Room, Kind: chat.Typing})
		}
	}
	if len(known) == 0 {
		return nil, nil
	}
	s, effects, err := runbooks.Found(k.lib, k.s, known, k.Now)
	if err != nil {
		return nil, fmt.Errorf("take known reports: %w", err)
	}
	k.s = s
	return effects, nil
}

// handOverWords names the sentence that goes with the ticket of a dialogue that
// is given to people.
func handOverWords(reason string, room chat.Room) string {
	switch {
	case reason != "human" && room.Private:
		return "runbook.ticket_private"
	case reason != "human":
		return "runbook.ticket"
	case room.Private:
		return "ticket.human_opened"
	}
	return "ticket.human_opened_public"
}

// ticket opens the ticket that a diagnosis ends in, with all that it found, and
// says the sentence id with its number. Somebody who has too many open tickets
// reads that instead.
func (k *talk) ticket(e runbooks.OpenTicket, id string) error {
	raw, err := json.Marshal(k.s)
	if err != nil {
		return fmt.Errorf("keep the diagnosis: %w", err)
	}
	p, ok := k.Tx.Person(k.d.Person)
	if !ok {
		return fmt.Errorf("open a ticket for nobody: %w", store.ErrNotFound)
	}
	rb, _ := k.lib.ByHash(k.s.Hash)
	o := store.Opening{Kind: store.KindOutage, Private: e.Private || k.s.Private, Priority: e.Priority, Runbook: raw, Site: k.site()}
	first := k.Tx.Note(said(k.d))
	if rb != nil {
		o.Subject = rb.Title.In(k.lang())
		for _, intent := range rb.Intents {
			if o.Service = k.table.serviceFor(intent); o.Service != "" {
				break
			}
		}
	}
	if first == "" {
		first = o.Subject
	}
	if tk, ok := k.shared(o, p); ok && e.Outcome != "" {
		return k.join(tk, p, raw, first)
	}
	who := asker{person: p, with: k.d.With, room: k.d.Room, lang: k.lang()}
	tk, err := k.table.openFor(k.Turn, who, o, first)
	if n, mild := bot.AsNotice(err); mild {
		k.text = append(k.text, n.Message)
		return nil
	}
	if err != nil {
		return err
	}
	k.d.Ticket = tk.N
	k.text = append(k.text, k.table.words.Say(k.lang(), id, words.Args{"N": tk.N, "Duty": k.table.dutyWords(k.Turn, k.lang())}))
	if err := k.bringAffected(tk); err != nil {
		return err
	}
	if e.Outcome == runbooks.Escalate {
		k.table.page(k.Turn, tk)
		k.text = append(k.text, k.table.words.Say(k.lang(), "runbook.paged", nil))
	}
	return nil
}

// site is the domain that the diagnosis was about.
func (k *talk) site() string {
	for _, f := range k.s.Frames {
		if d := f.Facts["domain"]; d != "" {
			return d
		}
	}
	return k.s.Given["domain"]
}

func (k *talk) end(e runbooks.End) {
	if e.Outcome == runbooks.KnownIncident && e.Notify {
		k.table.followIncident(k.Turn, k.d.Person, e.Incident)
	}
}

// save keeps the dialogue as it stands now, or drops it when it has ended.
func (k *talk) save() error {
	key := k.d.Key()
	k.Tx.SetNote(ticketMeanwhile(k.d), "")
	if k.s.State == runbooks.Ended {
		k.remember()
		if d, ok := k.Tx.Dialog(key); ok && d.Kind == k.d.Kind {
			k.Tx.DropDialog(key)
		}
		k.Tx.ClearDue(dueDialog, key)
		k.closing()
		k.Tx.SetNote(said(k.d), "")
		k.tellAffected()
		k.forget(answeredBy(k.d), switchTo(k.d))
		k.forgetChecks()
		k.listenFor()
		return nil
	}
	raw, err := json.Marshal(k.s)
	if err != nil {
		return fmt.Errorf("save dialogue: %w", err)
	}
	k.d.Session, k.d.Hash = raw, k.s.Hash
	for _, hash := range k.s.Pins() {
		if rb, ok := k.lib.ByHash(hash); ok {
			k.Tx.Pin(hash, rb.Source)
		}
	}
	k.Tx.PutDialog(k.d)
	if !k.s.Deadline.IsZero() {
		k.Tx.SetDue(dueDialog, key, k.s.Deadline)
	}
	return nil
}

// listenFor lets the member's next words in private go to the ticket that the
// dialogue ended in.
func (k *talk) listenFor() {
	if p, ok := k.Tx.Person(k.d.Person); ok && k.d.Ticket != 0 {
		k.table.listen(k.Turn, asker{person: p, with: k.d.With, room: k.d.Room}, k.d.Ticket)
	}
}

// flush says what the turn gathered.
func (k *talk) flush() {
	if len(k.text) == 0 {
		return
	}
	lines := strings.Split(strings.Join(k.text, "\n"), "\n")
	// The question stands last, and must not be what "!suite" holds back: the lines
	// before it are joined.
	if most := k.table.lines(k.d.Room.Network); most > 0 && len(lines) > most {
		n := len(lines) - most + 1
		lines = append([]string{strings.Join(lines[:n], " ")}, lines[n:]...)
	}
	r := chat.Reply{Room: k.d.Room, Text: strings.Join(lines, "\n"), Thread: k.d.Thread, Priority: chat.Answer, Secret: k.d.Room.Private}
	if !k.d.Room.Private {
		with := k.d.With
		r.To = &with
	}
	k.Turn.Say(r)
}
