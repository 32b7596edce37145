package matrix

import (
	"net/http"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// People who come, go and add devices: whoever is in the room reads what is said
// from then on, on every device, and nobody else does.
func TestMembersAndDevicesComeAndGo(t *testing.T) {
	h := newHome(t)
	a := newPerson(t, h, anne)
	room := h.room("!r:test", true, anne, me)
	b := newBench(t, h, nil).run()
	say := func(key string) string { return b.send(chat.Reply{Key: key, Room: group(room), Text: key}).Proof }
	a.reads(say("k1"), "k1")

	p := newPerson(t, h, bob)
	h.member(room, bob, "join", bob)
	next[chat.Message](b)
	second := say("k2")
	a.reads(second, "k2")
	p.reads(second, "k2")

	// Another device of Anne's, of which the server could not tell at once.
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/keys/query") && strings.HasSuffix(r.Header.Get("Authorization"), b.saved().Token) {
			answer(w, 502, map[string]any{})
			return true
		}
		return false
	})
	phone := newDevice(t, h, anne, "PHONE")
	h.text(room, anne, "j'ai un téléphone")
	b.text("j'ai un téléphone") // the news of the device has come and gone with it
	h.setFault(nil)
	b.halt()
	b.run()
	third := say("k3")
	phone.reads(third, "k3")
	a.reads(third, "k3")

	h.member(room, bob, "leave", bob)
	h.text(room, anne, "marker")
	b.text("marker")
	last := say("k4")
	a.reads(last, "k4")
	p.pull()
	if evt := h.find(room, last); p.opens(evt) {
		t.Error("somebody who has left can read on")
	}
}
