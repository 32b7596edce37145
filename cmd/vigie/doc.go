// Vigie is the support bot of a small non-profit web host, on IRC and Matrix: it
// answers members, guides them through a first diagnosis, opens and follows
// tickets, and announces incidents, meetings and donation calls.
//
// # One idea
//
// One event in, one turn, one transaction, effects as rows. A line of chat, a
// deadline, a probe's report is an event; one goroutine takes events one by one;
// a turn reads the store, decides, and writes state and replies together; after
// the commit, pumps deliver the replies, and the networks' proofs come back as
// events. Nothing is sent from inside a handler, nothing is decided outside a
// turn. Crash safety, order and tests come from this one rule.
//
// # The rooms of the house
//
//	cmd/vigie          this program: flags, configuration, wiring, tools (this file is the map)
//	cmd/lab            a module of its own: real servers and clients for the demo and the end-to-end tests
//	bot                events, turns, the machine, the loop, the outbox's promises
//	bot/chat           the vocabulary: Message, Reply, Room, Identity, Transport
//	bot/irc            IRC          ┐
//	bot/matrix         Matrix       ├ chat.Transport; they know nothing of ours but bot/chat
//	bot/console        a terminal   ┘
//	bot/web            the info site, health, metrics
//	bot/bottest        a fake network and the transcript player
//	commands           what people type and what Vigie does about it
//	commands/answer    what a sentence asks for; the FAQ
//	commands/words     every sentence that our own code says, in French and English
//	runbooks           guided diagnoses: loader, lints, engine; runbooks/probe the checks; runbooks/library the content
//	store              what is remembered: records with their rules, on bbolt or in memory
//
// Arrows, kept by a test: cmd → commands → bot → store → bot/chat; commands →
// runbooks; runbooks/probe → runbooks. Transports cannot see the store, the store
// cannot see a network, runbooks see neither.
//
// # Where each step of the story happens
//
//  1. A member writes on IRC: bot/irc reads the line and delivers a chat.Message;
//     bot.Machine drops replays and makes a Turn; commands.Table.Handle routes it
//     (commands/handle.go reads as the list of what a line can be).
//  2. Vigie recognises the problem (commands/answer), begins a runbook
//     (commands/runbook.go; the engine is runbooks.Start, Answer, Found) and asks
//     for checks: rows that bot hands to runbooks/probe after the commit.
//  3. A ticket opens (commands/ticket.go; its rules are store/ticket.go). The
//     number is said by a reply of the same transaction: it exists before it is read.
//  4. The staff room sees the ticket as a thread (commands/ticket.go postTicket;
//     bot/matrix encrypts). Words in the thread go to the member
//     (commands/ticket_staff.go); for somebody away the row waits in the outbox
//     (bot/outbox.go) until a sign of life.
//  5. Several tickets on one service make a proposal (commands/proposal.go), a
//     sysadmin confirms, everybody is told (commands/incident.go), the info site shows it (bot/web).
//  6. The donation call meets its gate (store/campaign.go Gate;
//     commands/campaign_call.go).
//  7. The incident ends; members are told and asked (commands/incident_told.go
//     tellTheEnd; commands/ticket_member.go ticketWords).
//  8. The process dies: nothing was said that is not on disk, what was on its way
//     is in the outbox (store/outgoing.go), and bot.Machine.Start goes on.
package main
