package story

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
	_ "time/tzdata" // the calendar's zone, on a machine that knows none

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

//go:embed config.yaml.tmpl
var configTemplate string

// A Pace is the durations that are hours or days in life, and the caps that a hurried test would meet.
type Pace struct {
	NextNews      time.Duration // until the next public word on an incident, and the reminder of it
	AfterIncident time.Duration // how long after an incident no donation is asked for
	Retry         time.Duration // between two looks at a call that is held
	ConfirmAfter  time.Duration // before a failed check is made again
	Messages      int           // lines a minute that one person may address to the bot
	MaxOpen       int           // tickets that one person may have open
	Rate          float64       // lines a second that the bot writes to IRC; the server itself allows two
}

// DemoPace is the pace at which people can read along.
func DemoPace() Pace {
	return Pace{NextNews: 25 * time.Second, AfterIncident: 15 * time.Second, Retry: 5 * time.Second,
		ConfirmAfter: time.Second, Messages: 60, MaxOpen: 10, Rate: 1}
}

// A HostedSite is one association's site.
type HostedSite struct{ Domain, Association string }

// zone is where the demonstration takes place: the bot is told so, and hours are read there.
const zone = "Europe/Paris"

// settings is what the template is filled with.
type settings struct {
	Data, IRC, IRCName, CA, Bot, Alt, IRCPassword          string
	Homeserver, BotID, MatrixPassword, Device, RecoveryKey string
	Server, Support, Adminsys, Annonces                    string
	Host, Canary, Resolver, Info, InfoRoot, Web            string
	Call                                                   string // "2026-12-24 18:00", or nothing
	RDAP, ConnectTo                                        map[string]string
	Sites                                                  []HostedSite
	Pace                                                   Pace
}

// settingsOf gathers what the bot has to know of a lab and its world. The bot's folder is dir.
func settingsOf(l *servers.Lab, w *world.World, dir, web string, sites []HostedSite, pace Pace) (settings, error) {
	c := w.Config()
	s := settings{
		Data: filepath.Join(dir, "data"), IRC: l.IRC.TLSAddr, IRCName: servers.ErgoName, CA: l.CA.File, Bot: servers.Bot,
		Alt: servers.Bot + "_", IRCPassword: filepath.Join(dir, "irc.password"),
		Homeserver: l.Matrix.URL, BotID: l.Matrix.Users[servers.Bot].ID, MatrixPassword: filepath.Join(dir, "matrix.password"),
		Device: filepath.Join(dir, "device"), RecoveryKey: filepath.Join(dir, "recovery.key"), Server: servers.MatrixName,
		Support: l.Matrix.Rooms["support"].Alias, Adminsys: l.Matrix.Rooms["adminsys"].Alias, Annonces: l.Matrix.Rooms["annonces"].Alias,
		Canary: c.Canary, Resolver: c.Resolver, RDAP: c.RDAP, ConnectTo: maps.Clone(c.ConnectTo), Sites: sites, Pace: pace,
		Web: web, InfoRoot: "http://" + web, Info: "http://" + web + "/",
	}
	for file, secret := range map[string]string{s.IRCPassword: l.IRC.Accounts[servers.Bot].Password, s.MatrixPassword: l.Matrix.Users[servers.Bot].Password} {
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			return s, fmt.Errorf("the bot's password: %w", err)
		}
	}
	return s, nil
}

// reroute has the bot reach the servers somewhere else than where they listen.
func (s *settings) reroute(through func(name, addr string) (string, error)) error {
	if through == nil {
		return nil
	}
	irc, err := through("irc", s.IRC)
	if err != nil {
		return err
	}
	matrix, err := through("matrix", strings.TrimPrefix(s.Homeserver, "http://"))
	if err != nil {
		return err
	}
	s.IRC, s.Homeserver = irc, "http://"+matrix
	return nil
}

// write makes the configuration file, whole or not at all: the bot may be reading it.
func (s settings) write(file string) error {
	t, err := template.New("configuration").Funcs(template.FuncMap{"q": strconv.Quote}).Parse(configTemplate)
	if err != nil {
		return fmt.Errorf("the bot's configuration: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, s); err != nil {
		return fmt.Errorf("the bot's configuration: %w", err)
	}
	if err := os.WriteFile(file+".new", []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("the bot's configuration: %w", err)
	}
	return os.Rename(file+".new", file)
}

// hostPart is the part of a configuration that the texts take the host's own values from.
var hostPart = regexp.MustCompile(`(?ms)^host:.*?^(?:[a-z#]|\z)`)

// hostValues asks the program itself for the values of an invented host ("vigie init"), so that the demonstration need not
// know which there are.
func hostValues(bin, dir string) (string, error) {
	file := filepath.Join(dir, "init.yaml")
	if out, err := exec.Command(bin, "init", "--defaults", "-c", file).CombinedOutput(); err != nil {
		return "", fmt.Errorf("vigie init: %w: %s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("vigie init: %w", err)
	}
	part := hostPart.FindString(string(text))
	if part == "" {
		return "", fmt.Errorf("vigie init wrote no host: in %s", file)
	}
	return part[:len(part)-1], os.Remove(file)
}
