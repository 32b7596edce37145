package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vigie/commands"
	"vigie/commands/words"
	"vigie/store/ics"
)

func scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schedule", Short: "what will be announced, where and when"}
	cmd.AddCommand(scheduleNext(), scheduleSimulate())
	return cmd
}

func scheduleNext() *cobra.Command {
	var path, until string
	var asJSON, asICS bool
	cmd := &cobra.Command{Use: "next", Short: "list what will be said until a date", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			now := time.Now()
			end, err := cfg.day("--until", until, now.AddDate(0, 1, 0))
			if err != nil {
				return err
			}
			if asICS {
				return cfg.writeICS(cmd.OutOrStdout(), now, end)
			}
			cat, err := words.Load()
			if err != nil {
				return fmt.Errorf("load the sentences: %w", err)
			}
			list := commands.Upcoming(&cfg.Config, cat, now, end)
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			for _, o := range list {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s (%s)  %s  → %s\n", o.Said.In(cfg.Location()).Format("2006-01-02 15:04 MST"), o.Schedule, o.Kind, o.Civil, strings.Join(o.Rooms, " "))
				for line := range strings.Lines(o.Text) {
					fmt.Fprintf(cmd.OutOrStdout(), "    %s\n", strings.TrimSpace(line))
				}
			}
			cfg.writeRules(cmd.OutOrStdout(), cat, now)
			return nil
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&until, "until", "", "last day, such as 2027-12-31; a month ahead when empty")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asICS, "ics", false, "print the meetings and news themselves as iCalendar")
	cmd.MarkFlagsMutuallyExclusive("json", "ics")
	return cmd
}

// day reads a date of a flag as its last instant in the host's zone.
func (c *Config) day(flag, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, c.Location())
	if err != nil {
		return t, fmt.Errorf("%s %q: write it as 2027-12-31", flag, text)
	}
	return t, nil
}

// writeRules reads the rules back in words, for whoever wrote them.
func (c *Config) writeRules(out io.Writer, cat *words.Catalog, now time.Time) {
	fmt.Fprintln(out)
	for _, line := range commands.RulesInWords(&c.Config, cat, now) {
		fmt.Fprintln(out, line)
	}
}

// writeICS writes what can be attended or read, each once, not the reminders of it.
func (c *Config) writeICS(out io.Writer, from, until time.Time) error {
	cal := ics.Calendar{Product: "-//Vigie//schedule//" + strings.ToUpper(c.Language), Name: c.Host["name"]}
	for _, e := range commands.Happenings(&c.Config, from, until) {
		cal.Events = append(cal.Events, ics.Event{UID: e.Schedule + "-" + e.Civil + "@vigie", Stamp: from.UTC().Truncate(24 * time.Hour),
			Start: e.Start, Summary: e.Title[c.Language], Place: e.Place})
	}
	raw, err := ics.Encode(cal)
	if err != nil {
		return fmt.Errorf("write a calendar: %w", err)
	}
	_, err = out.Write(raw)
	return err
}
