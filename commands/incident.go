package commands

import (
	"vigie/bot"
	"vigie/runbooks"
	"vigie/store"
)

type IncidentsConfig struct{}

func defaultIncidents() IncidentsConfig                  { return IncidentsConfig{} }
func (c *IncidentsConfig) check() []Problem              { return nil }
func incidentCommands() []*Command                       { return nil }
func (t *Table) alert(turn *bot.Turn, e bot.Alert) error { return nil }

func (t *Table) considerIncident(turn *bot.Turn, tk store.Ticket) error { return nil }
func (t *Table) incidentReaction(c *Call) error                         { return nil }

func (t *Table) checkIncident(turn *bot.Turn, lang string, req runbooks.Request) runbooks.Report {
	return runbooks.Report{}
}
func (t *Table) followIncident(turn *bot.Turn, person, id string) {}
