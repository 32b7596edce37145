package matrix

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"maunium.net/go/mautrix"
)

// keeper holds the tokens that an authentication service gave, and renews them
// before they end, for one request at a time. The library could do it too, but
// reads its token without the lock under which it changes it.
type keeper struct {
	t *Transport

	mu  sync.Mutex
	l   login
	cli *mautrix.Client // for the service alone
}

// renewBefore is how long before its end a token is renewed.
const renewBefore = 30 * time.Second

// keepTokens has the requests of cli carry l's token, and those that follow it.
func (t *Transport) keepTokens(cli *mautrix.Client, l login) *keeper {
	own := &mautrix.Client{Client: cli.Client, HomeserverURL: cli.HomeserverURL, UserID: l.User, ResponseSizeLimit: responseLimit}
	k := &keeper{t: t, l: l, cli: own}
	// Written down before they are used: the refresh token that they replace may be
	// worth nothing afterwards.
	own.SaveNewToken = func(_ context.Context, refresh, access string, expiry time.Time) error {
		fresh := k.l
		fresh.Refresh, fresh.Token, fresh.Expiry = refresh, access, expiry
		if err := fresh.save(t.cfg); err != nil {
			return err
		}
		k.l = fresh
		return nil
	}
	cli.AccessToken = "kept" // replaced in each request
	t.kept.Store(k)
	return k
}

// token is one that is good for a while.
func (k *keeper) token(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Until(k.l.Expiry) > renewBefore {
		return k.l.Token, nil
	}
	k.cli.OAuthSetTokens(k.l.Client, k.l.Refresh, "", time.Now())
	if err := k.cli.OAuthRefreshToken(ctx, time.Hour); err != nil {
		return "", fmt.Errorf("renewing the access token: %w", err)
	}
	return k.l.Token, nil
}

// bear puts the token that is good now on a request that carries one.
func (t *Transport) bear(r *http.Request) (*http.Request, error) {
	k := t.kept.Load()
	if k == nil || r.Header.Get("Authorization") == "" {
		return r, nil
	}
	token, err := k.token(r.Context())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return r, nil
}
