package matrix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/id"
)

// vouch makes our device one that the account vouches for, so that no client
// shows a warning. Every step may have been done by an earlier start that died:
// each looks at what is there first.
func (s *session) vouch(ctx context.Context) error {
	if s.t.cfg.NoCrossSigning {
		return nil
	}
	// The server's word, not the database's: an upload may have died half-way.
	resp, err := s.cli.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{s.me: {}}})
	if err != nil {
		return fmt.Errorf("asking for the account's keys: %w", err)
	}
	master, self := resp.MasterKeys[s.me], resp.SelfSigningKeys[s.me]
	has := len(master.Keys) > 0
	by := id.NewKeyID(id.KeyAlgorithmEd25519, self.FirstKey().String())
	if has && resp.DeviceKeys[s.me][s.cli.DeviceID].Signatures[s.me][by] != "" {
		return nil
	}
	recovery, err := readRecoveryKey(s.t.cfg.RecoveryKeyFile)
	if err != nil {
		return err
	}
	if !has {
		return s.bootstrap(ctx, recovery)
	}
	if recovery == "" {
		return fatalf("%s already has cross-signing; write its recovery key (Element shows it once, under Security) to %s", s.me, s.t.cfg.RecoveryKeyFile)
	}
	return s.sign(ctx, recovery)
}

// sign takes the account's identity out of the server's secret storage.
func (s *session) sign(ctx context.Context, recovery string) error {
	err := s.mach.VerifyWithRecoveryKey(ctx, recovery)
	switch {
	case err == nil:
		s.log.Info("matrix: the device is cross-signed", "device", s.cli.DeviceID)
		return nil
	case errors.Is(err, ssss.ErrInvalidRecoveryKey), errors.Is(err, ssss.ErrIncorrectSSSSKey):
		return fatalf("the recovery key in %s is not the one of %s: %w; write the right one there", s.t.cfg.RecoveryKeyFile, s.me, err)
	case errors.Is(err, ssss.ErrNoDefaultKeyID), errors.Is(err, ssss.ErrNotEncryptedForKey), notFound(err):
		return fatalf("%s has cross-signing but its secret storage is incomplete: %w; reset the account's cross-signing in another client, and write the new recovery key to %s", s.me, err, s.t.cfg.RecoveryKeyFile)
	}
	return fmt.Errorf("cross-signing: %w", err)
}

// bootstrap gives the account an identity: the key is in its file and the secrets
// are in the server's storage under it before the public keys are shown.
func (s *session) bootstrap(ctx context.Context, recovery string) error {
	key, err := s.storageKey(ctx, recovery)
	if err != nil {
		return err
	}
	keys, err := s.mach.GenerateCrossSigningKeys()
	if err != nil {
		return fmt.Errorf("making the account's keys: %w", err)
	}
	if err := s.mach.UploadCrossSigningKeysToSSSS(ctx, key, keys); err != nil {
		return fmt.Errorf("storing the account's keys: %w", err)
	}
	if err := s.mach.SSSS.SetDefaultKeyID(ctx, key.ID); err != nil {
		return fmt.Errorf("storing the account's keys: %w", err)
	}
	password, err := s.t.cfg.password()
	if err != nil {
		return fatal{err}
	}
	err = s.mach.PublishCrossSigningKeys(ctx, keys, s.confirm(password))
	if m, _ := judge(err); err != nil && m == denied {
		return fatalf("the homeserver does not let us set up cross-signing for %s: %s; configure password_file, or set it up in another client and write its recovery key to %s", s.me, brief(err), s.t.cfg.RecoveryKeyFile)
	} else if err != nil {
		return fmt.Errorf("publishing the account's keys: %w", err)
	}
	if err := s.mach.SignOwnDevice(ctx, s.mach.OwnIdentity()); err != nil {
		return fmt.Errorf("signing our device: %w", err)
	}
	if err := s.mach.SignOwnMasterKey(ctx); err != nil {
		return fmt.Errorf("signing the account's key: %w", err)
	}
	s.log.Warn("matrix: cross-signing is set up; keep a copy of the recovery key elsewhere", "file", s.t.cfg.RecoveryKeyFile)
	return nil
}

// confirm answers the server's demand for the password; nil without one.
func (s *session) confirm(password string) mautrix.UIACallback {
	if password == "" {
		return nil
	}
	return func(r *mautrix.RespUserInteractive) any {
		return &mautrix.ReqUIAuthLogin{
			BaseAuthData: mautrix.BaseAuthData{Type: mautrix.AuthTypePassword, Session: r.Session},
			User:         s.me.String(),
			Password:     password,
		}
	}
}

// storageKey is the key of the secret storage: the one that an earlier start
// wrote down, or a new one, which is on disk when this returns.
func (s *session) storageKey(ctx context.Context, recovery string) (*ssss.Key, error) {
	if recovery != "" {
		return s.knownKey(ctx, recovery)
	}
	key, err := s.mach.SSSS.GenerateAndUploadKey(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("making the recovery key: %w", err)
	}
	err = errors.Join(
		s.vault.setMeta(ctx, "storage_key", key.ID),
		writeSecret(s.t.cfg.RecoveryKeyFile, []byte(key.RecoveryKey()+"\n")))
	return key, fatalIf(err)
}

func (s *session) knownKey(ctx context.Context, recovery string) (*ssss.Key, error) {
	keyID, err := s.mach.SSSS.GetDefaultKeyID(ctx)
	if errors.Is(err, ssss.ErrNoDefaultKeyID) {
		keyID, err = s.vault.meta(ctx, "storage_key")
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the secret storage: %w", err)
	}
	if keyID == "" {
		return nil, fatalf("%s exists, and the account %s has no secret storage; move the file away, and Vigie will make a new recovery key", s.t.cfg.RecoveryKeyFile, s.me)
	}
	data, err := s.mach.SSSS.GetKeyData(ctx, keyID)
	if err != nil {
		return nil, fmt.Errorf("looking for the secret storage: %w", err)
	}
	key, err := data.VerifyRecoveryKey(keyID, recovery)
	if err != nil {
		return nil, fatalf("the recovery key in %s does not open the secret storage of %s: %w; write the right one there", s.t.cfg.RecoveryKeyFile, s.me, err)
	}
	return key, nil
}

// readRecoveryKey returns "" when there is no such file yet.
func readRecoveryKey(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", fatalf("recovery_key_file: %w", err)
	}
	if key := strings.TrimSpace(string(b)); key != "" {
		return key, nil
	}
	return "", fatalf("recovery_key_file: %s is empty; write the recovery key there, or remove the file", path)
}
