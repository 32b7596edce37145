package matrix

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"go.mau.fi/util/dbutil"
)

const vaultFile = "crypto.db"

// unlock opens the crypto database that belongs to l. A database that is gone
// is a device that is gone: with a password we become a new one, and the
// recovery key gives it the account's identity; without, a person must act.
func (t *Transport) unlock(ctx context.Context, l login) (*vault, login, error) {
	path := filepath.Join(t.cfg.Data, vaultFile)
	v, err := openVault(ctx, path)
	if err != nil {
		return nil, l, fatal{err}
	}
	name, err := v.meta(ctx, "vault")
	if err != nil {
		return nil, l, fatal{errors.Join(err, v.close())}
	}
	switch {
	case name == l.Vault:
		return v, l, nil
	case name != "":
		return nil, l, errors.Join(fatalf("%s and %s do not belong together; put both back from the same place, or move both away to start as a new device", path, loginFile), v.close())
	}
	if l.Token != "" {
		password, err := t.cfg.password()
		if t.cfg.OAuth == nil && (err != nil || password == "") {
			return nil, l, errors.Join(fatalf("%s is missing, and with it the keys of the device %s; configure password_file so that Vigie can log in as a new device, or move %s away and give a new access token", path, l.Device, loginFile), v.close())
		}
		t.log.Warn("matrix: the crypto database is missing; starting as a new device", "lost", l.Device)
		client := l.Client
		l = newLogin(t.cfg)
		l.Client = client
	}
	if err := errors.Join(l.save(t.cfg), v.setMeta(ctx, "vault", l.Vault)); err != nil {
		return nil, l, fatal{errors.Join(err, v.close())}
	}
	return v, l, nil
}

// machine builds the encryption on an open vault, and makes sure that the keys
// that the server shows for our device are ours.
func (t *Transport) machine(ctx context.Context, cli *mautrix.Client, v *vault, l login) (*crypto.OlmMachine, *sqlstatestore.SQLStateStore, error) {
	state := sqlstatestore.NewSQLStateStore(v.db, dbutil.NoopLogger, false)
	store := crypto.NewSQLCryptoStore(v.db, dbutil.NoopLogger, "", l.Device, []byte(l.Pickle))
	if err := errors.Join(state.Upgrade(ctx), store.DB.Upgrade(ctx)); err != nil {
		return nil, nil, fatalf("crypto database: %w", err)
	}
	device, err := store.FindDeviceID(ctx)
	if err != nil {
		return nil, nil, fatalf("crypto database: %w", err)
	}
	if device != "" && device != l.Device {
		return nil, nil, fatalf("%s holds the keys of the device %s, and %s names %s; put both back from the same place, or move both away to start as a new device", vaultFile, device, loginFile, l.Device)
	}
	cli.StateStore = state
	log := quietLog(t.log)
	mach := crypto.NewOlmMachine(cli, &log, store, state)
	if err := mach.Load(ctx); err != nil {
		return nil, nil, fatalf("crypto database: the device's keys cannot be read: %w", err)
	}
	return mach, state, shareDevice(ctx, cli, mach)
}

// shareDevice uploads our keys at the first start, and refuses to go on as a
// device whose keys somebody else has.
func shareDevice(ctx context.Context, cli *mautrix.Client, mach *crypto.OlmMachine) error {
	resp, err := cli.QueryKeys(ctx, &mautrix.ReqQueryKeys{
		DeviceKeys: mautrix.DeviceKeysRequest{cli.UserID: mautrix.DeviceIDList{cli.DeviceID}},
	})
	if err != nil {
		return fmt.Errorf("asking for our own keys: %w", err)
	}
	account := mach.GetAccount()
	device, there := resp.DeviceKeys[cli.UserID][cli.DeviceID]
	if there && len(device.Keys) > 0 {
		if device.Keys.GetEd25519(cli.DeviceID) != account.SigningKey() ||
			device.Keys.GetCurve25519(cli.DeviceID) != account.IdentityKey() {
			return fatalf("the device %s has other keys on the homeserver than here: it belongs to another program, or this data folder is an old copy; move %s and %s away together to start as a new device", cli.DeviceID, loginFile, vaultFile)
		}
		// An upload whose answer was lost leaves the mark unset.
		if !account.Shared {
			account.Shared = true
			return fatalIf(mach.CryptoStore.PutAccount(ctx, account))
		}
		return nil
	}
	// First start, or the server dropped the device (a hard logout) and the same
	// one has logged in again: its keys are still only ours.
	account.Shared = false
	if err := mach.ShareKeys(ctx, 0); err != nil {
		return fmt.Errorf("uploading the device's keys: %w", err)
	}
	// Reading them back also stores them as a device like any other of ours.
	if _, err := mach.FetchKeys(ctx, []id.UserID{cli.UserID}, true); err != nil {
		return fmt.Errorf("reading our own keys back: %w", err)
	}
	return nil
}
