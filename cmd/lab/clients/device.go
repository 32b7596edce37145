package clients

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // the database driver, in Go
)

// openDevice opens the device kept in opts.Dir, or makes one, and logs it in.
func (m *Matrix) openDevice(ctx context.Context, opts MatrixOptions) error {
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return err
	}
	dsn := "file:" + filepath.Join(opts.Dir, opts.User+".db") +
		"?_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate"
	raw, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("device database: %w", err)
	}
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	if err != nil {
		return errors.Join(fmt.Errorf("device database: %w", err), raw.Close())
	}
	helper, err := cryptohelper.NewCryptoHelper(m.cli, []byte("lab"), db)
	if err != nil {
		return errors.Join(fmt.Errorf("device: %w", err), raw.Close())
	}
	helper.LoginAs = &mautrix.ReqLogin{
		Type:                     mautrix.AuthTypePassword,
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: opts.User},
		Password:                 opts.Password,
		InitialDeviceDisplayName: "lab client",
	}
	helper.DecryptErrorCallback = m.seeUndecryptable
	if err := helper.Init(ctx); err != nil {
		return errors.Join(fmt.Errorf("log in: %w", err), raw.Close())
	}
	m.crypto, m.cli.Crypto = helper, helper
	if err := m.sign(ctx, opts); err != nil {
		return errors.Join(fmt.Errorf("cross-signing: %w", err), raw.Close())
	}
	return nil
}

// sign makes the person's cross-signing keys the first time, and signs this device with them.
func (m *Matrix) sign(ctx context.Context, opts MatrixOptions) error {
	mach := m.crypto.Machine()
	if err := mach.ShareKeys(ctx, 0); err != nil { // a device must be known before it can be signed
		return err
	}
	file := filepath.Join(opts.Dir, opts.User+".recovery")
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		var made string
		if made, _, err = mach.GenerateAndUploadCrossSigningKeysWithPassword(ctx, opts.Password, ""); err != nil {
			return err
		}
		key = []byte(made)
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return err
	}
	return mach.VerifyWithRecoveryKey(ctx, strings.TrimSpace(string(key)))
}

// prepare looks up, once per room, whether it is encrypted and who is in it: what the local state does not know yet would
// otherwise be taken for "not encrypted", and members it does not know would not be able to read.
func (m *Matrix) prepare(ctx context.Context, room id.RoomID) error {
	m.mu.Lock()
	known := m.rooms[room]
	m.mu.Unlock()
	if known {
		return nil
	}
	var enc event.EncryptionEventContent
	err := m.cli.StateEvent(ctx, room, event.StateEncryption, "", &enc)
	switch {
	case errors.Is(err, mautrix.MNotFound): // not encrypted
	case err != nil:
		return fmt.Errorf("is %s encrypted? %w", room, err)
	default:
		if err := m.cli.StateStore.SetEncryptionEvent(ctx, room, &enc); err != nil {
			return fmt.Errorf("note the encryption of %s: %w", room, err)
		}
	}
	if _, err := m.cli.Members(ctx, room); err != nil {
		return fmt.Errorf("members of %s: %w", room, err)
	}
	m.mu.Lock()
	m.rooms[room] = true
	m.mu.Unlock()
	return nil
}
