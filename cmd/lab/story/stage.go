package story

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

// BinEnv names the environment variable that says where the bot's program is.
const BinEnv = "VIGIE_BIN"

// ErrNoBot is what Open returns, wrapped with what to do, when the bot has not been built.
var ErrNoBot = errors.New("the bot is not built")

// StageOptions say what stage is wanted; the zero value is a whole one at the demonstration's pace.
type StageOptions struct {
	Servers servers.Options
	// Vigie is the bot's program; empty means as DefaultBin finds.
	Vigie string
	// Pace is DemoPace when it is zero.
	Pace Pace
	// Through, if set, says where the bot is to reach a server ("irc" or "matrix") that listens on addr: a proxy, for instance.
	Through func(name, addr string) (string, error)
}

// A Stage is everything that the story needs: real servers, the world that the checks see, and the real bot, which can be
// killed and started again.
type Stage struct {
	Lab   *servers.Lab
	World *world.World
	// Bot is the program itself, "vigie run"; Program is where it is.
	Bot     *servers.Server
	Program string
	// Config is its configuration file; Dir its folder, with its store and its keys; Info the address of its info page.
	Config, Dir, Info string
	Sites             []HostedSite
	Pace              Pace

	settings settings
	keeps    bool // the folder stays after Close, and with it what autopsy found
}

// DefaultBin is the program named by VIGIE_BIN, else bin/vigie beside the lab's servers.
func DefaultBin() string {
	if bin := os.Getenv(BinEnv); bin != "" {
		return bin
	}
	return filepath.Join(filepath.Dir(servers.DefaultBinDir()), "vigie")
}

// Open starts the servers and the world, and makes the bot's configuration; the bot itself is started by the caller, once
// there are people to see it arrive. Everything ends at Close, or with ctx.
func Open(ctx context.Context, opts StageOptions) (_ *Stage, err error) {
	if opts.Vigie == "" {
		opts.Vigie = DefaultBin()
	}
	if opts.Vigie, err = filepath.Abs(opts.Vigie); err != nil {
		return nil, fmt.Errorf("the bot's program: %w", err)
	}
	if _, err := os.Stat(opts.Vigie); err != nil {
		return nil, fmt.Errorf("%w: %s is missing; build it with `make build`", ErrNoBot, opts.Vigie)
	}
	if opts.Pace == (Pace{}) {
		opts.Pace = DemoPace()
	}
	s := &Stage{Program: opts.Vigie, Pace: opts.Pace, keeps: opts.Servers.Keep, Sites: []HostedSite{{"cinema-du-parc.test", "Cinéma du Parc"}, {"theatre-des-halles.test", "Théâtre des Halles"},
		{"jardins-partages.test", "Jardins partagés"}, {"friends-of-the-river.test", "Friends of the River"}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Lab, err = servers.Start(ctx, opts.Servers); err != nil {
		return nil, err
	}
	if err = s.furnish(ctx, opts); err != nil {
		return nil, err
	}
	return s, nil
}

// furnish makes the world and the bot's folder.
func (s *Stage) furnish(ctx context.Context, opts StageOptions) (err error) {
	if s.World, err = world.Start(ctx, s.Lab.CA); err != nil {
		return err
	}
	for _, site := range s.Sites {
		if _, _, err := s.World.Host(site.Domain); err != nil {
			return err
		}
	}
	s.Dir = filepath.Join(s.Lab.Dir, "bot")
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		return fmt.Errorf("the bot's folder: %w", err)
	}
	ports, err := servers.FreePorts(1)
	if err != nil {
		return err
	}
	web := fmt.Sprintf("127.0.0.1:%d", ports[0])
	if s.settings, err = settingsOf(s.Lab, s.World, s.Dir, web, s.Sites, s.Pace); err != nil {
		return err
	}
	if err := s.settings.reroute(opts.Through); err != nil {
		return err
	}
	if s.settings.Host, err = hostValues(opts.Vigie, s.Dir); err != nil {
		return err
	}
	s.Info, s.Config = s.settings.Info, filepath.Join(s.Dir, "config.yaml")
	s.Bot = servers.NewServer("vigie", filepath.Join(s.Lab.Dir, "logs", "vigie.log"), s.Dir,
		func(ctx context.Context) error { return healthy(ctx, s.Info) }, opts.Vigie, "run", "--log", "debug", "-c", s.Config)
	return s.settings.write(s.Config)
}

// Close ends everything and removes it, unless the lab was to be kept.
func (s *Stage) Close() error {
	var errs []error
	if s.Bot != nil {
		errs = append(errs, s.Bot.Stop())
	}
	if s.World != nil {
		errs = append(errs, s.World.Close())
	}
	if s.Lab != nil {
		errs = append(errs, s.Lab.Close())
	}
	return errors.Join(errs...)
}

// Trouble sets how every hosted site behaves.
func (s *Stage) Trouble(m world.Mode) error {
	var errs []error
	for _, site := range s.Sites {
		errs = append(errs, s.World.Site(site.Domain).Set(m))
	}
	return errors.Join(errs...)
}

// CallAt has the configuration ask for a donation at the next full minute that is at least a few seconds away, and returns
// that minute. The bot knows of it once it has read its configuration again.
func (s *Stage) CallAt() (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of the story: %w", err)
	}
	at := time.Now().In(loc).Add(6 * time.Second).Truncate(time.Minute).Add(time.Minute)
	s.settings.Call = at.Format("2006-01-02 15:04")
	return at, s.settings.write(s.Config)
}

// healthy asks the bot's info site whether the bot is well.
func healthy(ctx context.Context, base string) error {
	_, err := fetch(ctx, base+"healthz", "")
	return err
}

// fetch reads a page as somebody of a language would.
func fetch(ctx context.Context, url, language string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	if language != "" {
		req.Header.Set("Accept-Language", language)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if _, err := copyBounded(&b, resp.Body); err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("read %s: %s: %s", url, resp.Status, b.String())
	}
	return b.String(), nil
}
