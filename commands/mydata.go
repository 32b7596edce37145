package commands

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/register"
	"vigie/commands/words"
	"vigie/store"
)

// ownData is all that is kept of somebody, as they get it: see Regulation (EU) 2016/679,
// articles 15 and 20. What staff noted among themselves is not in it.
type ownData struct {
	Made        time.Time         `json:"made"`
	Accounts    []string          `json:"accounts"`
	Name        string            `json:"name,omitempty"`
	Language    string            `json:"language,omitempty"`
	Charter     time.Time         `json:"charter_accepted,omitzero"`
	Rooms       []string          `json:"private_rooms,omitempty"`
	Register    []register.Member `json:"register,omitempty"`
	Correction  []string          `json:"register_corrections,omitempty"`
	Tickets     []ownTicketData   `json:"tickets,omitempty"`
	Dialogues   []string          `json:"dialogues_under_way,omitempty"`
	KeptForDays map[string]int    `json:"kept_for_days"`
}

type ownTicketData struct {
	N           int              `json:"n"`
	State       string           `json:"state"`
	Kind        string           `json:"kind,omitempty"`
	Subject     string           `json:"subject,omitempty"`
	Service     string           `json:"service,omitempty"`
	Site        string           `json:"site,omitempty"`
	Association string           `json:"association,omitempty"`
	Opened      time.Time        `json:"opened"`
	Closed      time.Time        `json:"closed,omitzero"`
	Said        []ownWordsData   `json:"said,omitempty"`
	Diagnosis   *json.RawMessage `json:"diagnosis,omitempty"`
}

type ownWordsData struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	Text string    `json:"text"`
}

// myData tells what is kept of the speaker, and hands all of it over as a file where
// the network has files.
func myData(c *Call) error {
	if c.person == nil {
		return c.Refuse("privacy.nothing", nil)
	}
	p := *c.person
	tickets := c.Tx.TicketsOf(p.ID)
	text := c.W("privacy.mydata", words.Args{"Accounts": strings.Join(known(p), ", "), "Tickets": len(tickets), "Days": c.Table.backupDays(),
		"Years": int(c.Table.cfg.Retention.Tickets / (365 * day))})
	if len(tickets) > 0 {
		text += "\n" + c.W("privacy.mydata_tickets", words.Args{"List": numbers(ticketNumbers(tickets)), "N": tickets[0].N})
	}
	if of := c.associations(); of != "" {
		text += "\n" + c.W("linking.associations", words.Args{"Associations": of})
	}
	r := chat.Reply{}
	if c.Table.lines(c.Msg.Room.Network) == 0 {
		file, whole, err := c.dataFile(p, tickets)
		if err != nil {
			return err
		}
		r.File = file
		if !whole {
			text += "\n" + c.W("privacy.mydata_large", nil)
		}
	} else {
		text += "\n" + c.W("privacy.mydata_file", nil)
	}
	c.SayWith(text, r)
	return nil
}

// dataFile is all of it, as JSON. Of who has written more than a file may hold, the
// newest tickets have their words; whole is then false.
func (c *Call) dataFile(p store.Person, tickets []store.Ticket) (file *chat.File, whole bool, err error) {
	d := c.ownData(p)
	whole = true
	size := 0
	for _, tk := range tickets {
		one := c.ownTicketData(tk, p)
		raw, err := json.Marshal(one)
		if err != nil {
			return nil, false, fmt.Errorf("write somebody's data: %w", err)
		}
		if size += 2 * len(raw); size > chat.MaxFile-64<<10 {
			one.Said, one.Diagnosis, whole = nil, nil, false
		}
		d.Tickets = append(d.Tickets, one)
	}
	raw, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, false, fmt.Errorf("write somebody's data: %w", err)
	}
	if len(raw) > chat.MaxFile {
		d.Tickets, whole = nil, false
		raw, _ = json.MarshalIndent(d, "", " ") // it was encoded a moment ago, with more in it
	}
	return &chat.File{Name: c.W("privacy.file_name", nil), Type: "application/json", Size: int64(len(raw)), Data: raw}, whole, nil
}

func (c *Call) ownData(p store.Person) ownData {
	t := c.Table
	d := ownData{Made: c.Now, Accounts: known(p), Name: p.Name, Language: p.Lang, Charter: p.Charter, Register: t.membersOf(p),
		KeptForDays: map[string]int{"tickets": int(t.cfg.Retention.Tickets / day), "deliveries": int(t.cfg.Retention.Deliveries / day), "audit": int(t.cfg.Retention.Audit / day),
			"dialogues": int(t.cfg.Retention.Dialogs / day), "backups": t.backupDays()}}
	for _, r := range p.Rooms {
		d.Rooms = append(d.Rooms, r.Network+"/"+r.ID)
	}
	for _, k := range c.Tx.Contacts() {
		if k.By == p.ID && k.Correction != "" {
			d.Correction = append(d.Correction, k.Correction)
		}
	}
	for _, g := range c.Tx.Dialogs() {
		if g.Person == p.ID {
			d.Dialogues = append(d.Dialogues, g.Kind)
		}
	}
	return d
}

// ownTicketData is a ticket as its requester may read it.
func (c *Call) ownTicketData(tk store.Ticket, p store.Person) ownTicketData {
	one := ownTicketData{N: tk.N, State: string(tk.State), Kind: string(tk.Kind), Subject: tk.Subject, Service: tk.Service, Site: tk.Site,
		Association: tk.Association, Opened: tk.Opened, Closed: tk.Closed}
	if len(tk.Runbook) > 0 && tk.Requester == p.ID {
		one.Diagnosis = &tk.Runbook
	}
	since := time.Time{} // of a ticket that theirs was merged into, what came after is theirs
	if i := slices.IndexFunc(tk.Also, func(a store.Asker) bool { return a.Person == p.ID }); i >= 0 {
		since = tk.Also[i].Since
	}
	for _, e := range store.AsAmended(c.Tx.TicketEvents(tk.N)) {
		switch e.Act {
		case store.ActOpen, store.ActSay, store.ActReply, store.ActSolve, store.ActReject, store.ActThank:
		default:
			continue
		}
		if e.Text == "" || e.At.Before(since) {
			continue
		}
		who := "Vigie"
		if by, ok := c.Tx.Person(e.By); ok {
			who = by.Name
		}
		one.Said = append(one.Said, ownWordsData{e.At, who, e.Text})
	}
	return one
}
