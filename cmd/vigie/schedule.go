package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"vigie/commands"
)

func scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schedule", Short: "what will be announced, where and when"}
	cmd.AddCommand(scheduleNext())
	return cmd
}

func scheduleNext() *cobra.Command {
	var path, until string
	var asJSON bool
	cmd := &cobra.Command{Use: "next", Short: "list what will be said until a date", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			now := time.Now()
			end := now.AddDate(0, 1, 0)
			if until != "" {
				if end, err = time.ParseInLocation(time.DateOnly, until, cfg.Location()); err != nil {
					return fmt.Errorf("--until %q: write it as 2027-12-31", until)
				}
			}
			list := commands.Upcoming(&cfg.Config, now, end)
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			for _, o := range list {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s (%s)  %s  → %v\n", o.Said.In(cfg.Location()).Format("2006-01-02 15:04 MST"), o.Schedule, o.Kind, o.Civil, o.Rooms)
			}
			return nil
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&until, "until", "", "last day, such as 2027-12-31; a month ahead when empty")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
