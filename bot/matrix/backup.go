package matrix

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/backup"
	"maunium.net/go/mautrix/crypto/signatures"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// The server-side backup of room keys (Matrix specification, client-server API,
// "Server-side key backups"): each key that the device has is also with the
// homeserver, encrypted to a key of which the private half lies in the account's
// secret storage, under the recovery key. Here only the public half is kept.
const (
	metaBackupVersion = "backup_version"
	metaBackupKey     = "backup_key"
	keysAtOnce        = 100
	backupPause       = 2 * time.Second // keys come in bunches
)

// backUp finds the account's backup, or makes one, and gives it what it lacks. A
// device that is new takes first what is there. Without cross-signing there is no
// recovery key, and so nobody who could read it.
func (s *session) backUp(ctx context.Context) error {
	if s.t.cfg.NoCrossSigning {
		return nil
	}
	version, pub, err := s.backupVersion(ctx)
	if err != nil || version == "" {
		return err
	}
	return s.fillBackup(ctx, version, pub)
}

// newRoomKeys has keys that came, or that we made, backed up in a moment.
func (s *session) newRoomKeys() {
	if s.t.cfg.NoCrossSigning {
		return
	}
	s.todo.put(errand{name: "key backup", at: time.Now().Add(backupPause), do: s.backUp})
}

// backupVersion is the backup that we trust, and its public key; "" when there
// is no recovery key to make one with.
func (s *session) backupVersion(ctx context.Context) (version id.KeyBackupVersion, pub []byte, err error) {
	known, err1 := s.vault.meta(ctx, metaBackupVersion)
	key, err2 := s.vault.meta(ctx, metaBackupKey)
	if err := errors.Join(err1, err2); err != nil {
		return "", nil, fmt.Errorf("crypto database: %w", err)
	}
	there, err := s.cli.GetKeyBackupLatestVersion(ctx)
	if err != nil && !notFound(err) {
		return "", nil, fmt.Errorf("asking for the key backup: %w", err)
	}
	if err == nil && known == string(there.Version) && key == string(there.AuthData.PublicKey) {
		pub, err := base64.RawStdEncoding.DecodeString(key)
		return there.Version, pub, err
	}
	recovery, err2 := readRecoveryKey(s.t.cfg.RecoveryKeyFile)
	if err2 != nil || recovery == "" {
		s.t.report(fmt.Errorf("the room keys of %s are not backed up: the recovery key is missing in %s", s.me, s.t.cfg.RecoveryKeyFile))
		return "", nil, err2
	}
	storage, err2 := s.knownKey(ctx, recovery)
	if err2 != nil {
		return "", nil, err2
	}
	private, err2 := s.backupKey(ctx, storage)
	if err2 != nil {
		return "", nil, err2
	}
	pub = private.PublicKey().Bytes()
	if err == nil && there.AuthData.PublicKey == publicName(pub) {
		// Ours, and not known here: the database was lost, or this is a new device.
		if err := s.mach.GetAndStoreKeyBackup(ctx, there.Version, private); err != nil && !notFound(err) {
			return "", nil, fmt.Errorf("restoring the room keys: %w", err)
		}
		s.newKeys.Store(true)
		s.log.Info("matrix: room keys restored from the backup", "version", there.Version)
		return there.Version, pub, s.noteBackup(ctx, there.Version, pub)
	}
	// None, or one whose key nobody has: a new one takes its place.
	version, err = s.makeBackup(ctx, pub)
	if err != nil {
		return "", nil, err
	}
	return version, pub, s.noteBackup(ctx, version, pub)
}

func publicName(pub []byte) id.Ed25519 {
	return id.Ed25519(base64.RawStdEncoding.EncodeToString(pub))
}

func (s *session) noteBackup(ctx context.Context, version id.KeyBackupVersion, pub []byte) error {
	return errors.Join(s.vault.setMeta(ctx, metaBackupVersion, string(version)),
		s.vault.setMeta(ctx, metaBackupKey, string(publicName(pub))))
}

// backupKey is the private key in the secret storage, or a new one, which is
// there when this returns.
func (s *session) backupKey(ctx context.Context, storage *ssss.Key) (*backup.MegolmBackupKey, error) {
	raw, err := s.mach.SSSS.GetDecryptedAccountData(ctx, event.AccountDataMegolmBackupKey, storage)
	if err == nil {
		if key, err := backup.MegolmBackupKeyFromBytes(raw); err == nil {
			return key, nil
		}
	} else if !notFound(err) && !errors.Is(err, ssss.ErrNotEncryptedForKey) {
		return nil, fmt.Errorf("asking for the key of the backup: %w", err)
	}
	key, err := backup.NewMegolmBackupKey()
	if err != nil {
		return nil, fmt.Errorf("making the key of the backup: %w", err)
	}
	if err := s.mach.SSSS.SetEncryptedAccountData(ctx, event.AccountDataMegolmBackupKey, key.Bytes(), storage); err != nil {
		return nil, fmt.Errorf("storing the key of the backup: %w", err)
	}
	return key, nil
}

// makeBackup makes an empty backup, which our device, itself vouched for, signs.
func (s *session) makeBackup(ctx context.Context, pub []byte) (id.KeyBackupVersion, error) {
	data := backup.MegolmAuthData{PublicKey: publicName(pub)}
	sig, err := s.mach.GetAccount().SignJSON(data)
	if err != nil {
		return "", fmt.Errorf("signing the key backup: %w", err)
	}
	data.Signatures = signatures.NewSingleSignature(s.me, id.KeyAlgorithmEd25519, s.cli.DeviceID.String(), sig)
	resp, err := s.cli.CreateKeyBackupVersion(ctx, &mautrix.ReqRoomKeysVersionCreate[backup.MegolmAuthData]{
		Algorithm: id.KeyBackupAlgorithmMegolmBackupV1, AuthData: data,
	})
	if err != nil {
		return "", fmt.Errorf("making the key backup: %w", err)
	}
	s.log.Info("matrix: a key backup was made", "version", resp.Version)
	return resp.Version, nil
}

// fillBackup uploads the room keys that the backup does not have.
func (s *session) fillBackup(ctx context.Context, version id.KeyBackupVersion, pub []byte) error {
	missing, err := s.mach.CryptoStore.GetGroupSessionsWithoutKeyBackupVersion(ctx, version).AsList()
	if err != nil {
		return fmt.Errorf("crypto database: %w", err)
	}
	for some := range slices.Chunk(missing, keysAtOnce) {
		req := &mautrix.ReqKeyBackup{Rooms: map[id.RoomID]mautrix.ReqRoomKeyBackup{}}
		for _, igs := range some {
			sealed, err := sealForBackup(pub, igs)
			if err != nil {
				s.log.Warn("matrix: a room key cannot be backed up", "room", igs.RoomID, "error", brief(err))
				continue
			}
			if req.Rooms[igs.RoomID].Sessions == nil {
				req.Rooms[igs.RoomID] = mautrix.ReqRoomKeyBackup{Sessions: map[id.SessionID]mautrix.ReqKeyBackupData{}}
			}
			req.Rooms[igs.RoomID].Sessions[igs.ID()] = sealed
		}
		if _, err := s.cli.PutKeysInBackup(ctx, version, req); err != nil {
			return fmt.Errorf("backing room keys up: %w", err)
		}
		for _, igs := range some {
			if err := s.vault.set(ctx, `UPDATE crypto_megolm_inbound_session SET key_backup_version=$1 WHERE session_id=$2`, string(version), string(igs.ID())); err != nil {
				return fmt.Errorf("crypto database: %w", err)
			}
		}
	}
	return nil
}

// sealForBackup encrypts one room key to the backup's public key.
func sealForBackup(pub []byte, igs *crypto.InboundGroupSession) (out mautrix.ReqKeyBackupData, err error) {
	first := igs.Internal.FirstKnownIndex()
	exported, err := igs.Internal.Export(first)
	if err != nil {
		return out, fmt.Errorf("exporting: %w", err)
	}
	key, err := ecdh.X25519().NewPublicKey(pub)
	if err != nil {
		return out, fmt.Errorf("the backup's key: %w", err)
	}
	data, err := backup.EncryptSessionDataWithPubkey(key, backup.MegolmSessionData{
		Algorithm: id.AlgorithmMegolmV1, ForwardingKeyChain: append([]string{}, igs.ForwardingChains...),
		SenderClaimedKeys: backup.SenderClaimedKeys{Ed25519: igs.SigningKey}, SenderKey: igs.SenderKey, SessionKey: string(exported),
	})
	if err != nil {
		return out, fmt.Errorf("encrypting: %w", err)
	}
	out = mautrix.ReqKeyBackupData{FirstMessageIndex: int(first), ForwardedCount: len(igs.ForwardingChains)}
	out.SessionData, err = json.Marshal(data)
	return out, err
}
