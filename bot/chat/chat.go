// Package chat is the vocabulary that Vigie and its networks share: who wrote
// what, where, and what is to be said. It knows no network, no store and no
// command, and imports nothing of ours.
//
// A Transport (bot/irc, bot/matrix, bot/console) turns a network's events into
// Inbounds and Replies into what people read. Everything between the two is
// decided by package bot, one Inbound at a time.
package chat

import (
	"strings"
	"time"
)

// Identity is who wrote, as far as the network vouches for it. The only thing
// that may be trusted is Account; Nick is what people read on their screen.
type Identity struct {
	// Network is the Name of the Transport.
	Network string `json:"network"`
	// Account is the IRC services account or the Matrix user id. Empty means
	// that nobody vouches for this person: whoever uses the nick today.
	Account string `json:"account,omitempty"`
	// Nick is the name to show and to address. Never an identity.
	Nick string `json:"nick,omitempty"`
	// Host is nick!user@host on IRC, empty on Matrix. It tells two unknown
	// people of one moment apart, and proves nothing.
	Host string `json:"host,omitempty"`
	// Session, of somebody whom nobody vouches for, stays the same as long as the
	// network has surely not given the nick to anybody else: whoever takes a freed
	// nick has another one, even with the very same Host. Empty: it cannot be told.
	// What is private to an unknown person is theirs only within one Session.
	Session string `json:"session,omitempty"`
}

// SameSession tells whether id is surely the person who was there before: an
// account that the network vouches for, or the unbroken session of an unknown.
func (id Identity) SameSession(session string) bool {
	return id.Known() || id.Session != "" && id.Session == session
}

// Known tells whether the network vouches for this person.
func (id Identity) Known() bool { return id.Account != "" }

// Key names the person in the store: by account where there is one, otherwise
// by this connection's mask, which is good for one conversation at most. The
// two forms cannot be mistaken for each other.
func (id Identity) Key() string {
	if id.Account != "" {
		return id.Network + "/" + id.Account
	}
	return id.Network + "?" + strings.ToLower(id.Host)
}

// Room is one place on one network: a channel, a Matrix room, or a private
// conversation. It is comparable and may be used as a map key.
type Room struct {
	Network string `json:"network"`
	// ID is the channel's name in the network's own casing rules, folded
	// ("#support"), or the Matrix room id. In a private conversation it is the
	// nick (IRC) or the user id (Matrix; the transport finds or makes the room).
	ID string `json:"id"`
	// Private says that only one person and the bot are here.
	Private bool `json:"private,omitempty"`
	// Account, in a private conversation, is the account that must be behind it
	// at the moment of sending. A transport sends such a reply to whichever nick
	// is logged in to it now and fails with ErrAway when none is. Empty: the
	// person is not logged in, and ID alone says where to write.
	Account string `json:"account,omitempty"`
}

// String is a form for logs and keys: network/id, with a mark when private.
func (r Room) String() string {
	s := r.Network + "/" + r.ID
	if r.Private {
		return s + "!" + r.Account
	}
	return s
}

// MessageKind says what happened in a room.
type MessageKind uint8

// The kinds of Message.
const (
	// Text is a line (IRC) or a whole message (Matrix) that somebody wrote.
	Text MessageKind = iota
	// Reaction is an emoji (in Text) put on the message named by Target.
	Reaction
	// Edit replaces the message named by Target by Text.
	Edit
	// Redaction takes the message named by Target back.
	Redaction
	// Join tells that From came into Room, or was seen there at start.
	Join
	// Alive is a sign of life that carries no words: somebody logged in, came
	// back, or spoke where the bot only listens.
	Alive
	// TopicIs tells the room's topic (Text) as somebody else set it: when the bot
	// comes in, and at each change that is not its own.
	TopicIs
	// Unreadable tells that From wrote something, the message Target, that could
	// not be decrypted: its key was asked for and has not come. If it comes, the
	// message follows as any other, with its own ID.
	Unreadable
)

// Message is something that somebody did in a room. Texts are what was typed,
// with the network's formatting taken away and invalid UTF-8 repaired, and may
// hold anything else that a hostile person can type.
type Message struct {
	Room Room
	// ID is the network's own id of this message (IRC msgid, Matrix event id).
	// Empty when the network gives none.
	ID   string
	From Identity
	Kind MessageKind
	Text string
	// Files are what came with it; Text is then what was written beside them, or
	// empty.
	Files []File
	// Addressed says that the network itself marks the bot as addressed: a
	// private conversation, a Matrix mention. "vigie: …" is left to commands.
	Addressed bool
	// Thread is the id of the message that starts the thread this one is in.
	Thread string
	// Target is the id of the message this one replies or reacts to, edits or
	// redacts.
	Target string
	// At is the network's word for when it was written; Received is when we got
	// it. Age is judged by the later of what can be trusted: see Age.
	At, Received time.Time
	// Encrypted says that the message came end-to-end encrypted.
	Encrypted bool
	// History says that the message was read back after an absence, at our own
	// request.
	History bool
	// Cursor, when not nil, is the transport's position after this message; the
	// turn that handles the message commits it. See Transport.Run.
	Cursor []byte
}

// Age is how old the message was when it reached us, never negative. A sender
// can lie about At, and so only ever make a message look older than it is:
// which costs him the answer.
func (m Message) Age() time.Duration {
	if m.At.IsZero() || m.At.After(m.Received) {
		return 0
	}
	return m.Received.Sub(m.At)
}

// Sent tells what became of a Reply that Transport.Send has taken: proof that
// the network has it, or a failure. For every Send that returned nil, exactly
// one Sent is delivered, within the transport's own time limit.
type Sent struct {
	Network string
	Key     string
	// Proof is the network's id of what was sent (event id, msgid), or another
	// non-empty mark when the network proves delivery without giving an id.
	Proof string
	// Err is nil with a Proof. ErrUnknown: it may or may not have arrived.
	Err error
	// Retry is how long to wait before trying again; zero leaves it to the
	// caller; negative says that trying again is of no use.
	Retry  time.Duration
	Cursor []byte
}

// Status tells that a transport's link came up or went down, for the health
// page and for the sysadmins. It is never stored.
type Status struct {
	Network string
	Up      bool
	// Err says why it is down, in words for a sysadmin.
	Err error
	// At is when.
	At time.Time
}

// Inbound is what a Transport delivers: a Message, a Sent or a Status.
type Inbound interface{ inbound() }

func (Message) inbound() {}
func (Sent) inbound()    {}
func (Status) inbound()  {}
