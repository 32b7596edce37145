package matrix

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// login is what makes us one device for ever. It is written before the server
// is asked for anything, so that a crash in the middle repeats the same request.
type login struct {
	User   id.UserID   `json:"user_id"`
	Device id.DeviceID `json:"device_id"`
	Token  string      `json:"access_token,omitempty"`
	// Refresh, Expiry and Client belong to a token that an authentication service
	// gave (see OAuth).
	Refresh string    `json:"refresh_token,omitempty"`
	Expiry  time.Time `json:"expiry,omitzero"`
	Client  string    `json:"client_id,omitempty"`
	// Fresh says that the device has no keys anywhere yet.
	Fresh bool `json:"fresh,omitempty"`
	// Pickle is the key of the secrets inside crypto.db.
	Pickle string `json:"pickle_key"`
	// Vault names the crypto database that belongs to this device.
	Vault string `json:"vault"`
}

const loginFile = "login.json"

// loadLogin reads the saved login, or makes a new one without a token.
func loadLogin(cfg Config) (login, error) {
	path := filepath.Join(cfg.Data, loginFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newLogin(cfg), nil
	} else if err != nil {
		return login{}, fatalf("data: %w; the folder must be Vigie's own", err)
	}
	var l login
	if err := json.Unmarshal(b, &l); err != nil || l.Device == "" && l.Token == "" || l.Pickle == "" {
		return login{}, fatalf("%s cannot be read; move it and crypto.db away together, and Vigie will log in as a new device with the recovery key", path)
	}
	if l.User != id.UserID(cfg.User) {
		return login{}, fatalf("%s belongs to %s, and the configuration says %s; give this account a data folder of its own", path, l.User, cfg.User)
	}
	return l, nil
}

func newLogin(cfg Config) login {
	return login{
		User:   id.UserID(cfg.User),
		Device: id.DeviceID("VIGIE" + rand.Text()[:8]),
		Pickle: rand.Text() + rand.Text(),
		Vault:  rand.Text(),
		Fresh:  true,
	}
}

// save writes the login whole or not at all.
func (l login) save(cfg Config) error {
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("saving the login: %w", err)
	}
	return writeSecret(filepath.Join(cfg.Data, loginFile), b)
}

// writeSecret replaces path by a file that only we can read, and does not
// return before it is on disk.
func writeSecret(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// enter makes sure that l holds a token that the server takes, for the device
// that l names.
func (t *Transport) enter(ctx context.Context, cli *mautrix.Client, l login) (login, error) {
	if l.Token == "" {
		return t.logIn(ctx, cli, l)
	}
	cli.AccessToken, cli.UserID, cli.DeviceID = l.Token, l.User, l.Device
	if l.Refresh != "" {
		t.keepTokens(cli, l)
	}
	who, err := cli.Whoami(ctx)
	if m, _ := judge(err); err != nil && m == badToken && l.Refresh != "" {
		// Taken back before its time: perhaps only the access token was.
		var renewed login
		if renewed, err = t.renew(ctx, cli, l); err == nil {
			l = renewed
			who, err = cli.Whoami(ctx)
		}
	}
	if err == nil {
		if l.Refresh != "" { // it may have been renewed on the way
			if l, err = loadLogin(t.cfg); err != nil {
				return l, err
			}
		}
		return l, l.matches(who)
	}
	if m, _ := judge(err); m != badToken {
		return l, fmt.Errorf("asking who we are: %w", err)
	}
	t.log.Warn("matrix: the access token is no longer good; logging in again as the same device")
	l.Token, l.Refresh = "", ""
	return t.logIn(ctx, cli, l)
}

func (l login) matches(who *mautrix.RespWhoami) error {
	if who.UserID != l.User {
		return fatalf("the access token belongs to %s, and the configuration says %s; make a token for the right account", who.UserID, l.User)
	}
	if who.DeviceID != "" && who.DeviceID != l.Device {
		return fatalf("the access token belongs to the device %s, and %s to %s; make a new token, and move login.json and crypto.db away together", who.DeviceID, loginFile, l.Device)
	}
	return nil
}

// logIn gets a token: the configured one, or by password.
func (t *Transport) logIn(ctx context.Context, cli *mautrix.Client, l login) (login, error) {
	if t.cfg.OAuth != nil {
		return t.logInOAuth(ctx, cli, l)
	}
	token, err := t.cfg.token()
	if err != nil {
		return l, fatal{err}
	}
	if token != "" && token != t.refused {
		return t.adopt(ctx, cli, l, token)
	}
	password, err := t.cfg.password()
	if err != nil {
		return l, fatal{err}
	}
	if password == "" {
		return l, fatalf("the homeserver no longer accepts the access token of %s; put a new one in access_token_file, or configure password_file", l.User)
	}
	if err := l.save(t.cfg); err != nil {
		return l, fatal{err}
	}
	cli.AccessToken = ""
	resp, err := cli.Login(ctx, &mautrix.ReqLogin{
		Type:                     mautrix.AuthTypePassword,
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: l.User.String()},
		Password:                 password,
		DeviceID:                 l.Device,
		InitialDeviceDisplayName: "Vigie",
		StoreCredentials:         true,
	})
	if m, _ := judge(err); err != nil && m == denied {
		return l, fatalf("the homeserver refuses the login of %s: %s; check user and password_file", l.User, brief(err))
	} else if err != nil {
		return l, fmt.Errorf("logging in: %w", err)
	}
	if resp.UserID != l.User {
		return l, fatalf("the homeserver logged us in as %s, and the configuration says %s; correct user", resp.UserID, l.User)
	}
	l.Token, l.Device, l.Fresh = resp.AccessToken, resp.DeviceID, false
	return l, fatalIf(l.save(t.cfg))
}

// adopt takes a token that a person made, and the device that came with it.
func (t *Transport) adopt(ctx context.Context, cli *mautrix.Client, l login, token string) (login, error) {
	cli.AccessToken, cli.UserID = token, l.User
	who, err := cli.Whoami(ctx)
	if m, _ := judge(err); err != nil && m == badToken {
		t.refused = token
		return t.logIn(ctx, cli, l)
	} else if err != nil {
		return l, fmt.Errorf("asking who we are: %w", err)
	}
	if who.DeviceID == "" {
		return l, fatalf("the access token of %s has no device, so nothing could be encrypted; make one by logging in", l.User)
	}
	if l.Vault != "" && who.DeviceID != l.Device {
		// A token for another device: its keys cannot be those that we hold.
		if fresh, err := t.unused(l); err != nil || !fresh {
			return l, errors.Join(fatalf("the access token belongs to the device %s, and the keys in %s to %s; move login.json and crypto.db away together", who.DeviceID, t.cfg.Data, l.Device), err)
		}
	}
	l.Token, l.Device, l.Fresh = token, who.DeviceID, false
	cli.DeviceID = l.Device
	if err := l.matches(who); err != nil {
		return l, err
	}
	return l, fatalIf(l.save(t.cfg))
}

// unused tells whether this login has never been saved with a token.
func (t *Transport) unused(l login) (bool, error) {
	saved, err := loadLogin(t.cfg)
	if err != nil {
		return false, err
	}
	return saved.Vault != l.Vault || saved.Token == "", nil
}

func fatalIf(err error) error {
	if err == nil {
		return nil
	}
	return fatal{err}
}
