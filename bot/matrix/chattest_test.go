package matrix

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
	"vigie/bot/chat/chattest"
)

// TestKeepsWhatTransportsPromise in a room in clear and in an encrypted one.
func TestKeepsWhatTransportsPromise(t *testing.T) {
	for name, encrypted := range map[string]bool{"clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			chattest.Run(t, func(t *testing.T) chattest.Harness { return newHall(t, encrypted).harness() })
		})
	}
}

// hall is a home with anne in it, who has a client that encrypts.
type hall struct {
	t    *testing.T
	home *home
	cfg  Config
	anne *person

	mu        sync.Mutex
	encrypted bool
	shared    bool // the room has anne's key
	bodies    map[string]string
}

const hallRoom = "!r:test"

func newHall(t *testing.T, encrypted bool) *hall {
	h := newHome(t)
	h.limit = 500
	h.room(hallRoom, encrypted, anne, bob, me)
	n := &hall{t: t, home: h, cfg: newBench(t, h, nil).cfg, anne: newPerson(t, h, anne), encrypted: encrypted, bodies: map[string]string{}}
	n.anne.cli.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return n
}

func (n *hall) harness() chattest.Harness {
	return chattest.Harness{
		Transport: n.transport(), Room: group(hallRoom), Person: private(anne),
		Write: n.write, Read: n.read,
		Cut:   func() { n.home.setFault(n.deaf); n.home.srv.CloseClientConnections() },
		Mend:  func() { n.home.setFault(nil) },
		Again: n.transport, Tells: true, Within: 20 * time.Second,
	}
}

func (n *hall) transport() chat.Transport {
	tr, err := New(n.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		n.t.Fatal(err)
	}
	return tr
}

// deaf is a server that hangs up on the bot, and on nobody else.
func (n *hall) deaf(w http.ResponseWriter, r *http.Request) bool {
	n.home.mu.Lock()
	ours := n.home.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")].user == me
	n.home.mu.Unlock()
	if ours {
		cut(w)
	}
	return ours
}

func (n *hall) write(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.encrypted {
		n.home.text(hallRoom, anne, text)
		return
	}
	n.anne.pull()
	if !n.shared {
		n.anne.say(hallRoom, n.anne.seal(hallRoom, text, true, me))
		n.shared = true
		return
	}
	n.anne.say(hallRoom, n.anne.sealAny(hallRoom, &event.MessageEventContent{MsgType: event.MsgText, Body: text}))
}

// read lists what anne reads from the bot. She enters the private room that it
// invites her to.
func (n *hall) read(r chat.Room) (lines []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	room := r.ID
	if r.Private {
		if room = n.private(); room == "" {
			return nil
		}
	}
	n.anne.pull()
	for _, evt := range n.home.sent(room, me) {
		lines = append(lines, n.body(evt))
	}
	return lines
}

// body is the text of an event, opened once.
func (n *hall) body(evt map[string]any) string {
	eventID := evt["event_id"].(string)
	if evt["type"] != event.EventEncrypted.Type {
		body, _ := content(evt)["body"].(string)
		return body
	}
	if _, ok := n.bodies[eventID]; !ok && n.anne.seen[id.EventID(eventID)] != nil {
		n.bodies[eventID] = n.anne.read(eventID).Content.AsMessage().Body
	}
	return n.bodies[eventID]
}

// private is the room of anne and the bot, which anne enters.
func (n *hall) private() string {
	n.home.mu.Lock()
	found, invited := "", false
	for name, rm := range n.home.rooms {
		if name != hallRoom && n.home.membership(rm, me) == "join" {
			found, invited = name, n.home.membership(rm, anne) == "invite"
		}
	}
	n.home.mu.Unlock()
	if invited {
		n.home.member(found, anne, "join", anne)
	}
	return found
}
