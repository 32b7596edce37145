package matrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	_ "image/gif"  // sizes of pictures are read from their headers
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

const (
	fileNameLength = 100 // runes
	typeLength     = 100 // bytes of a media type
	refLength      = 4096
)

// fileRef is chat.File's Ref: where a file that somebody sent rests, and the key
// that opens it when it is encrypted. Nothing of a file is ever fetched.
type fileRef struct {
	// Sealed says that the file came into an encrypted room: it is shown in no other.
	Sealed bool                     `json:"sealed,omitempty"`
	Kind   event.MessageType        `json:"kind"`
	URL    id.ContentURIString      `json:"url,omitempty"`
	File   *event.EncryptedFileInfo `json:"file,omitempty"`
	Width  int                      `json:"w,omitempty"`
	Height int                      `json:"h,omitempty"`
}

// filesOf tells which file a message brings: at most one, as Matrix has it.
func (s *session) filesOf(ctx context.Context, evt *event.Event, c *event.MessageEventContent) []chat.File {
	ref := fileRef{Kind: c.MsgType, URL: c.URL, File: c.File, Sealed: evt.Mautrix.WasEncrypted}
	if evt.Type == event.EventSticker {
		ref.Kind = event.MsgImage
	}
	if !ref.Sealed {
		// What is sent in clear into an encrypted room was still meant for it alone.
		pinned, err := s.vault.encrypted(ctx, evt.RoomID)
		ref.Sealed = pinned || err != nil
	}
	f := chat.File{Name: chat.Plain(c.GetFileName(), fileNameLength)}
	if i := c.Info; i != nil {
		f.Type, f.Size = mediaType(i.MimeType), int64(i.Size)
		ref.Width, ref.Height = i.Width, i.Height
	}
	if raw, err := json.Marshal(ref); err == nil && len(raw) <= refLength && ref.valid() {
		f.Ref = raw
	}
	return []chat.File{f}
}

// valid tells whether other clients could open what the reference names.
func (r fileRef) valid() bool {
	if !slices.Contains([]event.MessageType{event.MsgImage, event.MsgFile, event.MsgAudio, event.MsgVideo}, r.Kind) {
		return false
	}
	url := r.URL
	if r.File != nil {
		if url != "" || r.File.PrepareForDecryption() != nil {
			return false
		}
		url = r.File.URL
	}
	uri, err := id.ParseContentURI(string(url))
	return err == nil && !uri.IsEmpty()
}

// mediaType keeps a stranger's media type only if it looks like one.
func mediaType(s string) string {
	ok := len(s) <= typeLength && strings.Count(s, "/") == 1 && strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"<>()[]{}\,;`, r)
	}) < 0
	if !ok {
		return ""
	}
	return strings.ToLower(s)
}

// attachFile puts r's file into the content of its message, whose text becomes
// the caption. A file that this room may not have, or that the server does not
// take, is left out: the text says what it shows. An error means that the reply
// is to be tried again, or was refused.
func (s *session) attachFile(ctx context.Context, room id.RoomID, r chat.Reply, c *event.Content, encrypt bool) error {
	if r.File == nil || r.Kind != chat.Say {
		return nil
	}
	var ref fileRef
	size := r.File.Size
	if len(r.File.Data) > 0 {
		size = int64(len(r.File.Data))
		var err error
		ref, err = s.upload(ctx, r.File, encrypt)
		if m, _ := judge(err); err != nil && m == denied {
			s.log.Warn("matrix: the homeserver does not take a file; its text goes alone", "room", room, "bytes", len(r.File.Data), "error", brief(err))
			return nil
		} else if err != nil {
			return unsent(err)
		}
	} else if json.Unmarshal(r.File.Ref, &ref) != nil || !ref.valid() {
		s.log.Warn("matrix: a file's reference is of no use; its text goes alone", "room", room)
		return nil
	} else if ref.Sealed && !encrypt {
		s.log.Warn("matrix: a file from an encrypted room is not shown in one that is not; its text goes alone", "room", room)
		return nil
	}
	m := c.Parsed.(*event.MessageEventContent) // content makes no other
	name := chat.Plain(r.File.Name, fileNameLength)
	if name == "" {
		name = "file"
	}
	if m.Body == "" {
		m.Body = name
	}
	m.MsgType, m.FileName, m.URL, m.File = ref.Kind, name, ref.URL, ref.File
	m.Info = &event.FileInfo{MimeType: mediaType(r.File.Type), Size: int(size), Width: ref.Width, Height: ref.Height}
	return nil
}

// upload puts a file of our own on the server, encrypted if the room is. An
// upload that is repeated leaves a file that no message names: that is the price
// of an event that is never repeated.
func (s *session) upload(ctx context.Context, f *chat.File, encrypt bool) (fileRef, error) {
	ref := fileRef{Kind: event.MsgFile}
	if conf, kind, err := image.DecodeConfig(bytes.NewReader(f.Data)); err == nil && "image/"+kind == f.Type {
		ref.Kind, ref.Width, ref.Height = event.MsgImage, conf.Width, conf.Height
	}
	req := mautrix.ReqUploadMedia{ContentBytes: f.Data, ContentType: mediaType(f.Type), FileName: chat.Plain(f.Name, fileNameLength)}
	if encrypt {
		key := attachment.NewEncryptedFile()
		req.ContentBytes = slices.Clone(f.Data)
		key.EncryptInPlace(req.ContentBytes)
		req.ContentType, req.FileName = "application/octet-stream", ""
		ref.File = &event.EncryptedFileInfo{EncryptedFile: *key}
	}
	resp, err := s.cli.UploadMedia(ctx, req)
	if err != nil {
		return ref, err
	}
	if resp.ContentURI.IsEmpty() {
		return ref, errors.New("the homeserver's answer to an upload names no file")
	}
	if encrypt {
		ref.File.URL = resp.ContentURI.CUString()
	} else {
		ref.URL = resp.ContentURI.CUString()
	}
	return ref, nil
}
