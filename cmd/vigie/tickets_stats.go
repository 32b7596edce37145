package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vigie/commands"
	"vigie/store"
)

// ticketsStats reads the store only: it may be a backup's copy.
func ticketsStats() *cobra.Command {
	var f storeFlags
	var asJSON, people bool
	var at string
	cmd := &cobra.Command{Use: "stats [period]", Short: "sum up the tickets of a period: 90d, week, month, quarter, year, 2026-11, 2026; thirty days otherwise",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			if at != "" {
				var err error
				if now, err = time.ParseInLocation("2006-01-02 15:04", at, time.Local); err != nil {
					return fmt.Errorf("--at %q: write it as 2026-11-23 10:00", at)
				}
			}
			from, until, ok := commands.Period(strings.Join(args, ""), now)
			if !ok {
				return fmt.Errorf("%q is no period: write 90d, week, month, quarter, year, 2026-11 or 2026", args[0])
			}
			st, err := f.read(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = st.Close() }()
			var sum ticketFigures
			if err := st.View(func(tx *store.Tx) error {
				tx.EnsureFacts(time.Local) // of an older store; nothing is written
				sum = figuresOf(tx, store.Summarise(tx.TicketFacts(from, until), from, until), people)
				return nil
			}); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(sum)
			}
			return sum.print(cmd.OutOrStdout())
		}}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON; lengths of time are in seconds")
	cmd.Flags().BoolVar(&people, "people", false, "also say who answered how many, by name: for the team alone")
	cmd.Flags().StringVar(&at, "at", "", "what time it is, as in \"2026-12-24 18:00\", instead of now")
	return cmd
}

// ticketFigures is a summary as it is printed.
type ticketFigures struct {
	From         time.Time      `json:"from"`
	Until        time.Time      `json:"until"`
	Opened       int            `json:"opened"`
	Answered     int            `json:"answered"`
	Open         int            `json:"open"`
	MedianFirst  int            `json:"median_first_response"`
	P90First     int            `json:"p90_first_response"`
	Reopened     int            `json:"reopened"`
	WithoutStaff int            `json:"without_staff"`
	Good         int            `json:"good"`
	Bad          int            `json:"bad"`
	ByKind       map[string]int `json:"by_kind"`
	ByService    map[string]int `json:"by_service"`
	ByPerson     map[string]int `json:"by_person,omitempty"`
}

func figuresOf(tx *store.Tx, s store.TicketStats, people bool) ticketFigures {
	out := ticketFigures{From: s.From, Until: s.Until, Opened: s.Opened, Answered: s.Answered, Open: s.Open, MedianFirst: int(s.Median.Seconds()),
		P90First: int(s.P90.Seconds()), Reopened: s.Reopened, WithoutStaff: s.Alone, Good: s.Good, Bad: s.Bad, ByKind: map[string]int{}, ByService: map[string]int{}}
	for k, n := range s.ByKind {
		out.ByKind[string(k)] += n
	}
	for id, n := range s.ByService {
		out.ByService[cmp.Or(id, "other")] += n
	}
	if !people {
		return out
	}
	out.ByPerson = map[string]int{}
	for id, n := range s.ByPerson {
		p, _ := tx.Person(id)
		out.ByPerson[cmp.Or(p.Name, "gone")] += n
	}
	return out
}

// print writes one figure a line, the same ones as the JSON.
func (s ticketFigures) print(w io.Writer) error {
	length := func(seconds int) string { return (time.Duration(seconds) * time.Second).String() }
	rows := []string{fmt.Sprintf("%s to %s: %d opened, %d answered, %d still open", s.From.Format(time.DateOnly), s.Until.Format(time.DateOnly), s.Opened, s.Answered, s.Open)}
	if s.Answered > 0 {
		rows = append(rows, fmt.Sprintf("first response: median %s, p90 %s", length(s.MedianFirst), length(s.P90First)))
	}
	rows = append(rows, fmt.Sprintf("reopened: %d; over without staff: %d; members said good %d, bad %d", s.Reopened, s.WithoutStaff, s.Good, s.Bad))
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"by kind", s.ByKind}, {"by service", s.ByService}, {"by person", s.ByPerson}} {
		if len(part.counts) > 0 {
			rows = append(rows, part.name+": "+counted(part.counts))
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(rows, "\n"))
	return err
}

// counted lists figures, the greatest first.
func counted(counts map[string]int) string {
	var out []string
	for _, name := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) }) {
		out = append(out, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(out, ", ")
}
