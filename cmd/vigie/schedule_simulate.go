package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vigie/commands"
	"vigie/commands/words"
)

func scheduleSimulate() *cobra.Command {
	var path, from, to string
	var outages, stops []string
	var silent, asJSON bool
	cmd := &cobra.Command{Use: "simulate", Short: "live through a time and print every decision about announcements, with its reason", Args: cobra.NoArgs,
		Long: `Live through a time in memory, with the decisions of earnest: nothing is sent, and nothing on disk is read or written but the
configuration. In the simulated rooms somebody spoke ten minutes before each announcement, unless --silent is given.`,
		Example: `  vigie schedule simulate --from 2027-01-01 --to 2028-01-01
  vigie schedule simulate --from 2027-01-01 --to 2027-02-01 --outage "2027-01-07 17:00/2027-01-07 19:30/web" --stop "2027-01-12 19:50/2027-01-12 21:00"`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			s := commands.Simulation{Silent: silent}
			now := time.Now()
			if s.From, err = cfg.day("--from", from, now); err == nil {
				s.To, err = cfg.day("--to", to, s.From.AddDate(1, 0, 0))
			}
			if err != nil {
				return err
			}
			if !s.To.After(s.From) || s.To.Sub(s.From) > 20*366*24*time.Hour {
				return fmt.Errorf("--to must be behind --from, by twenty years at most")
			}
			if err := cfg.happenings(&s, outages, stops); err != nil {
				return err
			}
			list, err := commands.Simulate(cmd.Context(), commands.Options{Config: cfg.Config, Version: version}, s)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			return cfg.printRulings(cmd, list)
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&from, "from", "", "first day, such as 2027-01-01; now when empty")
	cmd.Flags().StringVar(&to, "to", "", "day before which it ends; a year later when empty")
	cmd.Flags().StringArrayVar(&outages, "outage", nil, "an outage, as \"2027-01-07 17:00/2027-01-07 19:30\", and /SERVICE behind it if it has one; may be repeated")
	cmd.Flags().StringArrayVar(&stops, "stop", nil, "a time when the bot is not running, as \"2027-01-12 19:50/2027-01-12 21:00\"; may be repeated")
	cmd.Flags().BoolVar(&silent, "silent", false, "let nobody speak in the rooms")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// happenings reads outages and stops.
func (c *Config) happenings(s *commands.Simulation, outages, stops []string) error {
	for _, text := range outages {
		from, to, service, err := c.span(text)
		if err != nil {
			return fmt.Errorf("--outage %q: %w", text, err)
		}
		s.Troubles = append(s.Troubles, commands.Trouble{From: from, To: to, Service: service})
	}
	for _, text := range stops {
		from, to, rest, err := c.span(text)
		if err != nil || rest != "" {
			return fmt.Errorf("--stop %q: write it as \"2027-01-12 19:50/2027-01-12 21:00\"", text)
		}
		s.Off = append(s.Off, commands.Span{From: from, To: to})
	}
	return nil
}

// span reads "2027-01-07 17:00/2027-01-07 19:30/web", in the host's zone.
func (c *Config) span(text string) (from, to time.Time, rest string, err error) {
	part := strings.SplitN(text, "/", 3)
	if len(part) < 2 {
		return from, to, "", fmt.Errorf("write two times with a slash between them: 2027-01-07 17:00/2027-01-07 19:30")
	}
	if from, err = time.ParseInLocation("2006-01-02 15:04", strings.TrimSpace(part[0]), c.Location()); err == nil {
		to, err = time.ParseInLocation("2006-01-02 15:04", strings.TrimSpace(part[1]), c.Location())
	}
	if err != nil || !to.After(from) {
		return from, to, "", fmt.Errorf("write two times, the earlier first: 2027-01-07 17:00/2027-01-07 19:30")
	}
	if len(part) == 3 {
		rest = strings.TrimSpace(part[2])
	}
	return from, to, rest, nil
}

// printRulings prints a line a decision.
func (c *Config) printRulings(cmd *cobra.Command, list []commands.Ruling) error {
	cat, err := words.Load()
	if err != nil {
		return fmt.Errorf("load the sentences: %w", err)
	}
	for i := 0; i < len(list); {
		r, rooms := list[i], []string{}
		for ; i < len(list) && sameButRoom(list[i], r); i++ {
			if list[i].Room != "" {
				rooms = append(rooms, list[i].Room)
			}
		}
		line := []string{r.At.In(c.Location()).Format("2006-01-02 15:04 MST"), r.Schedule, cat.Say(c.Language, "schedule.act_"+string(r.Act), words.Args{})}
		if len(rooms) > 0 {
			line = append(line, strings.Join(rooms, " "))
		}
		if r.Why != "" {
			line = append(line, "("+r.Why+")")
		}
		fmt.Fprintln(cmd.OutOrStdout(), strings.Join(line, "  "))
	}
	return nil
}

// sameButRoom tells whether two decisions are one, taken in two places.
func sameButRoom(a, b commands.Ruling) bool {
	return a.At.Equal(b.At) && a.Schedule == b.Schedule && a.Civil == b.Civil && a.Act == b.Act && a.Why == b.Why && (a.Room == "") == (b.Room == "")
}
