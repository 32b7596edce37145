package matrix

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"maunium.net/go/mautrix/crypto/attachment"

	"vigie/bot/chat"
)

// picture is a PNG of so many pixels.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesAreReceived(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	for _, tc := range []struct {
		name, kind string
		content    map[string]any
		text       string
		want       chat.File
	}{
		{"picture", "m.room.message", map[string]any{"msgtype": "m.image", "body": "!aide", "url": "mxc://a/b",
			"info": map[string]any{"mimetype": "image/PNG", "size": 1234, "w": 10, "h": 20}},
			"", chat.File{Name: "!aide", Type: "image/png", Size: 1234}},
		{"with a caption", "m.room.message", map[string]any{"msgtype": "m.file", "body": "voici ", "filename": "a\u202e\nb.pdf", "url": "mxc://a/b"},
			"voici", chat.File{Name: "a b.pdf"}},
		{"sound", "m.room.message", map[string]any{"msgtype": "m.audio", "body": "x.ogg", "url": "mxc://a/b", "info": map[string]any{"mimetype": "<b>/x", "size": -7}},
			"", chat.File{Name: "x.ogg"}},
		{"film", "m.room.message", map[string]any{"msgtype": "m.video", "body": strings.Repeat("x", 300), "url": "mxc://a/b"},
			"", chat.File{Name: strings.Repeat("x", fileNameLength-1) + "…"}},
		{"sticker", "m.sticker", map[string]any{"body": "un chat", "url": "mxc://a/b", "info": map[string]any{"size": "7e1"}},
			"", chat.File{Name: "un chat", Size: 70}},
		{"hostile address", "m.room.message", map[string]any{"msgtype": "m.image", "body": "x", "url": "https://evil.example/"},
			"", chat.File{Name: "x"}},
		{"hostile key", "m.room.message", map[string]any{"msgtype": "m.image", "body": "x", "file": map[string]any{"url": "mxc://a/b", "v": "v9"}},
			"", chat.File{Name: "x"}},
	} {
		h.say(room, anne, tc.kind, tc.content)
		m := b.text(tc.text)
		if len(m.Files) != 1 || m.Kind != chat.Text {
			t.Errorf("%s: got %+v", tc.name, m)
			continue
		}
		f := m.Files[0]
		if f.Name != tc.want.Name || f.Type != tc.want.Type || f.Size != tc.want.Size || f.Data != nil || (f.Ref == nil) != strings.HasPrefix(tc.name, "hostile") {
			t.Errorf("%s: got %+v", tc.name, f)
		}
	}
	if n := h.count("GET /_matrix/client/v1/media") + h.count("GET /_matrix/media"); n != 0 {
		t.Errorf("a file was fetched")
	}
}

func TestFileIsSent(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	data := picture(t, 30, 20)
	s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "**Le** graphe", File: &chat.File{Name: "graphe.png", Type: "image/png", Data: data}})
	c := content(h.sent(room, me)[0])
	info, _ := c["info"].(map[string]any)
	if s.Err != nil || c["msgtype"] != "m.image" || c["filename"] != "graphe.png" || c["body"] != "Le graphe" ||
		c["formatted_body"] != "<strong>Le</strong> graphe" || info["w"] != 30.0 || info["h"] != 20.0 || info["mimetype"] != "image/png" || info["size"] != float64(len(data)) {
		t.Errorf("got %+v: %s", s, raw(c))
	}
	if !bytes.Equal(h.media[c["url"].(string)], data) {
		t.Error("other bytes were uploaded")
	}
	b.send(chat.Reply{Key: "k2", Room: group(room), File: &chat.File{Name: "x\n.csv", Type: "text/csv", Data: []byte("a,b")}})
	if c := content(h.sent(room, me)[1]); c["msgtype"] != "m.file" || c["filename"] != "x .csv" || c["body"] != "x .csv" || c["info"].(map[string]any)["w"] != nil {
		t.Errorf("got %s", raw(c))
	}
	// What says that it is a picture and is not one is a file.
	b.send(chat.Reply{Key: "k3", Room: group(room), Text: "t", File: &chat.File{Name: "x.png", Type: "image/png", Data: []byte("<html>")}})
	if c := content(h.sent(room, me)[2]); c["msgtype"] != "m.file" {
		t.Errorf("got %s", raw(c))
	}
}

// The upload may be repeated, the event never.
func TestUploadIsTriedAgain(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	r := chat.Reply{Key: "k", Room: group(room), Text: "t", File: &chat.File{Name: "x.csv", Type: "text/csv", Data: []byte("a,b")}}
	upload := "/_matrix/media/v3/upload"
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != upload {
			return false
		}
		answer(w, 502, map[string]any{})
		return true
	})
	if err := b.refused(r); unsent(err) != err || len(h.sent(room, me)) != 0 {
		t.Fatalf("got %v", err)
	}
	h.setFault(nil)
	b.send(r)
	b.send(r) // the same key: a second upload, and no second message
	if n := len(h.sent(room, me)); n != 1 || len(h.media) != 2 {
		t.Errorf("%d messages, %d files", n, len(h.media))
	}
	r.Maybe = true
	b.send(r)
	if n := len(h.sent(room, me)); n != 1 || len(h.media) != 2 {
		t.Errorf("%d messages, %d files after looking", n, len(h.media))
	}
}

// A server that takes no such file still gets the words.
func TestFileRefusedLeavesTheText(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/upload") {
			return false
		}
		answer(w, 413, fail("M_TOO_LARGE"))
		return true
	})
	s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "mots", File: &chat.File{Name: "x.csv", Data: []byte("a")}})
	if c := content(h.sent(room, me)[0]); s.Err != nil || c["msgtype"] != "m.notice" || c["body"] != "mots" || c["url"] != nil {
		t.Errorf("got %+v: %s", s, raw(c))
	}
}

func TestFileOfAnEncryptedRoom(t *testing.T) {
	h := newHome(t)
	sealed, other, open := h.room("!r:test", true, anne, bob, me), h.room("!s:test", true, anne, bob, me), h.room("!o:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	a := newPerson(t, h, anne)

	// Out: ciphertext on the server, the key inside the message.
	data := picture(t, 3, 2)
	out := b.send(chat.Reply{Key: "k", Room: group(sealed), Text: "t", File: &chat.File{Name: "g.png", Type: "image/png", Data: data}})
	var got struct {
		URL  string `json:"url"`
		File struct {
			attachment.EncryptedFile
			URL string `json:"url"`
		} `json:"file"`
	}
	if err := json.Unmarshal(a.read(out.Proof).Content.VeryRaw, &got); err != nil || got.URL != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	stored := bytes.Clone(h.media[got.File.URL])
	if bytes.Contains(stored, []byte("PNG")) {
		t.Error("the file is on the server in clear")
	}
	if err := got.File.DecryptInPlace(stored); err != nil || !bytes.Equal(stored, data) {
		t.Errorf("the file does not open: %v", err)
	}

	// In, and shown again: in an encrypted room, and in no other.
	a.seal(sealed, "", true, me)
	a.say(sealed, a.sealAny(sealed, map[string]any{"msgtype": "m.image", "body": "e.png", "file": got.File, "info": map[string]any{"w": 3, "h": 2, "mimetype": "image/png"}}))
	m := b.text("")
	if len(m.Files) != 1 || m.Files[0].Ref == nil || !m.Encrypted {
		t.Fatalf("got %+v", m)
	}
	out = b.send(chat.Reply{Key: "again", Room: group(other), Text: "Anne a envoyé e.png", File: &m.Files[0]})
	var again map[string]any
	if err := json.Unmarshal(a.read(out.Proof).Content.VeryRaw, &again); err != nil {
		t.Fatal(err)
	}
	if again["msgtype"] != "m.image" || again["filename"] != "e.png" || again["file"].(map[string]any)["url"] != got.File.URL || again["info"].(map[string]any)["w"] != 3.0 {
		t.Errorf("got %v", again)
	}
	b.send(chat.Reply{Key: "never", Room: group(open), Text: "Anne a envoyé e.png", File: &m.Files[0]})
	if c := content(h.sent(open, me)[0]); c["file"] != nil || c["url"] != nil || c["body"] != "Anne a envoyé e.png" {
		t.Errorf("got %s", raw(c))
	}

	// A picture sent in clear into an encrypted room was meant for it alone.
	h.say(sealed, anne, "m.room.message", map[string]any{"msgtype": "m.image", "body": "c.png", "url": "mxc://a/b"})
	m = b.text("")
	b.send(chat.Reply{Key: "neither", Room: group(open), Text: "u", File: &m.Files[0]})
	if c := content(h.sent(open, me)[1]); c["url"] != nil {
		t.Errorf("got %s", raw(c))
	}
}
