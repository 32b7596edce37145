package matrix

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/jsontime"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/verificationhelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// comparer is a person whose client verifies somebody by emoji.
type comparer struct {
	*person
	helper *verificationhelper.VerificationHelper
	store  *verificationhelper.InMemoryVerificationStore
	syncer *mautrix.DefaultSyncer
	txn    id.VerificationTransactionID
	emojis []string
	ready  bool
	done   bool
	ended  string
}

func newComparer(t *testing.T, h *home, user string) *comparer {
	t.Helper()
	c := &comparer{person: newPerson(t, h, user), store: verificationhelper.NewInMemoryVerificationStore(), syncer: mautrix.NewDefaultSyncer()}
	if _, _, err := c.mach.GenerateAndUploadCrossSigningKeysWithPassword(t.Context(), "secret", ""); err != nil {
		t.Fatal(err)
	}
	if err := c.mach.SignOwnDevice(t.Context(), c.mach.OwnIdentity()); err != nil {
		t.Fatal(err)
	}
	c.cli.Syncer, c.cli.Crypto = c.syncer, crypt{person: c.person, to: me}
	c.helper = verificationhelper.NewVerificationHelper(c.cli, c.mach, c.store, c, false, false, true)
	if err := c.helper.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *comparer) VerificationRequested(context.Context, id.VerificationTransactionID, id.UserID, id.DeviceID) {
}
func (c *comparer) VerificationReady(context.Context, id.VerificationTransactionID, id.DeviceID, bool, bool, *verificationhelper.QRCode) {
	c.ready = true
}
func (c *comparer) VerificationCancelled(_ context.Context, _ id.VerificationTransactionID, code event.VerificationCancelCode, why string) {
	c.ended = string(code) + " " + why
}
func (c *comparer) VerificationDone(context.Context, id.VerificationTransactionID, event.VerificationMethod) {
	c.done = true
}
func (c *comparer) ShowSAS(_ context.Context, _ id.VerificationTransactionID, emojis []rune, names []string, _ []int) {
	c.emojis = nil
	for i, e := range emojis {
		c.emojis = append(c.emojis, string(e)+" "+names[i])
	}
}

// crypt is the encryption of a person's client.
type crypt struct {
	mautrix.CryptoHelper
	*person
	to id.UserID
}

func (c crypt) Encrypt(_ context.Context, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	c.seal(room.String(), "", true, c.to)
	return c.mach.EncryptMegolmEvent(context.Background(), room, kind, content)
}

// dispatch gives the helper an event, and says yes as soon as it shows emoji: the
// library compares the wrong keys when the other's yes comes first.
func (c *comparer) dispatch(evt *event.Event) {
	c.t.Helper()
	had := c.emojis != nil
	c.syncer.Dispatch(c.t.Context(), evt)
	if c.emojis != nil && !had {
		if err := c.helper.ConfirmSAS(c.t.Context(), c.txn); err != nil {
			c.t.Fatal(err)
		}
	}
}

// listen takes in what came and tells the helper of it, until ok.
func (c *comparer) listen(h *home, ok func() bool) {
	c.t.Helper()
	for range 200 {
		resp, err := c.cli.FullSyncRequest(c.t.Context(), mautrix.ReqSync{Since: c.since, Timeout: 100})
		if err != nil {
			c.t.Fatal(err)
		}
		c.since = resp.NextBatch
		c.mach.HandleDeviceLists(c.t.Context(), &resp.DeviceLists, "")
		for _, evt := range resp.ToDevice.Events {
			evt.Type.Class = event.ToDeviceEventType
			if evt.Content.ParseRaw(evt.Type) == nil {
				if isVerification(evt) {
					c.dispatch(evt)
				} else {
					c.mach.HandleToDeviceEvent(c.t.Context(), evt)
				}
			}
		}
		for room, data := range resp.Rooms.Join {
			for _, evt := range data.Timeline.Events {
				evt.RoomID, evt.Type.Class = room, event.MessageEventType
				if evt.Sender == c.cli.UserID || evt.Content.ParseRaw(evt.Type) != nil {
					continue
				}
				if open, err := c.mach.DecryptMegolmEvent(c.t.Context(), evt); err == nil {
					evt = open
				}
				if r, is := evt.Content.Parsed.(event.Relatable); is {
					evt.ID = r.OptionalGetRelatesTo().GetReferenceID()
				}
				c.dispatch(evt)
			}
		}
		if ok() {
			return
		}
	}
	c.t.Fatalf("it did not come to that: ready %v, emojis %v, done %v, ended %q", c.ready, c.emojis, c.done, c.ended)
}

// askIn begins a verification in a room, as clients do; the library's own way
// seals the request twice.
func (c *comparer) askIn(room id.RoomID) (id.VerificationTransactionID, error) {
	c.seal(room.String(), "", true, me)
	sealed := c.sealAny(room.String(), &event.MessageEventContent{
		MsgType: event.MsgVerificationRequest, Body: "x", To: me, FromDevice: c.cli.DeviceID, Methods: []event.VerificationMethod{event.VerificationMethodSAS},
	})
	resp, err := c.cli.SendMessageEvent(c.t.Context(), room, event.EventEncrypted, sealed)
	if err != nil {
		return "", err
	}
	txn := id.VerificationTransactionID(resp.EventID)
	return txn, c.store.SaveVerificationTransaction(c.t.Context(), verificationhelper.VerificationTransaction{
		RoomID: room, TransactionID: txn, TheirUserID: me, ExpirationTime: jsontime.UM(time.Now().Add(time.Minute)),
	})
}

// askDevice begins a verification from device to device; the library's own way
// leaves a goroutine behind.
func (c *comparer) askDevice(to id.DeviceID) (id.VerificationTransactionID, error) {
	txn := id.VerificationTransactionID(rand.Text())
	req := &event.VerificationRequestEventContent{FromDevice: c.cli.DeviceID, Methods: []event.VerificationMethod{event.VerificationMethodSAS}, Timestamp: jsontime.UM(time.Now())}
	req.SetTransactionID(txn)
	_, err := c.cli.SendToDevice(c.t.Context(), event.ToDeviceVerificationRequest, &mautrix.ReqSendToDevice{
		Messages: map[id.UserID]map[id.DeviceID]*event.Content{me: {to: {Parsed: req}}},
	})
	if err != nil {
		return "", err
	}
	return txn, c.store.SaveVerificationTransaction(c.t.Context(), verificationhelper.VerificationTransaction{
		TransactionID: txn, TheirUserID: me, ExpirationTime: jsontime.UM(time.Now().Add(time.Minute)),
	})
}

// verify goes through a verification that the person begins.
func (c *comparer) verify(b *bench, start func() (id.VerificationTransactionID, error)) {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	txn, err := start()
	if err != nil {
		t.Fatal(err)
	}
	c.txn, c.ready, c.emojis, c.done = txn, false, nil, false
	c.listen(b.home, func() bool { return c.ready })
	if err := c.helper.StartSAS(ctx, txn); err != nil {
		t.Fatal(err)
	}
	c.listen(b.home, func() bool { return c.emojis != nil })
	// The staff rooms are told the same emoji that the person sees.
	if s := next[chat.Status](b); s.Err == nil || !strings.Contains(s.Err.Error(), strings.Join(c.emojis, ", ")) || !strings.Contains(s.Err.Error(), c.cli.UserID.String()) {
		t.Errorf("they see %v, told: %v", c.emojis, s.Err)
	}
	c.listen(b.home, func() bool { return c.done })
}

// The account's master key bears the person's signature afterwards: their client
// shows the bot as verified on every device.
func TestStaffVerifyTheBotByEmoji(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, me)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning, c.Staff = false, []string{anne} }).run()
	b.halt()
	b.run() // a session that has not the private keys at hand
	c := newComparer(t, h, anne)
	if _, err := c.mach.FetchKeys(t.Context(), []id.UserID{me}, true); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.signed = nil
	h.mu.Unlock()
	c.verify(b, func() (id.VerificationTransactionID, error) { return c.askDevice(b.saved().Device) })
	c.pull()
	c.verify(b, func() (id.VerificationTransactionID, error) { return c.askIn(id.RoomID(room)) })
	if got := fmt.Sprint(h.signed); !strings.Contains(got, anne+" signs "+me) || !strings.Contains(got, me+" signs "+anne) {
		t.Errorf("signed: %s", got)
	}
	trusted, err := c.mach.IsUserTrusted(t.Context(), me)
	if err != nil || !trusted {
		t.Errorf("the bot is not trusted: %v", err)
	}
}

func TestStrangersAreNotAnswered(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, bob, anne, me)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning, c.Staff = false, []string{anne} }).run()
	c := newComparer(t, h, bob)
	h.say(room, bob, "m.room.message", map[string]any{"msgtype": "m.key.verification.request", "body": "x", "to": me, "from_device": "DBO", "methods": []string{"m.sas.v1"}})
	if _, err := c.askDevice(b.saved().Device); err != nil {
		t.Fatal(err)
	}
	b.quiet(room)
	b.settle()
	for _, p := range h.inbox[device{bob, "DBO"}] {
		t.Errorf("answered: %s", raw(p.evt))
	}
	for _, evt := range h.sent(room, me) {
		t.Errorf("answered: %s", raw(evt))
	}
}

// Steps that belong to nobody's verification, or come from somebody else, change nothing.
func TestForeignStepsAreDropped(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning, c.Staff = false, []string{anne, bob} }).run()
	ask := h.say(room, anne, "m.room.message", map[string]any{"msgtype": "m.key.verification.request", "body": "x", "to": me, "from_device": "DAN", "methods": []string{"m.sas.v1"}})
	h.await(func() bool {
		return len(h.rooms[room].events) > 0 && h.rooms[room].events[len(h.rooms[room].events)-1].evt["type"] == "m.key.verification.ready"
	})
	ref := map[string]any{"m.relates_to": map[string]any{"rel_type": "m.reference", "event_id": ask}, "code": "m.user", "reason": "x"}
	h.say(room, bob, "m.key.verification.cancel", ref)
	h.say(room, anne, "m.key.verification.key", map[string]any{"key": 7})
	h.say(room, anne, "m.key.verification.mac", map[string]any{"m.relates_to": 1})
	b.quiet(room)
	b.settle()
	if _, err := b.live().verifier.store.GetVerificationTransaction(t.Context(), id.VerificationTransactionID(ask)); err != nil {
		t.Errorf("bob could end anne's verification: %v", err)
	}
	h.say(room, anne, "m.key.verification.cancel", ref)
	b.quiet(room)
	b.settle()
	if _, err := b.live().verifier.store.GetVerificationTransaction(t.Context(), id.VerificationTransactionID(ask)); err == nil {
		t.Error("anne could not end it")
	}
	// One that is old, or from tomorrow, or empty, is not taken up.
	for _, body := range []map[string]any{{"methods": []string{"m.sas.v1"}}, {}} {
		h.mu.Lock()
		h.inbox[device{me, string(b.live().cli.DeviceID)}] = append(h.inbox[device{me, string(b.live().cli.DeviceID)}],
			posted{h.touch(), map[string]any{"sender": anne, "type": "m.key.verification.request", "content": body}})
		h.mu.Unlock()
	}
	b.quiet(room)
	b.settle()
	if all, _ := b.live().verifier.store.GetAllVerificationTransactions(t.Context()); len(all) != 0 {
		t.Errorf("got %v", all)
	}
}

// recordSignatures notes who signs whose master key.
func recordSignatures(h *home, by string, body map[string]any) {
	for user, keys := range body {
		for key, v := range keys.(map[string]any) {
			var obj struct {
				Usage []string `json:"usage"`
			}
			if json.Unmarshal(raw(v), &obj) == nil && len(obj.Usage) > 0 {
				h.signed = append(h.signed, by+" signs "+user)
				if c := h.cross[user]; c != nil && by != user && strings.Contains(string(c["master_key"]), key) {
					c["master_key"] = merged(c["master_key"], v)
				}
			}
		}
	}
}

// merged is a key with one more signature.
func merged(old json.RawMessage, more any) json.RawMessage {
	var a, b map[string]any
	_, _ = json.Unmarshal(old, &a), json.Unmarshal(raw(more), &b)
	if a["signatures"] == nil {
		a["signatures"] = map[string]any{}
	}
	for user, sigs := range b["signatures"].(map[string]any) {
		mine, _ := a["signatures"].(map[string]any)[user].(map[string]any)
		if mine == nil {
			mine = map[string]any{}
		}
		for k, s := range sigs.(map[string]any) {
			mine[k] = s
		}
		a["signatures"].(map[string]any)[user] = mine
	}
	return raw(a)
}
