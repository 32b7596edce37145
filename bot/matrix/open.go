package matrix

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"
)

// responseLimit bounds what one answer of the homeserver may weigh, in bytes.
const responseLimit = 32 << 20

// session is one logged-in device with its keys unlocked. It is made by open,
// used by the goroutine of Run for what comes in and by those of Send for what
// goes out, and closed once.
type session struct {
	t     *Transport
	log   *slog.Logger
	me    id.UserID
	cli   *mautrix.Client
	vault *vault
	mach  *crypto.OlmMachine
	state *sqlstatestore.SQLStateStore
	// display is our own name, taken off the front of what is said to us.
	display string

	// ctx ends with the session; users counts the Sends that still use it.
	ctx    context.Context
	cancel context.CancelCauseFunc
	users  sync.WaitGroup

	rooms  rooms
	direct directs
	// devices lets one request for people's devices be made at a time.
	devices sync.Mutex
	// newKeys is set when a room key has come since waiting events were tried.
	newKeys atomic.Bool
	// upgrades seen in the current response; of Run's goroutine only.
	upgrades []tombstone
	todo     errands
	// verifier answers verifications, nil without cross-signing; verified counts
	// their steps and is of Run's goroutine only.
	verifier *verifier
	verified int
}

// open makes a session: it finds the server, logs in or goes on with the login
// of last time, unlocks the keys and sees that the account vouches for them.
func (t *Transport) open(ctx context.Context) (_ *session, err error) {
	if err := os.MkdirAll(t.cfg.Data, 0o700); err != nil {
		return nil, fatalf("data: %w; make the folder, owned by Vigie's user", err)
	}
	cli, err := t.client(ctx)
	if err != nil {
		return nil, err
	}
	l, err := loadLogin(t.cfg)
	if err != nil {
		return nil, err
	}
	v, l, err := t.unlock(ctx, l)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.close())
		}
	}()
	l, err = t.enter(ctx, cli, l)
	if err != nil {
		return nil, err
	}
	mach, state, err := t.machine(ctx, cli, v, l)
	if err != nil {
		return nil, err
	}
	s := &session{
		t: t, log: t.log, me: l.User, cli: cli, vault: v, mach: mach, state: state,
	}
	s.todo.wake = make(chan struct{}, 1)
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	mach.SetBackgroundCtx(s.ctx)
	mach.SessionReceived = func(context.Context, id.RoomID, id.SessionID, uint32) {
		s.newKeys.Store(true)
		s.newRoomKeys()
	}
	if err := s.prepare(ctx); err != nil {
		s.cancel(err)
		mach.Destroy()
		return nil, err
	}
	s.users.Go(s.run)
	return s, nil
}

// prepare is the part of open that needs the session's own methods.
func (s *session) prepare(ctx context.Context) error {
	if err := s.vouch(ctx); err != nil {
		return err
	}
	if !s.t.cfg.NoCrossSigning {
		var err error
		if s.verifier, err = s.newVerifier(ctx); err != nil {
			return err
		}
	}
	// Before anything is read: a device that is new finds its keys there.
	if err := s.backUp(ctx); err != nil {
		s.log.Warn("matrix: no key backup yet", "error", brief(err))
		s.newRoomKeys()
	}
	if p, err := s.cli.GetOwnDisplayName(ctx); err == nil {
		s.display = p.DisplayName
	}
	if err := s.loadDirect(ctx); err != nil {
		return err
	}
	return s.enterRooms(ctx)
}

// close waits for the Sends in flight, which s.cancel cuts short.
func (s *session) close() error {
	s.cancel(errClosed)
	s.users.Wait()
	s.mach.Destroy()
	return s.vault.close()
}

var errClosed = errors.New("the session is over")

// client makes the library's client for the configured or discovered server.
func (t *Transport) client(ctx context.Context) (*mautrix.Client, error) {
	web := &http.Client{Timeout: t.cfg.SendTimeout, Transport: t.web}
	base := t.cfg.Homeserver
	if base == "" {
		server := id.UserID(t.cfg.User).Homeserver()
		found, err := mautrix.DiscoverClientAPIWithClient(ctx, web, server)
		if err != nil {
			return nil, fmt.Errorf("looking for the homeserver of %s: %w", server, err)
		}
		if base = "https://" + server; found != nil {
			base = found.Homeserver.BaseURL
		}
	}
	cli, err := mautrix.NewClient(base, id.UserID(t.cfg.User), "")
	if err != nil {
		return nil, fatalf("homeserver: %w; write it such as https://matrix.example.org", err)
	}
	cli.Client = web
	cli.ResponseSizeLimit = responseLimit
	cli.DefaultHTTPRetries = 0 // retries are ours: see session.put
	cli.IgnoreRateLimit = true
	return cli, nil
}

// newWeb is the HTTP transport of one account: its own, so that closing it
// leaves no connection behind.
func newWeb() *http.Transport {
	w := http.DefaultTransport.(*http.Transport).Clone()
	w.MaxResponseHeaderBytes = 64 << 10
	w.ResponseHeaderTimeout = 0 // a sync is held by the server; the client's own limit rules
	w.IdleConnTimeout = time.Minute
	return w
}
