package main

import (
	"context"
	"fmt"
	"time"

	"vigie/commands"
	"vigie/store"
)

// keepSlow adds what a store tells about the checks that took too long (RB506).
func (c *chosen) keepSlow(ctx context.Context, path string) error {
	engine, err := store.ReadBolt(path)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, engine)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = st.Close() }()
	var slowest map[string]time.Duration
	if err := st.View(func(tx *store.Tx) error { slowest = commands.SlowestChecks(tx, time.Now()); return nil }); err != nil {
		return err
	}
	for _, rb := range c.list {
		c.keep(rb.SlowChecks(slowest))
	}
	return nil
}
