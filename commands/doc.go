// Package commands is what people type and what Vigie does about it.
//
// Table is the bot's handler: one table of commands from which help, usage
// errors, permissions and completion derive, and one routing function (handle.go)
// that reads as a list. A Call is one person's words in one turn; a command is a
// function of a Call. Each noun has its files: ticket*.go, incident*.go (and
// proposal.go, announce.go), runbook*.go, schedule.go and agenda.go, campaign*.go,
// faq.go, person.go, help.go, admin.go. What a member of a ticket reads, and where,
// is decided in ticket_tell.go alone.
//
// The tests in testdata are transcripts (package bottest): one a behaviour, in the
// words that people read. "go test ./commands -run Transcripts -update" writes them
// anew after a change; read the difference before you keep it.
//
// Nothing here knows a network or the clock: a Call's Now is its event's.
package commands
