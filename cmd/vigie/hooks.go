package main

import (
	"context"
	"encoding/json"
	"errors"

	"vigie/bot"
	"vigie/bot/web"
)

// letHooks lets the configured monitors post to the site; what they say becomes events.
func (c *Config) letHooks(site *web.Site, b *bot.Bot) error {
	var list []web.Hook
	var errs []error
	for _, h := range c.Alerts.Hooks {
		hook, err := web.NewHook(h.Name, h.TokenFile, h.TokenEnv, h.HMACFile, h.HMACEnv)
		list, errs = append(list, hook), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil || len(list) == 0 {
		return err
	}
	site.Hooks(func(ctx context.Context, source string, body json.RawMessage) error {
		kept := make(chan struct{})
		if err := b.Deliver(ctx, bot.Alert{Source: source, Body: body, Taken: func() { close(kept) }}); err != nil {
			return err
		}
		select {
		case <-kept:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}, list...)
	return nil
}
