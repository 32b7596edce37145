package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/bot/console"
	"vigie/commands"
	"vigie/runbooks/probe"
)

func consoleCommand() *cobra.Command {
	var path, at, lang string
	cmd := &cobra.Command{Use: "console", Short: "talk to the bot in a terminal, as several people, with a clock of your own", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := consoleConfig(cmd, path)
			if err != nil {
				return err
			}
			start := time.Now().In(cfg.Location())
			if at != "" {
				if start, err = time.ParseInLocation("2006-01-02 15:04", at, cfg.Location()); err != nil {
					return fmt.Errorf("--at %q: write it as 2026-12-24 18:00", at)
				}
			}
			player, err := cfg.player(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = player.Close() }()
			in, isFile := cmd.InOrStdin().(*os.File)
			terminal := isFile && term.IsTerminal(int(in.Fd()))
			return console.Run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), player,
				console.Options{Lang: lang, Start: start, Prompt: terminal, Bold: terminal})
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "", "configuration file; without one, that of the example")
	cmd.Flags().StringVar(&at, "at", "", "what time it is at first, such as \"2026-12-24 18:00\"")
	cmd.Flags().StringVar(&lang, "lang", "fr", "the console's own language: fr or en")
	return cmd
}

// consoleConfig is the given configuration, or the example's: the console needs none.
func consoleConfig(cmd *cobra.Command, path string) (*Config, error) {
	if path != "" {
		return loadOrPrint(cmd, path)
	}
	text, err := exampleAnswers().render()
	if err != nil {
		return nil, err
	}
	cfg := defaults()
	if _, findings := strict("example", []byte(text), &cfg); len(findings) > 0 {
		return nil, fmt.Errorf("the built-in example: %s", findings[0])
	}
	return &cfg, nil
}

// player makes a bot on a store in memory. Checks are really made; without a
// configuration of their own they ask the system's resolvers.
func (c *Config) player(cmd *cobra.Command) (*bottest.Player, error) {
	options, errs := c.options()
	if len(errs) > 0 {
		return nil, errs[0]
	}
	if _, errs := commands.New(options); len(errs) > 0 {
		return nil, errs[0]
	}
	checks, err := probe.New(c.Checks)
	if err != nil {
		return nil, err
	}
	return bottest.NewPlayer(bottest.Options{
		Networks: c.networks(),
		New: func(time.Time) bot.Handler {
			t, errs := commands.New(options)
			if len(errs) > 0 {
				panic(errs[0]) // it was made a moment ago
			}
			return t
		},
		Probe: func(kind string, args []byte, _ map[string]string) []byte {
			switch kind {
			case commands.ProbeCompact, commands.ProbeBackup, commands.ProbeCopies:
				return []byte("{}") // nothing is kept here
			}
			if !json.Valid(args) || kind == commands.ProbeReload || kind == commands.ProbePicture {
				return nil
			}
			return checks.Probe(cmd.Context(), kind, args)
		},
	}), nil
}
