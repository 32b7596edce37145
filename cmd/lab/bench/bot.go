package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"vigie/cmd/lab/servers"
)

// config is a bot on IRC alone. The one member asks more than members do.
const config = `data: %q
irc:
  - name: irc
    servers: [{address: %q, tls_ca: %q, tls_server_name: %q}]
    nick: vigie
    sasl: {account: vigie, password_file: %q}
    channels: [{name: "#adminsys"}]
rooms:
  adminsys: {audience: staff, allow_plaintext: true, places: ["irc/#adminsys"]}
limits: {messages: 1000}
web: {off: true}
%s`

// hostPart is what "vigie init" writes of an invented host: the texts need it.
var hostPart = regexp.MustCompile(`(?m)^host:\n(?:[ #].*\n)+`)

// startBot runs the built bot on the lab's IRC server.
func startBot(ctx context.Context, lab *servers.Lab, bin string) (*servers.Server, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(lab.Dir, "bot")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	example, file := filepath.Join(dir, "example.yaml"), filepath.Join(dir, "config.yaml")
	if out, err := exec.CommandContext(ctx, bin, "init", "--defaults", "-c", example).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s init: %w: %s", bin, err, out)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		return nil, err
	}
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(lab.IRC.Accounts[servers.Bot].Password), 0o600); err != nil {
		return nil, err
	}
	filled := fmt.Sprintf(config, filepath.Join(dir, "data"), lab.IRC.TLSAddr, lab.CA.File, servers.ErgoName, password, hostPart.Find(text))
	if err := os.WriteFile(file, []byte(filled), 0o600); err != nil {
		return nil, err
	}
	running := func(context.Context) error { return nil } // greet waits until it answers
	bot := servers.NewServer("vigie", filepath.Join(lab.Dir, "logs", "vigie.log"), dir, running, bin, "run", "-c", file)
	return bot, bot.Start(ctx)
}
