// Package matrix makes a Matrix account a chat.Transport, on mautrix, in pure
// Go (build tag goolm).
//
// # Rules that it keeps
//
// Nothing lost: the sync position is never saved here. It travels as the Cursor
// of the last message of each sync response, the bot commits it together with
// what the message caused, and Run starts again from there. A crash repeats
// messages (their event ids are known to the bot) and never skips one. A gap in
// a room's timeline is read back up to the last event that the position has
// seen. An event whose key is missing rests, encrypted, in the crypto database
// until the key comes.
//
// Nobody overhears: whether a room is encrypted is asked of the server before
// every text sent in clear, and what was encrypted once stays so for ever,
// whatever the server says later. There is one function that puts a message
// into a room (session.put), and it takes either ciphertext, or text that
// session.secure allowed.
//
// Nothing twice: a reply's Key makes the transaction id, and also travels in
// the content under "org.vigie.key", inside the ciphertext, where a later
// attempt finds it.
//
// One device for ever: its token, its id and the key of its crypto database are
// in login.json, mode 0600, beside crypto.db. That folder must never be copied
// to a second place, nor restored from an old copy: it is the one thing of
// Vigie that a backup must leave out. The recovery key brings the account's
// identity back on a new device.
//
// # How it is laid out
//
// run.go owns the connection; open.go, login.go, device.go and crosssign.go
// make a session; sync.go, readback.go, waiting.go and convert.go turn a
// response into messages; invite.go decides which rooms we are in and rooms.go
// names them; send.go, secure.go, content.go, markup.go and state.go turn a
// chat.Reply into events; failure.go says what an error means; vault.go is the
// database.
package matrix
