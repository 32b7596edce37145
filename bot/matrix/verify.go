package matrix

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/util/jsontime"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/crypto/verificationhelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// verifier answers staff who verify the bot by comparing emoji (Matrix
// specification, client-server API, "Short Authentication String"). The bot has
// no eyes: it tells the emoji to the staff rooms, on the other networks too, and
// says yes on its own side. Whoever compares is the person.
//
// The library's helper does the cryptography. Four things are done around it:
// requests are taken in here, because its own way starts a goroutine that nobody
// can stop; in a room, an event is given the id of the request that it refers to,
// which it looks for in the wrong place; what does not come from the person whom
// a verification is with is dropped; and our yes goes out before anything else is
// taken in, because after the other's it would compare the wrong keys. All of it
// runs in the goroutine of errands, so that nothing of it needs a lock.
type verifier struct {
	s      *session
	helper *verificationhelper.VerificationHelper
	store  *verificationhelper.InMemoryVerificationStore
	syncer *mautrix.DefaultSyncer
	// shown is the verification whose emoji were just told.
	shown id.VerificationTransactionID
}

// verificationTime is how long a verification may last.
const verificationTime = 10 * time.Minute

func (s *session) newVerifier(ctx context.Context) (*verifier, error) {
	v := &verifier{s: s, store: verificationhelper.NewInMemoryVerificationStore(), syncer: mautrix.NewDefaultSyncer()}
	s.cli.Syncer, s.cli.Crypto = v.syncer, sealer{s}
	v.helper = verificationhelper.NewVerificationHelper(s.cli, s.mach, v.store, v, false, false, true)
	if err := v.helper.Init(ctx); err != nil {
		return nil, fmt.Errorf("preparing verification: %w", err)
	}
	return v, nil
}

// isVerification tells whether an event is a step of a verification.
func isVerification(evt *event.Event) bool {
	if m, ok := evt.Content.Parsed.(*event.MessageEventContent); ok {
		return evt.Type.Type == event.EventMessage.Type && m.MsgType == event.MsgVerificationRequest
	}
	return strings.HasPrefix(evt.Type.Type, "m.key.verification.")
}

// seeVerification has a step answered, if it comes from staff, or from another
// device of our own account.
func (s *session) seeVerification(evt *event.Event) {
	if s.verifier == nil || !s.t.cfg.isStaff(evt.Sender) && evt.Sender != s.me {
		return
	}
	copied := *evt
	s.verified++
	s.later(fmt.Sprintf("verification %d", s.verified), func(ctx context.Context) error {
		return s.verifier.settle(s.verifier.take(ctx, &copied))
	})
}

// settle ends a step that failed: whoever verifies begins anew, no step is
// worth anything later.
func (v *verifier) settle(err error) error {
	if err != nil {
		v.s.log.Warn("matrix: a step of a verification failed", "error", brief(err))
	}
	return nil
}

// take gives the helper one event.
func (v *verifier) take(ctx context.Context, evt *event.Event) error {
	switch c := evt.Content.Parsed.(type) {
	case *event.MessageEventContent:
		if c.To == v.s.me {
			return v.asked(ctx, evt, event.VerificationRequestEventContentFromMessage(evt))
		}
		return nil
	case *event.VerificationRequestEventContent:
		return v.asked(ctx, evt, c)
	case event.Relatable:
		if evt.RoomID != "" {
			evt.ID = c.OptionalGetRelatesTo().GetReferenceID()
		}
	}
	txnID := id.VerificationTransactionID(evt.ID)
	if c, ok := evt.Content.Parsed.(event.VerificationTransactionable); ok && evt.RoomID == "" {
		txnID = c.GetTransactionID()
	}
	txn, err := v.store.GetVerificationTransaction(ctx, txnID)
	if err != nil || txn.TheirUserID != evt.Sender || txn.RoomID != evt.RoomID {
		return nil // of another device's verification, or not from the person it is with
	}
	v.syncer.Dispatch(ctx, evt)
	if v.shown == "" {
		return nil
	}
	shown := v.shown
	v.shown = ""
	return v.helper.ConfirmSAS(ctx, shown)
}

// asked accepts a request. Only one verification with a device goes on at a time.
func (v *verifier) asked(ctx context.Context, evt *event.Event, c *event.VerificationRequestEventContent) error {
	age := time.Since(c.Timestamp.Time)
	if c.TransactionID == "" || c.FromDevice == "" || c.FromDevice == v.s.cli.DeviceID || age > verificationTime || age < -maxSkew {
		return nil
	}
	if old, err := v.store.FindVerificationTransactionForUserDevice(ctx, evt.Sender, c.FromDevice); err == nil {
		_ = v.store.DeleteVerification(ctx, old.TransactionID)
	}
	// Both are needed at the end, when the person's key is signed.
	if err := v.s.askDevices(ctx, []id.UserID{evt.Sender}); err != nil {
		return err
	}
	if err := v.s.unlockIdentity(ctx); err != nil {
		v.s.log.Warn("matrix: the account's keys could not be had; no verification", "error", brief(err))
		return nil
	}
	err := v.store.SaveVerificationTransaction(ctx, verificationhelper.VerificationTransaction{
		ExpirationTime: jsontime.UM(c.Timestamp.Add(verificationTime)), RoomID: evt.RoomID, TransactionID: c.TransactionID,
		TheirDeviceID: c.FromDevice, TheirUserID: evt.Sender, TheirSupportedMethods: c.Methods,
	})
	if err != nil {
		return fmt.Errorf("verification: %w", err)
	}
	v.s.todo.put(errand{name: "verification over " + string(c.TransactionID), at: time.Now().Add(verificationTime), do: func(ctx context.Context) error {
		_ = v.store.DeleteVerification(ctx, c.TransactionID)
		return nil
	}})
	v.s.log.Info("matrix: somebody verifies us", "user", evt.Sender, "device", c.FromDevice)
	return v.helper.AcceptVerification(ctx, c.TransactionID)
}

// VerificationRequested implements verificationhelper.RequiredCallbacks.
func (v *verifier) VerificationRequested(context.Context, id.VerificationTransactionID, id.UserID, id.DeviceID) {
}

// VerificationReady implements verificationhelper.RequiredCallbacks.
func (v *verifier) VerificationReady(context.Context, id.VerificationTransactionID, id.DeviceID, bool, bool, *verificationhelper.QRCode) {
}

// VerificationCancelled implements verificationhelper.RequiredCallbacks.
func (v *verifier) VerificationCancelled(_ context.Context, _ id.VerificationTransactionID, code event.VerificationCancelCode, _ string) {
	v.s.log.Warn("matrix: a verification was given up", "code", string(code))
}

// VerificationDone implements verificationhelper.RequiredCallbacks.
func (v *verifier) VerificationDone(context.Context, id.VerificationTransactionID, event.VerificationMethod) {
	v.s.log.Info("matrix: verified")
}

// ShowSAS implements verificationhelper.ShowSASCallbacks: it tells the emoji to
// those who can compare them. The yes follows once the helper has noted that it
// showed them.
func (v *verifier) ShowSAS(ctx context.Context, txnID id.VerificationTransactionID, emojis []rune, names []string, numbers []int) {
	var shown []string
	for i, e := range emojis {
		shown = append(shown, string(e)+" "+names[i])
	}
	if len(shown) == 0 {
		shown = append(shown, strings.Trim(fmt.Sprint(numbers), "[]"))
	}
	who := "somebody"
	if txn, err := v.store.GetVerificationTransaction(ctx, txnID); err == nil {
		who = txn.TheirUserID.String()
	}
	v.s.t.report(fmt.Errorf("%s verifies me; their screen must show exactly: %s", who, strings.Join(shown, ", ")))
	v.shown = txnID
}

// unlockIdentity brings the account's private keys from the secret storage, for
// as long as the session lasts.
func (s *session) unlockIdentity(ctx context.Context) error {
	if s.mach.CrossSigningKeys != nil {
		return nil
	}
	recovery, err := readRecoveryKey(s.t.cfg.RecoveryKeyFile)
	if err != nil {
		return err
	}
	if recovery == "" {
		return errors.New("the recovery key is missing")
	}
	var key *ssss.Key
	if key, err = s.knownKey(ctx, recovery); err != nil {
		return err
	}
	return s.mach.FetchCrossSigningKeysFromSSSS(ctx, key)
}

// sealer lets the library send a verification's steps into an encrypted room.
type sealer struct{ s *session }

var _ mautrix.CryptoHelper = sealer{}

// Encrypt implements mautrix.CryptoHelper.
func (c sealer) Encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	return c.s.seal(ctx, room, kind, content)
}

// Decrypt implements mautrix.CryptoHelper; events are opened in session.read.
func (c sealer) Decrypt(ctx context.Context, evt *event.Event) (*event.Event, error) {
	return c.s.mach.DecryptMegolmEvent(ctx, evt)
}

// WaitForSession implements mautrix.CryptoHelper; nothing waits here.
func (sealer) WaitForSession(context.Context, id.RoomID, id.SenderKey, id.SessionID, time.Duration) bool {
	return false
}

// RequestSession implements mautrix.CryptoHelper; keys are asked for in putAside.
func (sealer) RequestSession(context.Context, id.RoomID, id.SenderKey, id.SessionID, id.UserID, id.DeviceID) {
}

// Init implements mautrix.CryptoHelper.
func (sealer) Init(context.Context) error { return nil }
