package chat

import "time"

// ReplyKind says what is to be done in a room.
type ReplyKind uint8

// The kinds of Reply.
const (
	// Say writes Text.
	Say ReplyKind = iota
	// Amend replaces the message whose id is Target by Text, where the network
	// can; elsewhere it says Text anew.
	Amend
	// React puts the emoji in Text on Target; nothing where reactions are not.
	React
	// Redact takes Target back, where the network can and the bot may.
	Redact
	// Topic sets the room's topic to Text.
	Topic
	// Pin pins Target in the room, Unpin takes it off; nothing on IRC.
	Pin
	Unpin
	// Typing shows for some seconds that the bot is at work. It is never stored.
	Typing
)

// Tone says how loudly a Say is said.
type Tone uint8

// The tones. Answers are Quiet: m.notice on Matrix, and on IRC PRIVMSG in a
// room, NOTICE in private. Loud is for what must be noticed: m.text on Matrix.
const (
	Quiet Tone = iota
	Loud
)

// Priority orders what waits for one network; within one room the order of
// writing is never changed.
type Priority uint8

// Priorities, the most urgent first.
const (
	Urgent Priority = iota // answers to sysadmins, pages
	Answer                 // answers to everybody else
	News                   // announcements
	Digest                 // what can wait
)

// Reply is one thing that the bot does in one room. It is plain data: it rests
// in the store's outbox until the network has proved that it has it.
//
// Text uses one small markup that every transport renders in its own way:
// lines separated by \n, **bold**, `code`, bare URLs, and "- " at the start of a
// line for a list. Everything else is literal: what a person typed can be put
// in a Reply only through Plain.
type Reply struct {
	// Key names this reply for ever; a retry carries the same. It is ASCII, at
	// most 120 bytes.
	Key  string    `json:"key"`
	Room Room      `json:"room"`
	Kind ReplyKind `json:"kind,omitempty"`
	Text string    `json:"text,omitempty"`
	Tone Tone      `json:"tone,omitempty"`
	// To is the identity spoken to in a shared room: "nick: " on IRC, an exact
	// mention on Matrix when Loud. Nobody else is ever mentioned.
	To *Identity `json:"to,omitempty"`
	// Everyone, of a Loud reply, calls everybody who is in the room (@room on
	// Matrix, where the bot may; nothing on IRC). Only a sysadmin's own command
	// sets it.
	Everyone bool `json:"everyone,omitempty"`
	// Thread is the id of the message that starts the thread to answer in, and
	// Target of the message replied to, amended, reacted to, redacted or pinned.
	Thread string `json:"thread,omitempty"`
	Target string `json:"target,omitempty"`
	// ThreadOf and TargetOf name an earlier Reply by its Key instead; the outbox
	// puts that reply's Proof in Thread and Target before sending.
	ThreadOf string `json:"thread_of,omitempty"`
	TargetOf string `json:"target_of,omitempty"`
	// Secret marks text whose audience is narrower than a public room. On Matrix
	// it is refused in a room that is not end-to-end encrypted, unless
	// Room.Private or the configuration of that room allows it.
	Secret bool `json:"secret,omitempty"`
	// File, of a Say, goes with the text where the network has files.
	File     *File    `json:"file,omitempty"`
	Priority Priority `json:"priority,omitempty"`
	// Expires, when set, is when the reply has lost its use: it is then dropped
	// as stale, and never sent.
	Expires time.Time `json:"expires,omitzero"`
	// Maybe says that an earlier attempt may have arrived: the transport looks in
	// the room's history first where it can, answers Sent with that proof when it
	// is there, and Sent with ErrUnknown when it cannot look.
	Maybe bool `json:"maybe,omitempty"`
	// Since is when the first attempt was made, at the earliest: with Maybe, there
	// is no need to look further back. Zero: not known.
	Since time.Time `json:"since,omitzero"`
	// Repeat says that the text may have been read before, and makes the
	// transport mark it so.
	Repeat bool `json:"repeat,omitempty"`
}
