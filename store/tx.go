package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Store is an Engine with a schema.
type Store struct{ engine Engine }

// schemaVersion grows with each change that an older Vigie could not read.
const schemaVersion = 1

// Open takes charge of an engine, writing or checking the schema version.
func Open(ctx context.Context, e Engine) (*Store, error) {
	s := &Store{e}
	g, err := s.Begin()
	if err != nil {
		return nil, err
	}
	defer g.Discard()
	tx := g.Tx(time.Time{})
	version := 0
	if _, err := tx.get("meta", "schema", &version); err != nil {
		return nil, err
	}
	if version > schemaVersion {
		return nil, fmt.Errorf("%w (schema %d, this one knows %d): install that version again", ErrSchema, version, schemaVersion)
	}
	if version < schemaVersion {
		tx.put("meta", "schema", schemaVersion)
		if err := errors.Join(g.Keep(tx), g.Commit(ctx)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close closes the engine.
func (s *Store) Close() error { return s.engine.Close() }

// View reads the last commit. What fn writes to the Tx goes nowhere.
func (s *Store) View(fn func(*Tx) error) error {
	g, err := s.Begin()
	if err != nil {
		return err
	}
	defer g.Discard()
	tx := g.Tx(time.Time{})
	return errors.Join(fn(tx), tx.err)
}

// Update runs fn as a turn of its own and commits it: for tools and tests. The
// running bot writes through its loop only.
func (s *Store) Update(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	g, err := s.Begin()
	if err != nil {
		return err
	}
	defer g.Discard()
	tx := g.Tx(now)
	if err := fn(tx); err != nil {
		return err
	}
	if err := g.Keep(tx); err != nil {
		return err
	}
	return g.Commit(ctx)
}

// Group is the work of one commit: several turns' writes over one snapshot. It
// belongs to one goroutine.
type Group struct {
	store  *Store
	snap   Snapshot
	writes overlay
}

// Begin opens a Group over the last commit. End it with Commit or Discard.
func (s *Store) Begin() (*Group, error) {
	snap, err := s.engine.Snapshot()
	if err != nil {
		return nil, err
	}
	return &Group{store: s, snap: snap, writes: overlay{}}, nil
}

// Tx begins a turn at the given instant, which is all that the turn knows of
// time. It sees what the group's earlier turns wrote.
func (g *Group) Tx(now time.Time) *Tx { return &Tx{Now: now.UTC(), group: g, writes: overlay{}} }

// Keep adds a turn's writes to the group. A Tx that met an error of the store
// is refused: nothing can be concluded from what it did not read.
func (g *Group) Keep(tx *Tx) error {
	if tx.err != nil {
		return tx.err
	}
	for bucket, m := range tx.writes {
		for k, v := range m {
			g.writes.set(bucket, k, v)
		}
	}
	tx.writes = overlay{}
	return nil
}

// Dirty tells whether there is anything to commit.
func (g *Group) Dirty() bool { return len(g.writes) > 0 }

// Commit writes the group and ends it. Without writes it costs nothing.
func (g *Group) Commit(ctx context.Context) error {
	g.Discard()
	if !g.Dirty() {
		return nil
	}
	var b Batch
	for _, bucket := range slices.Sorted(maps.Keys(g.writes)) {
		for _, k := range slices.Sorted(maps.Keys(g.writes[bucket])) {
			b = append(b, Op{bucket, k, g.writes[bucket][k]})
		}
	}
	return g.store.engine.Commit(ctx, b)
}

// Discard ends the group without writing. It may be called twice, and after Commit.
func (g *Group) Discard() { _ = g.snap.Close() }

// overlay is a set of writes not yet committed; a nil value deletes.
type overlay map[string]map[string][]byte

func (o overlay) set(bucket, key string, v []byte) {
	if o[bucket] == nil {
		o[bucket] = map[string][]byte{}
	}
	o[bucket][key] = v
}

// Tx is what one turn reads and writes. An error of the engine or of decoding is
// kept, makes Keep fail, and so undoes the turn: methods of records need not hand it
// up one by one. It belongs to one goroutine.
type Tx struct {
	// Now is the event's instant, in UTC.
	Now    time.Time
	group  *Group
	writes overlay
	err    error
}

// Err is the first error that the store met in this Tx.
func (tx *Tx) Err() error { return tx.err }

// Dirty tells whether this turn has written anything.
func (tx *Tx) Dirty() bool { return len(tx.writes) > 0 }

func (tx *Tx) fail(err error) {
	if tx.err == nil && err != nil {
		tx.err = err
	}
}

func (tx *Tx) raw(bucket, key string) []byte {
	if v, ok := tx.writes[bucket][key]; ok {
		return v
	}
	if v, ok := tx.group.writes[bucket][key]; ok {
		return v
	}
	v, err := tx.group.snap.Get(bucket, key)
	tx.fail(err)
	return v
}

// get decodes a value into v and tells whether there was one.
func (tx *Tx) get(bucket, key string, v any) (bool, error) {
	raw := tx.raw(bucket, key)
	if raw == nil {
		return false, tx.err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		err = fmt.Errorf("read %s/%s: %w", bucket, key, err)
		tx.fail(err)
		return false, err
	}
	return true, nil
}

// find is get for callers that leave errors to Keep.
func find[T any](tx *Tx, bucket, key string) (T, bool) {
	var v T
	ok, _ := tx.get(bucket, key, &v)
	return v, ok
}

func (tx *Tx) put(bucket, key string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		tx.fail(fmt.Errorf("write %s/%s: %w", bucket, key, err))
		return
	}
	tx.writes.set(bucket, key, raw)
}

func (tx *Tx) del(bucket, key string) { tx.writes.set(bucket, key, nil) }

// scan calls fn with every key of the bucket that starts with prefix and is
// ≥ prefix+from, in order, this turn's own writes included, until fn returns false. fn may
// write; what it writes is not met by the running scan.
func (tx *Tx) scan(bucket, prefix, from string, fn func(key string, raw []byte) bool) {
	type pair struct {
		key string
		raw []byte
	}
	var over []pair
	add := func(o overlay, hide map[string][]byte) {
		for k, v := range o[bucket] {
			if _, hidden := hide[k]; !hidden && strings.HasPrefix(k, prefix) && k >= prefix+from {
				over = append(over, pair{k, v})
			}
		}
	}
	add(tx.writes, nil)
	add(tx.group.writes, tx.writes[bucket])
	slices.SortFunc(over, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	stopped := false
	emit := func(k string, raw []byte) bool {
		if raw != nil && !fn(k, raw) {
			stopped = true
		}
		return !stopped
	}
	tx.fail(tx.group.snap.Scan(bucket, prefix+from, func(k string, raw []byte) bool {
		if !strings.HasPrefix(k, prefix) {
			return false
		}
		for len(over) > 0 && over[0].key < k {
			if !emit(over[0].key, over[0].raw) {
				return false
			}
			over = over[1:]
		}
		if len(over) > 0 && over[0].key == k {
			raw, over = over[0].raw, over[1:]
		}
		return emit(k, raw)
	}))
	for _, p := range over {
		if stopped || !emit(p.key, p.raw) {
			return
		}
	}
}

// each decodes every value under a prefix, in key order.
func each[T any](tx *Tx, bucket, prefix, from string, fn func(key string, v T) bool) {
	tx.scan(bucket, prefix, from, func(k string, raw []byte) bool {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			tx.fail(fmt.Errorf("read %s/%s: %w", bucket, k, err))
			return false
		}
		return fn(k, v)
	})
}

// Next counts up the named counter, from 1, and never gives a number twice.
func (tx *Tx) Next(counter string) int {
	n, _ := find[int](tx, "meta", "next/"+counter)
	n++
	tx.put("meta", "next/"+counter, n)
	return n
}

// num is a number as a key that sorts by value.
func num(n int) string { return fmt.Sprintf("%010d", n) }

// instantForm sorts as time does: fixed width, UTC.
const instantForm = "20060102T150405.000000000"

func instant(t time.Time) string { return t.UTC().Format(instantForm) }
