package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"vigie/bot/web"
	"vigie/store"
)

func siteCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "site", Short: "the info site as files"}
	cmd.AddCommand(siteBuild())
	return cmd
}

// siteBuild writes the site out of a store that no bot has open, or a copy of one: for
// the day on which the machine that ran the bot is gone.
func siteBuild() *cobra.Command {
	var path, file string
	cmd := &cobra.Command{Use: "build [folder]", Short: "write the info site as static files, out of a store that no bot has open",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadOrPrint(cmd, path)
			if err != nil {
				return err
			}
			dir := cfg.Web.Static
			if len(args) > 0 {
				dir = args[0]
			}
			if dir == "" {
				return fmt.Errorf("say where: vigie site build FOLDER, or web.static in %s", path)
			}
			if file == "" {
				file = filepath.Join(cfg.Data, "vigie.db")
			}
			engine, err := store.ReadBolt(file)
			if err != nil {
				return err
			}
			st, err := store.Open(cmd.Context(), engine)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			defer func() { _ = st.Close() }()
			if len(args) > 0 {
				cfg.Web.Static, cfg.Web.Push = "", nil // nobody will write this one again: it must not say so
			}
			site, err := web.New(cfg.Web, cfg.webFacts(), st, slog.New(slog.NewTextHandler(io.Discard, nil)))
			if err != nil {
				return err
			}
			n, err := site.Build(dir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d files written\n", dir, n)
			return err
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&file, "store", "", "the store's file, or a copy of it (default: that of the configuration)")
	return cmd
}
