package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// WorksConfig says when planned works are spoken of.
type WorksConfig struct {
	// Reminders are how long before the works everybody is reminded.
	Reminders []time.Duration `yaml:"reminders"`
	// Near is how close to a meeting works are too close, on either side.
	Near time.Duration `yaml:"near"`
}

func defaultWorks() WorksConfig {
	return WorksConfig{Reminders: []time.Duration{24 * time.Hour, time.Hour}, Near: 2 * time.Hour}
}

func (c WorksConfig) check() []Problem {
	for _, r := range c.Reminders {
		if r < time.Minute || r > 60*24*time.Hour {
			return []Problem{{"maintenance", fmt.Sprintf("reminders: %s is not a time before works", r), "write reminders: [24h, 1h]"}}
		}
	}
	if c.Near < 0 {
		return []Problem{{"maintenance", "near is negative", "write near: 2h"}}
	}
	return nil
}

// maintenanceCommands plan works and tell of them.
func maintenanceCommands() []*Command {
	return []*Command{{Name: "maintenance", English: "maintenance", Aliases: []string{"travaux", "works"}, Role: Adminsys, Where: StaffOnly, Run: maintenance, Subs: []Sub{
		{"prevoir", "plan"}, {"deplacer", "move"}, {"commencer", "start"}, {"verifier", "verify"}, {"finir", "end"}, {"annuler", "cancel"}}}}
}

func maintenance(c *Call) error {
	switch c.Sub() {
	case "prevoir":
		return planMaintenance(c)
	case "deplacer":
		return moveMaintenance(c)
	case "commencer":
		return changeMaintenance(c, store.MaintenanceStarted)
	case "verifier":
		return changeMaintenance(c, store.MaintenanceVerifying)
	case "finir":
		return changeMaintenance(c, store.MaintenanceDone)
	case "annuler":
		return changeMaintenance(c, store.MaintenanceCancelled)
	}
	if c.Args != "" {
		return c.Usage()
	}
	var rows []string
	for _, m := range c.Tx.Maintenances() {
		if !m.Over() {
			rows = append(rows, c.Table.worksRow(c.Lang(), m))
		}
	}
	if len(rows) == 0 {
		return c.Refuse("maintenance.none", nil)
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// actWorks is the confirmation of works that are about to be announced.
const actWorks = "works"

// planMaintenance reads "prevoir web 2026-12-01 22:00 2h texte", shows what would be
// said, to whom, what it collides with, and asks.
func planMaintenance(c *Call) error {
	m := store.Maintenance{By: c.Person().ID}
	if err := c.worksFields(&m); err != nil {
		return err
	}
	w, rest := cutWord(c.Args)
	if m.Service = c.Table.serviceNamed(w); m.Service == "" {
		return c.Refuse("maintenance.which_service", words.Args{"Services": strings.Join(c.Table.serviceIDs(), ", ")})
	}
	c.Args = rest
	if err := c.worksFields(&m); err != nil {
		return err
	}
	from, until, rest, wrong := cutWhen(c.Args, c.Now, c.Table.cfg.Location())
	if wrong != "" {
		return c.Refuse(wrong, nil)
	}
	c.Args = rest
	if err := c.worksFields(&m); err != nil {
		return err
	}
	m.From, m.Until, m.Title = from, until, chat.Plain(c.Args, 300)
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep planned works: %w", err)
	}
	to := c.W("maintenance.to_rooms", words.Args{"Count": len(c.Table.concerned(m.Service))})
	if m.Subscribers {
		to = c.W("maintenance.to_subscribers", nil)
	}
	return c.confirm(confirmation{Act: actWorks, Text: string(raw)}, "maintenance.confirm", words.Args{
		"Text": c.Table.worksWords(c.Lang(), m, "planned"), "To": to, "Warnings": strings.Join(c.Table.collisions(c, m), " "),
		"Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

// worksFields takes "pour:abonnes" and "lieu:Marseille" off the front of the arguments.
func (c *Call) worksFields(m *store.Maintenance) error {
	for {
		w, rest := cutWord(c.Args)
		name, value, found := strings.Cut(w, ":")
		if !found || value == "" {
			return nil
		}
		switch Fold(name) {
		case "pour", "for":
			switch Fold(value) {
			case "abonnes", "subscribers":
				m.Subscribers = true
			case "tous", "all":
				m.Subscribers = false
			default:
				return c.Refuse("maintenance.for_whom", nil)
			}
		case "lieu", "site", "place":
			m.Site = chat.Plain(value, 60)
		default:
			return nil
		}
		c.Args = rest
	}
}

// announceWorks keeps works that were said yes to, and tells of them.
func (t *Table) announceWorks(c *Call, raw string) error {
	var m store.Maintenance
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return fmt.Errorf("read planned works: %w", err)
	}
	if !m.From.After(c.Now) {
		return c.Refuse("maintenance.past", nil)
	}
	m = c.Tx.NewMaintenance(m)
	c.Tx.Audit(c.Person().ID, "maintenance plan", strconv.Itoa(m.N), c.RoomName)
	m.Say(c.Now)
	t.tellWorks(c.Turn, m)
	t.windWorks(c.Turn, m)
	c.SayID("maintenance.planned", words.Args{"N": m.N})
	return nil
}

// moveMaintenance gives works new times: "deplacer 3 2026-12-02 22:00 2h".
func moveMaintenance(c *Call) error {
	m, err := c.worksArg()
	if err != nil {
		return err
	}
	from, until, _, wrong := cutWhen(c.Args, c.Now, c.Table.cfg.Location())
	if wrong != "" {
		return c.Refuse(wrong, nil)
	}
	if err := m.Shift(from, until, c.Now); err != nil {
		return c.wrongWorks(err)
	}
	c.Tx.Audit(c.Person().ID, "maintenance move", strconv.Itoa(m.N), c.RoomName)
	c.Table.tellWorks(c.Turn, m)
	c.Table.windWorks(c.Turn, m)
	c.Say(strings.TrimSpace(c.W("maintenance.moved", words.Args{"N": m.N}) + " " + strings.Join(c.Table.collisions(c, m), " ")))
	return nil
}

// changeMaintenance brings works to a state, and tells of it.
func changeMaintenance(c *Call, to store.MaintenanceState) error {
	m, err := c.worksArg()
	if err != nil {
		return err
	}
	if err := m.Move(to, c.Now); err != nil {
		return c.wrongWorks(err)
	}
	c.Tx.Audit(c.Person().ID, "maintenance "+string(to), strconv.Itoa(m.N), c.RoomName)
	m.Say(c.Now)
	c.Table.tellWorks(c.Turn, m)
	c.Table.windWorks(c.Turn, m)
	args := words.Args{"N": m.N, "State": c.W("maintenance.state_"+string(m.State), nil), "Incident": 0}
	if i, ok := openOn(c.Tx, m.Service); ok && to == store.MaintenanceStarted {
		args["Incident"] = i.N
	}
	c.SayID("maintenance.told", args)
	return nil
}

// worksArg is the works that are named by number, else the only ones that are not over.
func (c *Call) worksArg() (store.Maintenance, error) {
	if w, rest := cutWord(c.Args); digits(w) && !strings.ContainsAny(w, "-/:") || dayless(w) {
		n, _ := number(w)
		c.Args = rest
		if m, ok := c.Tx.Maintenance(n); ok {
			return m, nil
		}
		return store.Maintenance{}, c.Refuse("maintenance.not_found", nil)
	}
	var open []store.Maintenance
	for _, m := range c.Tx.Maintenances() {
		if !m.Over() {
			open = append(open, m)
		}
	}
	switch len(open) {
	case 0:
		return store.Maintenance{}, c.Refuse("maintenance.none", nil)
	case 1:
		return open[0], nil
	}
	return store.Maintenance{}, c.Refuse("maintenance.which", words.Args{"Count": len(open)})
}

// dayless tells whether a word is a number as people write them to name a thing.
func dayless(w string) bool { _, ok := number(w); return ok }

func (c *Call) wrongWorks(err error) error {
	if me, ok := errors.AsType[*store.MaintenanceError](err); ok {
		return c.Refuse("maintenance.wrong_moment", words.Args{"N": me.N, "State": c.W("maintenance.state_"+string(me.From), nil)})
	}
	return err
}
