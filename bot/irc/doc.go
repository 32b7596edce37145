// Package irc is the chat.Transport for IRC networks: one account on one
// network, connected for as long as Run runs.
//
// # How it is built
//
// Of girc only the parser (Event, ParseEvent, Tags) and the CTCP coding are
// used. The connection, registration, queue and splitter are here, because a
// support bot has to know what became of every line.
//
// A connection is a session. Three goroutines serve it and end with it:
//
//	reader   cuts the byte stream into lines, with a cap on their length
//	loop     owns every bit of state: capabilities, people, rooms, queue, proofs
//	writer   writes what the loop hands it, under a deadline
//
// Nothing is shared, so nothing is locked: Send hands the loop a job and waits.
// What is delivered passes through a bounded queue to one more goroutine, so
// that a slow turn of the bot never delays the answer to a PING.
//
// # What Send promises
//
// Send returns nil when the last line of the reply has been written. One Sent
// follows. Its Proof is the msgid that the server gave to the last line
// (echo-message, matched by label where the server has labeled-response), "echo"
// where echoes carry no msgid, or "pong" where the server has no echo: it then
// has answered a PING sent behind the lines, and so has taken all of them.
// Otherwise Sent.Err says why: ErrRefused or ErrAway after an error from the
// server, ErrUnknown when nothing came in time or the link was lost.
//
// React, Redact, Pin, Unpin and Typing mean nothing on IRC: nothing is written
// and the Sent comes at once. Amend says the text anew.
//
// After a cut or a restart, one look at a room's history (draft/chathistory)
// settles all the replies to it that carry Maybe.
//
// # What Status says
//
// Up comes once the bot is logged in and every channel has had its answer, and
// again each time it gets into a channel later. Up with an error says what
// is to be mended while the rest works: a channel that is closed to the bot, a nick that
// somebody keeps. Not Up while the link is there means that the bot has to carry another
// nick than its own, and is silent for Config.QuietOnAltNick. Send
// to such a channel fails with ErrRefused, to one that is full, silent, or that the bot was
// just put out of with ErrDown.
//
// # Whom it believes
//
// A Message's Account is the account tag of that very line where the server has
// account-tag, and otherwise the word of extended-join, WHOX and account-notify
// together; where the server tells neither, its WHOIS about somebody who is in sight,
// believed for a minute. Never a nick, never a hostmask. A private reply for an account goes
// to the nick that is logged in to it at the moment of writing: one followed in
// a shared room, or one that WHOIS has just vouched for. The few milliseconds
// that a line travels cannot be closed on IRC.
package irc
