package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// keyField carries a Reply's Key in the content of what it became.
const keyField = "org.vigie.key"

// Send implements chat.Transport. It writes within the server's rate limit, one
// reply at a time in each room, and tries again for as long as Config says.
func (t *Transport) Send(ctx context.Context, r chat.Reply) error {
	t.mu.Lock()
	s := t.live
	if s != nil {
		s.users.Add(1)
	}
	t.mu.Unlock()
	if s == nil {
		return fmt.Errorf("%s: %w", t.cfg.Name, chat.ErrDown)
	}
	defer s.users.Done()
	// A server that hangs holds up one room for so long, and its sender no longer.
	ctx, cancel := context.WithTimeout(ctx, 2*t.cfg.SendTimeout)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	out := chat.Sent{Network: t.cfg.Name, Key: r.Key}
	var l limited
	out.Proof, out.Err = s.send(ctx, r)
	if errors.Is(out.Err, chat.ErrUnknown) && again(r) {
		// Not unknown for long: the next attempt looks again. Said so, it would be
		// given up or repeated, which Matrix never needs.
		out.Err = fmt.Errorf("%w, and it will be looked for: %s", chat.ErrDown, brief(out.Err))
	}
	switch {
	case out.Err == nil:
	case errors.Is(out.Err, chat.ErrUnknown):
	case errors.As(out.Err, &l):
		out.Retry = l.after
	default:
		return fmt.Errorf("%s: %w", t.cfg.Name, out.Err)
	}
	t.aside.put(out)
	return nil
}

// send does what r asks for and returns the proof.
func (s *session) send(ctx context.Context, r chat.Reply) (string, error) {
	room, err := s.locate(ctx, r.Room)
	if err != nil {
		return "", unsent(err)
	}
	if r.Kind == chat.Typing {
		return "typing", unsent(s.typing(ctx, room))
	}
	defer s.rooms.turn(room).Unlock()
	if !s.t.online(s) { // one after the other they would each knock on a closed door
		return "", fmt.Errorf("the link was lost before its turn came: %w", chat.ErrDown)
	}
	switch r.Kind {
	case chat.Say, chat.Amend:
		return s.say(ctx, room, r)
	case chat.React:
		return s.react(ctx, room, r)
	case chat.Redact:
		return s.redact(ctx, room, r)
	case chat.Topic:
		return s.topic(ctx, room, r)
	case chat.Pin, chat.Unpin:
		return s.pin(ctx, room, r)
	}
	return "", fmt.Errorf("%w: Matrix has no such act (%d)", chat.ErrRefused, r.Kind)
}

// say puts a message, as ciphertext or as text that secure allowed.
func (s *session) say(ctx context.Context, room id.RoomID, r chat.Reply) (proof string, err error) {
	if proof, err := s.found(ctx, room, r); err != nil || proof != "" {
		return proof, err
	}
	if r.Everyone {
		if r.Everyone, err = s.mayCall(ctx, room); err != nil {
			return "", unsent(err)
		}
	}
	for {
		if proof, err = s.sayOnce(ctx, room, r); !errors.Is(err, errSealed) {
			break // once encrypted always so: this loop turns twice at most
		}
	}
	if err == nil {
		s.typed(room)
	}
	return proof, err
}

// errSealed says that a room was found to be encrypted after a text had been made
// ready for it in clear.
var errSealed = errors.New("the room is encrypted by now")

func (s *session) sayOnce(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	content, err := s.content(r)
	if err != nil {
		return "", err
	}
	encrypt, err := s.secure(ctx, room, r)
	if err != nil {
		return "", err
	}
	if err := s.attachFile(ctx, room, r, content, encrypt); err != nil {
		return "", err
	}
	if !encrypt {
		return s.putClear(ctx, room, content, r)
	}
	sealed, err := s.seal(ctx, room, event.EventMessage, content)
	if err != nil {
		return "", unsent(err)
	}
	return s.putMessage(ctx, room, event.EventEncrypted, sealed, r.Key)
}

// react puts an emoji on a message. Reactions are never encrypted: their text
// must be an emoji and nothing else, which is the caller's to see to.
func (s *session) react(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	target, err := eventID(r.Target)
	if err != nil {
		return "", err
	}
	if proof, err := s.found(ctx, room, r); err != nil || proof != "" {
		return proof, err
	}
	content := &event.Content{
		Parsed: &event.ReactionEventContent{RelatesTo: *new(event.RelatesTo).SetAnnotation(target, chat.Cut(r.Text, reactionLength))},
		Raw:    map[string]any{keyField: r.Key},
	}
	proof, err := s.putMessage(ctx, room, event.EventReaction, content, r.Key)
	var he mautrix.HTTPError
	if errors.As(err, &he) && he.RespError != nil && he.RespError.ErrCode == "M_DUPLICATE_ANNOTATION" {
		return "there already", nil
	}
	return proof, err
}

const reactionLength = 16 // runes

// redact takes a message back; taking it back twice does no harm.
func (s *session) redact(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	target, err := eventID(r.Target)
	if err != nil {
		return "", err
	}
	return s.put(ctx, func(ctx context.Context) (id.EventID, error) {
		resp, err := s.cli.RedactEvent(ctx, room, target, mautrix.ReqRedact{TxnID: transaction(r.Key)})
		if err != nil {
			return "", err
		}
		return resp.EventID, nil
	}, nil)
}

// putClear puts a text into a room that is not encrypted. Encryption may be
// switched on at any moment: just before each try the room is looked at, and the
// server asked again if time has passed since secure did.
func (s *session) putClear(ctx context.Context, room id.RoomID, content *event.Content, r chat.Reply) (string, error) {
	asked := r.File == nil // an upload takes its time
	return s.put(ctx, func(ctx context.Context) (id.EventID, error) {
		look := s.encrypted
		if asked {
			look = s.vault.encrypted
		}
		asked = false
		if now, err := look(ctx, room); err != nil {
			return "", fmt.Errorf("%w: %w", chat.ErrDown, err)
		} else if now {
			return "", errSealed
		}
		return s.request(ctx, room, event.EventMessage, content, r.Key)
	}, func(ctx context.Context) (string, error) { return s.find(ctx, room, r.Key) })
}

// putMessage puts one event under the transaction id of key.
func (s *session) putMessage(ctx context.Context, room id.RoomID, kind event.Type, content any, key string) (string, error) {
	return s.put(ctx, func(ctx context.Context) (id.EventID, error) {
		return s.request(ctx, room, kind, content, key)
	}, func(ctx context.Context) (string, error) { return s.find(ctx, room, key) })
}

func (s *session) request(ctx context.Context, room id.RoomID, kind event.Type, content any, key string) (id.EventID, error) {
	resp, err := s.cli.SendMessageEvent(ctx, room, kind, content, mautrix.ReqSendEvent{
		TransactionID: transaction(key), DontEncrypt: true,
	})
	if err != nil {
		return "", err
	}
	return resp.EventID, nil
}

// put makes a request until it succeeds, is refused, or has been tried often
// enough. A wait that the server asks for is not a try. After an attempt that
// may have been carried out, look (unless doing it twice does no harm, and it is
// nil) searches for its result before the next: the same transaction id is not
// enough, since a server that restarts may have forgotten it.
func (s *session) put(ctx context.Context, request func(context.Context) (id.EventID, error), look func(context.Context) (string, error)) (string, error) {
	maybe, wait := false, s.t.cfg.RetryWait
	patience := s.t.cfg.RateLimitWait
	for try := 1; ; {
		proof, err := attempt(ctx, maybe, request, look)
		if err == nil || errors.Is(err, errSealed) {
			return proof, err
		}
		m, after := judge(err)
		switch m {
		case denied:
			return "", fmt.Errorf("%w: %w", chat.ErrRefused, err)
		case slower:
			if after > patience && !maybe {
				return "", limited{after}
			}
			if after <= patience {
				patience -= after
				if sleep(ctx, after) == nil {
					continue
				}
			}
			try = s.t.cfg.Tries
		case uncertain:
			maybe = true
		}
		if try >= s.t.cfg.Tries || m == badToken || sleep(ctx, jitter(wait)) != nil {
			if maybe {
				return "", fmt.Errorf("%w: %w", chat.ErrUnknown, err)
			}
			return "", fmt.Errorf("%w: %w", chat.ErrDown, err)
		}
		try++
		wait *= 2
	}
}

// attempt looks for the result of an earlier attempt, if there may be one, and
// makes the request when there is none. A search that fails leaves it open.
func attempt(ctx context.Context, maybe bool, request func(context.Context) (id.EventID, error), look func(context.Context) (string, error)) (string, error) {
	if maybe && look != nil {
		if proof, err := look(ctx); err != nil || proof != "" {
			return proof, err
		}
	}
	event, err := request(ctx)
	return event.String(), err
}

// again tells whether an earlier attempt at r may have arrived.
func again(r chat.Reply) bool { return r.Maybe || r.Repeat }

// found is the proof of an earlier attempt at r, if there may be one and there is.
func (s *session) found(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	if !again(r) {
		return "", nil
	}
	return s.find(ctx, room, r.Key)
}

// find looks for an earlier attempt in the last events of the room. That there
// is none is believed only of a past that is long enough, or goes back to where
// the room or our being in it began: a server that has just restarted may show
// less than it has.
func (s *session) find(ctx context.Context, room id.RoomID, key string) (string, error) {
	var proof string
	whole := false
	list, err := s.past(ctx, room, "", "", s.t.cfg.LookBack, func(evt *event.Event) bool {
		whole = whole || evt.Type.Type == event.StateCreate.Type || s.ownMembership(evt) != ""
		if evt.Sender == s.me && evt.StateKey == nil && evt.Unsigned.RedactedBecause == nil {
			s.guard("looking back", func() {
				if s.keyOf(ctx, room, evt) == key {
					proof = evt.ID.String()
				}
			})
		}
		return proof != ""
	})
	if err == nil && proof == "" && !whole && len(list) < s.t.cfg.LookBack {
		return "", fmt.Errorf("%w: the server shows only %d events of the room", chat.ErrDown, len(list))
	}
	return proof, unsent(err)
}

// keyOf is the Key of the reply that one of our own events came from.
func (s *session) keyOf(ctx context.Context, room id.RoomID, evt *event.Event) string {
	evt.RoomID = room
	evt.Type.Class = event.MessageEventType
	if evt.Type == event.EventEncrypted {
		if evt.Content.ParseRaw(evt.Type) != nil {
			return ""
		}
		open, err := s.mach.DecryptMegolmEvent(ctx, evt)
		if err != nil {
			return ""
		}
		evt = open
	}
	key, _ := evt.Content.Raw[keyField].(string)
	return key
}

// unsent says of a failure before anything was written what became of the reply.
func unsent(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{chat.ErrDown, chat.ErrAway, chat.ErrRefused, chat.ErrUnknown, chat.ErrInsecure} {
		if errors.Is(err, known) {
			return err
		}
	}
	switch m, after := judge(err); m {
	case denied:
		return fmt.Errorf("%w: %w", chat.ErrRefused, err)
	case slower:
		return limited{after}
	}
	return fmt.Errorf("%w: %w", chat.ErrDown, err)
}

// transaction makes a transaction id of a key: the same for ever, and safe in a path.
func transaction(key string) string {
	for i := range len(key) {
		c := key[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
			sum := sha256.Sum256([]byte(key))
			return "vigie~" + hex.EncodeToString(sum[:20])
		}
	}
	return "vigie-" + key
}

// eventID refuses what is not a Matrix event id.
func eventID(target string) (id.EventID, error) {
	if len(target) < 2 || target[0] != '$' {
		return "", fmt.Errorf("%w: %q is not a Matrix message", chat.ErrRefused, target)
	}
	return id.EventID(target), nil
}
