package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"vigie/store"
	"vigie/store/export"
)

func ticketsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "tickets", Short: "take tickets out of the store, bring them in, count them"}
	cmd.AddCommand(ticketsExport(), ticketsImport(), ticketsStats())
	return cmd
}

func ticketsExport() *cobra.Command {
	var f storeFlags
	var format, out string
	cmd := &cobra.Command{Use: "export", Short: "write tickets as csv or jsonl (one file), or as mbox or md (a file each)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, folder, err := exporter(format)
			if err != nil {
				return err
			}
			st, err := f.read(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = st.Close() }()
			return st.View(func(tx *store.Tx) error {
				hash, err := export.Hash(tx)
				if err != nil {
					return err
				}
				n := len(tx.Tickets(0))
				if folder != nil && out != "" {
					_, err = export.Folder(out, format, tx, folder)
				} else {
					err = writeOut(cmd.OutOrStdout(), out, func(w io.Writer) error { return write(w, tx) })
				}
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "%d tickets, state %s\n", n, hash)
				return nil
			})
		}}
	f.add(cmd)
	cmd.Flags().StringVar(&format, "format", "jsonl", "csv, jsonl, mbox or md; only jsonl can be imported again")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write, or folder for mbox and md; otherwise all goes to standard output")
	return cmd
}

// exporter is what writes a format: as one text, and, where each ticket has a file of its own,
// one ticket.
func exporter(format string) (all func(io.Writer, *store.Tx) error, one func(io.Writer, *store.Tx, store.Ticket) error, err error) {
	switch format {
	case "csv":
		return export.CSV, nil, nil
	case "jsonl":
		return func(w io.Writer, tx *store.Tx) error { _, err := export.JSONL(w, tx); return err }, nil, nil
	case "mbox":
		one = export.Mbox
	case "md":
		one = export.Markdown
	default:
		return nil, nil, fmt.Errorf("--format %q: write csv, jsonl, mbox or md", format)
	}
	return func(w io.Writer, tx *store.Tx) error {
		var errs []error
		for _, t := range tx.Tickets(0) {
			errs = append(errs, one(w, tx, t))
		}
		return errors.Join(errs...)
	}, one, nil
}

// writeOut writes to standard output, or to a new file that is private to who runs this.
func writeOut(stdout io.Writer, path string, write func(io.Writer) error) error {
	if path == "" {
		return write(stdout)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: nothing is written over", path)
	}
	if err != nil {
		return err
	}
	if err = errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func ticketsImport() *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{Use: "import file.jsonl", Short: "replay exported tickets into a store that has none; the state must come to the same hash", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = in.Close() }()
			path, err := f.path(cmd)
			if err != nil {
				return err
			}
			engine, err := store.OpenBolt(path, store.BoltOptions{})
			if err != nil {
				return err
			}
			st, err := store.Open(cmd.Context(), engine)
			if err != nil {
				return errors.Join(err, engine.Close())
			}
			defer func() { _ = st.Close() }()
			hash, err := export.Import(context.WithoutCancel(cmd.Context()), st, in, time.Now())
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			n := 0
			if err := st.View(func(tx *store.Tx) error { n = len(tx.Tickets(0)); return nil }); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d tickets, state %s, as exported\n", path, n, hash)
			return nil
		}}
	f.add(cmd)
	return cmd
}
