package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vigie/store"
)

// stats reads the store only: it may be a backup's copy.
func (t runbookTools) stats() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "stats [id]...",
		Short: "Tell where members give up and how many are helped, out of a store that no bot has open",
		RunE: func(cmd *cobra.Command, args []string) error {
			engine, err := store.ReadBolt(path)
			if err != nil {
				return err
			}
			st, err := store.Open(cmd.Context(), engine)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			defer func() { _ = st.Close() }()
			var list []store.RunStats
			if err := st.View(func(tx *store.Tx) error { list = tx.RunStats(); return nil }); err != nil {
				return err
			}
			if len(args) > 0 {
				list = slices.DeleteFunc(list, func(s store.RunStats) bool { return !slices.Contains(args, s.Runbook) })
			}
			if len(list) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "no dialogue has ended yet")
				return err
			}
			for _, s := range list {
				if err := printStats(cmd.OutOrStdout(), s); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&path, "store", "data/vigie.db", "the store's file, or a copy of it")
	return c
}

func printStats(w io.Writer, s store.RunStats) error {
	var outcomes []string
	for _, o := range slices.SortedFunc(maps.Keys(s.Outcomes), func(a, b string) int {
		return cmp.Or(s.Outcomes[b]-s.Outcomes[a], strings.Compare(a, b))
	}) {
		outcomes = append(outcomes, fmt.Sprintf("%s %d", o, s.Outcomes[o]))
	}
	fmt.Fprintf(w, "%s@%.8s: %d dialogues, median of %d turns; %s; solved and confirmed %d %%\n",
		s.Runbook, s.Hash, s.Sessions, s.MedianTurns(), strings.Join(outcomes, ", "), 100*s.Confirmed/max(s.Sessions, 1))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  step\treached\tanswered\tinvalid\tback\tunknown\tskipped\tdropped")
	for _, id := range slices.SortedFunc(maps.Keys(s.Steps), func(a, b string) int {
		return cmp.Or(s.Steps[b].Reached-s.Steps[a].Reached, strings.Compare(a, b))
	}) {
		n := s.Steps[id]
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", id, n.Reached, n.Answered, n.Invalid, n.Back, n.Unknown, n.Skipped, n.Dropped)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the counts: %w", err)
	}
	return nil
}
