package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/bot/irc"
	"vigie/bot/matrix"
	"vigie/bot/web"
	"vigie/commands"
	"vigie/runbooks/probe"
	"vigie/store"
)

// errFindings says that what had to be said is printed already.
var errFindings = errors.New("the configuration has errors; nothing was started")

func runCommand() *cobra.Command {
	var path, level string
	cmd := &cobra.Command{Use: "run", Short: "run the bot", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := newLog(level)
			if err != nil {
				return err
			}
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			return run(cmd.Context(), cfg, path, log)
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&level, "log", "info", "debug, info, warn or error; on standard error")
	return cmd
}

// newLog writes one line of JSON an event. No text that somebody wrote goes in it.
func newLog(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log %q: write debug, info, warn or error", level)
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}

// loadOrPrint reads the configuration, or prints each of its mistakes.
func loadOrPrint(cmd *cobra.Command, path string) (*Config, error) {
	cfg, findings := LoadConfig(path)
	for _, f := range findings {
		fmt.Fprintln(cmd.ErrOrStderr(), f)
	}
	if cfg == nil {
		return nil, errFindings
	}
	return cfg, nil
}

// run wires everything together, in one straight line, and runs until ctx ends.
func run(ctx context.Context, cfg *Config, path string, log *slog.Logger) error {
	options, errs := cfg.options()
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	table, errs := commands.New(options)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	st, err := cfg.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	transports, err := cfg.transports(log)
	if err != nil {
		return err
	}
	checks, err := probe.New(cfg.Checks)
	if err != nil {
		return err
	}
	defer checks.Close()
	b := &bot.Bot{Store: st, Handler: table, Transports: transports, Log: log}
	r := &reloader{path: path, bot: b}
	files := keeper{store: st, backups: cfg.backups(), copies: cfg.copies(), keep: cfg.Backup.Keep}
	b.Prober = func(ctx context.Context, kind string, args []byte) []byte {
		if report, ok := files.probe(ctx, kind); ok {
			return report
		}
		if kind == commands.ProbeReload {
			r.reload(ctx)
			return nil
		}
		if kind == commands.ProbePicture {
			return commands.Paint(args)
		}
		return checks.Probe(ctx, kind, args)
	}
	site, err := web.New(cfg.Web, cfg.webFacts(), st, log)
	if err != nil {
		return err
	}
	if err := cfg.letHooks(site, b); err != nil {
		return err
	}
	go r.onHangup(ctx)
	log.Info("begins", "version", version, "networks", strings.Join(cfg.networks(), " "))
	err = attend(ctx, b, site)
	log.Info("ends")
	return err
}

// openStore opens the store that the configuration names.
func (c *Config) openStore(ctx context.Context) (*store.Store, error) {
	engine, err := store.OpenBolt(c.storePath(), store.BoltOptions{MaxSize: c.StoreMaxMiB << 20})
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, engine)
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return st, nil
}

// attend runs the bot and the info site until ctx ends or one of them fails, and
// tells systemd that the loop turns.
func attend(ctx context.Context, b *bot.Bot, site *web.Site) error {
	var turned atomic.Int64 // when the loop last turned, in Unix seconds
	b.OnTurn = func(events int, took time.Duration) {
		turned.Store(time.Now().Unix())
		site.Turn(events, took)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	exported := make(chan struct{})
	go func() {
		defer close(exported)
		site.Export(ctx, func(err error) {
			e := bot.Pushed{}
			if err != nil {
				e.Err = err.Error()
			}
			_ = b.Deliver(ctx, e)
		})
	}()
	served := make(chan error, 1)
	go func() {
		err := site.Run(ctx)
		cancel(err)
		served <- err
	}()
	go notify(ctx, func() bool { return time.Since(time.Unix(turned.Load(), 0)) < 3*time.Minute })
	err := b.Run(ctx)
	cancel(nil)
	<-exported
	if cause := <-served; err == nil {
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// transports opens nothing yet: it checks what each network needs and makes it ready.
func (c *Config) transports(log *slog.Logger) ([]chat.Transport, error) {
	var out []chat.Transport
	var errs []error
	for _, n := range c.IRC {
		t, err := irc.New(n, log)
		if err != nil {
			errs = append(errs, err) // it names the network
			continue
		}
		out = append(out, t)
	}
	for _, n := range c.Matrix {
		n, err := c.matrixConfig(n)
		if err != nil {
			return nil, err
		}
		t, err := matrix.New(n, log)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, t)
	}
	return out, errors.Join(errs...)
}

// webFacts is what the info site says of the host.
func (c *Config) webFacts() web.Facts {
	f := web.Facts{Name: c.Host["name"], Language: c.Language, Zone: c.Location()}
	for _, s := range c.Services {
		f.Services = append(f.Services, web.Service{ID: s.ID, Title: s.Title, Sites: s.Sites})
	}
	return f
}

// reloader reads the configuration again and hands it to the bot's loop.
type reloader struct {
	path string
	bot  *bot.Bot
}

func (r *reloader) reload(ctx context.Context) {
	e := bot.Reloaded{}
	cfg, findings := LoadConfig(r.path)
	if cfg == nil {
		var lines []error
		for _, f := range findings {
			lines = append(lines, errors.New(f.String()))
		}
		e.Err = errors.Join(lines...)
	} else if o, errs := cfg.options(); len(errs) > 0 {
		e.Err = errors.Join(errs...)
	} else {
		e.Config = o
	}
	_ = r.bot.Deliver(ctx, e)
}

// onHangup reloads at each SIGHUP.
func (r *reloader) onHangup(ctx context.Context) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	defer signal.Stop(c)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
			r.reload(ctx)
		}
	}
}
