package matrix

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

// vault is the crypto database: the library's tables and ours, in one file,
// synced to disk at every commit. A commit that a power cut took back would
// make the next message use a key twice, and no client would show it.
type vault struct{ db *dbutil.Database }

// Our own tables, beside the library's.
//
//	vigie_encrypted  rooms that were encrypted once, and so are for ever
//	vigie_room       the room behind a name of the configuration: aliases are
//	                 resolved once, and upgrades followed here
//	vigie_dm         the private room last used with somebody
//	vigie_waiting    events, still encrypted, whose key has not come;
//	                 delivered is the position that told them, 0 before
//	vigie_meta       small facts
const tables = `
CREATE TABLE IF NOT EXISTS vigie_encrypted (room_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS vigie_room (name TEXT PRIMARY KEY, room_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vigie_dm (user_id TEXT PRIMARY KEY, room_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vigie_waiting (
	event_id TEXT PRIMARY KEY, room_id TEXT NOT NULL, event BLOB NOT NULL,
	since INTEGER NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS vigie_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
`

func openVault(ctx context.Context, path string) (*vault, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String() +
		"?_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=busy_timeout(5000)&_txlock=immediate"
	raw := sql.OpenDB(newSteady(dsn))
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("crypto database: %w", err), raw.Close())
	}
	v := &vault{db}
	if _, err = db.Exec(ctx, tables); err != nil {
		return nil, errors.Join(fmt.Errorf("crypto database %s: %w", path, err), v.close())
	}
	return v, nil
}

func (v *vault) close() error { return v.db.Close() }

// get reads one value; a missing row is "".
func (v *vault) get(ctx context.Context, query, key string) (value string, err error) {
	err = v.db.QueryRow(ctx, query, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func (v *vault) set(ctx context.Context, query string, args ...any) error {
	_, err := v.db.Exec(ctx, query, args...)
	return err
}

func (v *vault) meta(ctx context.Context, key string) (string, error) {
	return v.get(ctx, `SELECT value FROM vigie_meta WHERE key=$1`, key)
}

func (v *vault) setMeta(ctx context.Context, key, value string) error {
	return v.set(ctx, `INSERT INTO vigie_meta (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value=excluded.value`, key, value)
}

// encrypted tells whether the room was ever encrypted.
func (v *vault) encrypted(ctx context.Context, room id.RoomID) (bool, error) {
	got, err := v.get(ctx, `SELECT room_id FROM vigie_encrypted WHERE room_id=$1`, string(room))
	return got != "", err
}

// pin makes the room encrypted for ever.
func (v *vault) pin(ctx context.Context, room id.RoomID) error {
	return v.set(ctx, `INSERT INTO vigie_encrypted (room_id) VALUES ($1) ON CONFLICT DO NOTHING`, string(room))
}

func (v *vault) room(ctx context.Context, name string) (id.RoomID, error) {
	got, err := v.get(ctx, `SELECT room_id FROM vigie_room WHERE name=$1`, name)
	return id.RoomID(got), err
}

func (v *vault) setRoom(ctx context.Context, name string, room id.RoomID) error {
	return v.set(ctx, `INSERT INTO vigie_room (name, room_id) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET room_id=excluded.room_id`, name, string(room))
}

func (v *vault) dm(ctx context.Context, user id.UserID) (id.RoomID, error) {
	got, err := v.get(ctx, `SELECT room_id FROM vigie_dm WHERE user_id=$1`, string(user))
	return id.RoomID(got), err
}

func (v *vault) setDM(ctx context.Context, user id.UserID, room id.RoomID) error {
	return v.set(ctx, `INSERT INTO vigie_dm (user_id, room_id) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET room_id=excluded.room_id
		WHERE room_id<>excluded.room_id`, string(user), string(room))
}

// wait keeps an event whose key is missing; known says that it was there already.
func (v *vault) wait(ctx context.Context, room id.RoomID, event id.EventID, raw []byte, now time.Time) (known bool, err error) {
	res, err := v.db.Exec(ctx, `INSERT INTO vigie_waiting (event_id, room_id, event, since)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, string(event), string(room), raw, now.Unix())
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 0, err
}

type waitingRow struct {
	room id.RoomID
	raw  []byte
}

// waiting lists the events that nobody was told, oldest first.
func (v *vault) waiting(ctx context.Context) (rows []waitingRow, err error) {
	res, err := v.db.Query(ctx, `SELECT room_id, event FROM vigie_waiting WHERE delivered=0 ORDER BY since, rowid LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for res.Next() {
		var r waitingRow
		if err = res.Scan(&r.room, &r.raw); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, res.Err()
}

// waits tells whether nobody was told the event yet.
func (v *vault) waits(ctx context.Context, event id.EventID) (bool, error) {
	got, err := v.get(ctx, `SELECT event_id FROM vigie_waiting WHERE delivered=0 AND event_id=$1`, string(event))
	return got != "", err
}

// told notes that the event went out with position n.
func (v *vault) told(ctx context.Context, event id.EventID, n uint64) error {
	return v.set(ctx, `UPDATE vigie_waiting SET delivered=$1 WHERE event_id=$2`, int64(n), string(event))
}

// settle forgets, at a start from position n, what was committed by then, takes
// back what was told after it, and drops what is older than the limit.
func (v *vault) settle(ctx context.Context, n uint64, limit time.Time) error {
	return errors.Join(
		v.set(ctx, `DELETE FROM vigie_waiting WHERE delivered BETWEEN 1 AND $1 OR since<$2`, int64(n), limit.Unix()),
		v.set(ctx, `UPDATE vigie_waiting SET delivered=0 WHERE delivered>$1`, int64(n)))
}
