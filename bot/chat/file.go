package chat

// MaxFile is how many bytes of its own a File of a Reply may carry: it rests in
// the store's outbox until it is delivered.
const MaxFile = 512 << 10

// File is a picture or a document that goes with a message. It is plain data.
//
// Of a Message: a file that somebody sent and that stays on their network; only
// its name, type and size are told, and Ref says where it is. Name is what a
// stranger typed: it is shown only through Plain, and never used as a path.
//
// Of a Reply: either Data, a file of the bot's own, or a Ref that came with a
// Message of the same network, to show the same file in another room. A network
// that has no files says the Reply's Text alone, which therefore always holds
// what the picture shows, in words.
type File struct {
	Name string `json:"name"`
	// Type is the media type, such as "image/png". A stranger's word, when it
	// came with a Message.
	Type string `json:"type,omitempty"`
	// Size is in bytes; of a Message, a stranger's word.
	Size int64  `json:"size,omitempty"`
	Data []byte `json:"data,omitempty"`
	// Ref is the network's own way to find the file again, opaque to everybody
	// else. It may hold the key of an encrypted file: it is as private as the
	// message that it came with, and is never logged.
	Ref []byte `json:"ref,omitempty"`
}
