// Package commands is what people type and what Vigie does about it.
//
// Table is the bot's handler: one table of commands from which help, usage
// errors, permissions and completion derive, and one routing function (handle.go)
// that reads as a list. A Call is one person's words in one turn; a command is a
// function of a Call. Each noun has its file: ticket.go, incident.go,
// campaign.go, schedule.go, faq.go, runbook.go, help.go, admin.go.
//
// Nothing here knows a network or the clock: a Call's Now is its event's.
package commands
