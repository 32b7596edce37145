package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"vigie/runbooks"
)

func checkCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{Use: "check", Short: "check configuration, runbooks and FAQ; every error at once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			if _, errs := cfg.options(); len(errs) > 0 {
				for _, e := range errs {
					fmt.Fprintln(cmd.ErrOrStderr(), e)
				}
				return errors.New("the content has errors")
			}
			lib, _ := runbooks.Load(cfg.Host, cfg.layers()...)
			fmt.Fprintf(cmd.OutOrStdout(), "%s: no error; %d networks, %d rooms, %d runbooks, %d schedules\n",
				path, len(cfg.networks()), len(cfg.Rooms), len(lib.All()), len(cfg.Schedules))
			if cfg.MembersFile != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: no error; %s\n", cfg.MembersFile, cfg.membersSummary())
			}
			return nil
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	return cmd
}
