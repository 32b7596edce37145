// Package runbooks holds guided diagnoses: their YAML schema, the loader and
// its lints, and the engine that plays one with a member.
//
// The package is pure. It opens no socket, reads no clock, starts no goroutine
// and keeps no state: a [Session] is plain data that the caller stores, every
// function takes the instant as an argument, and what is to be done comes back
// as a list of [Effect] values. A [Library] is immutable and may be used by
// several goroutines; a Session belongs to one at a time.
//
// # One turn
//
// [Start], [Answer], [Found] and [Due] are the four ways on. Each takes a
// Session and returns the next one; none changes the one it was given.
//
//	member's line ──► Answer ─┐
//	probe's report ─► Found ──┼──► next Session + effects (Say Ask Probe Wait
//	clock ──────────► Due ────┘                            OpenTicket HandOver End)
//
// # Schema v1 in short
//
// A runbook is a YAML mapping: schema (runbook/v1), id, version, owner,
// review_by, title, intents, languages, limits, facts, start, steps, tests.
// Unknown keys, anchors, aliases, merges and tags are refused. A fact is what the
// member says {type*, from: [utterance, member, ask], label} or what follows from
// checks {expr*, needs, label}; label {fr, en} is its name for staff and on
// pictures. Every step has a
// kind; these are the keys of each, * marks the mandatory ones. All may have
// `tell: [check ids]`, which says the standard sentence of each named check
// that did run, before the step's own text.
//
//	ask    type* text* unknown* fact why invalid retries on_fail skip next sensitive
//	       choice: options* {id: {fr, en, say, go}}; yesno: if_yes* if_no*;
//	       text: max; number: min max; the others: next*
//	check  run* {id: {kind, arguments…, if}} next* announce timeout
//	route  next*
//	say    text* next*
//	do     text* if_done* if_failed* if_cannot* verify {id: {kind, arguments…}} why
//	wait   for* next* text
//	call   runbook* else* with solved not_ours
//	end    outcome* text queue priority private page incident notify
//
// `next` of a check and of a route is a step id, or a list of {if, go} that ends
// with a bare {go}. A member who says that a gesture is done is believed, unless
// `verify` finds a verdict that is neither good nor unknown: then if_failed.
//
// A called runbook that ends `solved` comes back through `solved` (or `else`),
// one that ends `not_ours` comes back only if the call has that key, and one
// that opens a ticket, escalates or meets a known incident ends the whole
// dialogue: nobody gets two tickets out of one conversation. `else` is also the
// way on when the called runbook cannot finish.
//
// An ask whose fact is already known is not asked. A yesno fact is a bool, a
// number an int, a choice its option's id, a since an instant; the others are
// text. In conditions an unset fact is "", 0 or false; in texts and arguments a
// fact must have been set on every path (RB207).
//
// Retries counts the answers not understood before on_fail (or, without it,
// `unknown`) is taken; it is 2 by default.
//
// # What is kept, and for how long
//
// A Session pins its runbook by hash, and those that it called ([Session.Pins]):
// the caller keeps their sources, and gives them back through [Library.Compile]
// and [Library.With] when [ErrUnknownVersion] asks for one. State is the replay
// of the log, so a step back costs nothing; checks that are younger than five
// minutes are then used again. A session silent for too long forgets what the
// member said and keeps only its counts.
//
// # Golden tests
//
// A test has name, lang, say, path, outcome, and may have checks, facts and
// utterance. `checks` gives for each check id a verdict, or {verdict, fields…},
// or a list of these for one id that runs several times; a check without an
// entry ends `unknown`. The steps of a called runbook stand in a path as
// callee/step; a path that names none of them is compared without them.
package runbooks
