package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/oauth"

	"vigie/bot/chat"
)

// OAuth is how to log in where the homeserver leaves that to an authentication
// service (Matrix 1.15, "OAuth 2.0 API"). Without a refresh token, a person lets
// the bot in once: it says which page to open, and the code to type there (RFC 8628).
// From then on it renews its tokens by itself (RFC 6749, section 6).
type OAuth struct {
	// ClientID is how the service calls Vigie. Empty: Vigie registers itself
	// (RFC 7591).
	ClientID string `yaml:"client_id"`
	// ClientURI is a page about the host, which the service shows to whoever lets
	// the bot in; https:// and the user's server when empty.
	ClientURI string `yaml:"client_uri"`
	// RefreshTokenFile or RefreshTokenEnv give a refresh token made elsewhere for
	// ClientID. It is used once: the one that follows it is kept in Data.
	RefreshTokenFile string `yaml:"refresh_token_file"`
	RefreshTokenEnv  string `yaml:"refresh_token_env"`
}

func (o *OAuth) validate(bad func(string, ...any)) {
	if o == nil {
		return
	}
	if given(o.RefreshTokenFile, o.RefreshTokenEnv) > 1 {
		bad("oauth.refresh_token_env: keep either refresh_token_file or refresh_token_env")
	}
	if given(o.RefreshTokenFile, o.RefreshTokenEnv) == 1 && o.ClientID == "" {
		bad("oauth.client_id: say for which client the refresh token was made")
	}
}

// renew asks for new tokens whatever the old ones' age.
func (t *Transport) renew(ctx context.Context, cli *mautrix.Client, l login) (login, error) {
	l.Expiry = time.Now()
	if _, err := t.keepTokens(cli, l).token(ctx); err != nil {
		return l, err
	}
	return loadLogin(t.cfg)
}

// logInOAuth gets tokens from the authentication service: with the configured
// refresh token, or by asking a person.
func (t *Transport) logInOAuth(ctx context.Context, cli *mautrix.Client, l login) (login, error) {
	t.kept.Store(nil)
	cli.AccessToken, cli.UserID, cli.DeviceID = "", l.User, l.Device
	if err := t.knownClient(ctx, cli, &l); err != nil {
		return l, err
	}
	refresh, err := secret("refresh_token", t.cfg.OAuth.RefreshTokenFile, t.cfg.OAuth.RefreshTokenEnv)
	if err != nil {
		return l, fatal{err}
	}
	if refresh != "" && refresh != t.refused {
		l.Refresh = refresh
		renewed, err := t.renew(ctx, cli, l)
		if err == nil {
			return t.confirmDevice(ctx, cli, renewed)
		}
		if m, _ := judge(err); m != badToken && m != denied {
			return l, err
		}
		t.refused, l.Refresh = refresh, ""
		t.log.Warn("matrix: the configured refresh token is no longer good", "error", brief(err))
	}
	tokens, err := t.askPerson(ctx, cli, l)
	if err != nil {
		return l, err
	}
	l.Token, l.Refresh, l.Expiry = tokens.AccessToken, tokens.RefreshToken, time.Now().Add(tokens.ExpiresIn.Duration)
	if err := l.save(t.cfg); err != nil {
		return l, fatal{err}
	}
	t.keepTokens(cli, l)
	return t.confirmDevice(ctx, cli, l)
}

// knownClient makes sure that the service knows us as a client.
func (t *Transport) knownClient(ctx context.Context, cli *mautrix.Client, l *login) error {
	if l.Client = cmp.Or(t.cfg.OAuth.ClientID, l.Client); l.Client != "" {
		return nil
	}
	meta, err := cli.OAuthRegisterClient(ctx, &oauth.ClientMetadata{
		ApplicationType: oauth.ApplicationTypeNative, ClientName: "Vigie",
		ClientURI:               cmp.Or(t.cfg.OAuth.ClientURI, "https://"+l.User.Homeserver()+"/"),
		GrantTypes:              []oauth.GrantType{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
		TokenEndpointAuthMethod: oauth.AuthMethodNone,
	})
	if m, _ := judge(err); err != nil && m == denied {
		return fatalf("the homeserver's authentication service registers no client: %s; register Vigie there by hand, and put its id in oauth.client_id", brief(err))
	} else if err != nil {
		return fmt.Errorf("registering with the authentication service: %w", err)
	}
	l.Client = meta.ClientID
	return fatalIf(l.save(t.cfg))
}

// confirmDevice checks whose tokens these are, and for which device. One that
// holds no keys yet takes the device that the service has given it.
func (t *Transport) confirmDevice(ctx context.Context, cli *mautrix.Client, l login) (login, error) {
	who, err := cli.Whoami(ctx)
	if err != nil {
		return l, fmt.Errorf("asking who we are: %w", err)
	}
	if l, err = loadLogin(t.cfg); err != nil { // asking may have renewed the tokens
		return l, err
	}
	if who.DeviceID != "" && who.DeviceID != l.Device && who.UserID == l.User {
		if !l.Fresh {
			return l, l.matches(who)
		}
		l.Device = who.DeviceID
	}
	cli.DeviceID, l.Fresh = l.Device, false
	if err := l.matches(who); err != nil {
		return l, err
	}
	if err := l.save(t.cfg); err != nil {
		return l, fatal{err}
	}
	t.keepTokens(cli, l)
	return l, nil
}

// askPerson lets somebody open the way in a browser: it tells the page and the
// code, and waits as long as they are good.
func (t *Transport) askPerson(ctx context.Context, cli *mautrix.Client, l login) (*oauth.TokenResponse, error) {
	if err := l.save(t.cfg); err != nil { // the device's name, before anybody vouches for it
		return nil, fatal{err}
	}
	code, err := cli.OAuthGenerateDeviceCode(ctx, oauth.GenerateDeviceCodeParams{
		ClientID: l.Client, UserIDHint: l.User, Scopes: oauth.ScopeList{oauth.ScopeClientAPI, oauth.ScopeDevice(l.Device)},
	})
	if m, _ := judge(err); err != nil && (m == denied || m == badToken) {
		return nil, fatalf("the authentication service of %s lets no device in by a code: %s; make a refresh token there and put it in oauth.refresh_token_file", l.User.Homeserver(), brief(err))
	} else if err != nil {
		return nil, fmt.Errorf("asking for a code: %w", err)
	}
	t.log.Warn("matrix: somebody must let the bot in", "page", code.VerificationURI, "code", code.UserCode, "as", l.User)
	_ = t.emit(ctx, chat.Status{Network: t.cfg.Name, At: time.Now(),
		Err: fmt.Errorf("open %s as %s and type %s to let me in", cmp.Or(code.VerificationURIComplete, code.VerificationURI), l.User, code.UserCode)})
	wait := max(code.Interval.Duration, t.cfg.RetryWait)
	end := time.Now().Add(code.ExpiresIn.Duration)
	for time.Now().Before(end) {
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		tokens, err := cli.OAuthPollDeviceCode(ctx, oauth.PollDeviceCodeParams{DeviceCode: code.DeviceCode, ClientID: l.Client})
		switch {
		case err == nil:
			return tokens, nil
		case errors.Is(err, mautrix.ErrOAuthAuthorizationPending):
		case errors.Is(err, mautrix.ErrOAuthSlowDown):
			wait += 5 * time.Second
		case errors.Is(err, mautrix.ErrOAuthExpiredToken):
			end = time.Time{}
		case errors.Is(err, mautrix.ErrOAuthAccessDenied):
			return nil, fatalf("somebody refused to let %s in; start again when that was a mistake", l.User)
		default:
			t.log.Warn("matrix: the authentication service does not answer as it should", "error", brief(err))
		}
	}
	return nil, errors.New("nobody has let the bot in; another code follows")
}
