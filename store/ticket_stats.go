package store

import (
	"slices"
	"time"
)

// TicketStats sums up the tickets of a period.
type TicketStats struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Opened counts them, without spam and those that went on in another; Answered
	// those that an adminsys has answered; Open those with something left to do.
	Opened   int `json:"opened"`
	Answered int `json:"answered"`
	Open     int `json:"open"`
	// Median and P90 are how long the first answer took in half, and in nine of ten,
	// of the answered ones at most; zero when there are none.
	Median time.Duration `json:"median"`
	P90    time.Duration `json:"p90"`
	// Reopened counts tickets that were opened again at least once.
	Reopened int `json:"reopened"`
	// Alone counts tickets that ended without an adminsys's word.
	Alone int `json:"without_staff"`
	// Good and Bad are the members' words at the end.
	Good int `json:"good"`
	Bad  int `json:"bad"`

	ByKind    map[TicketKind]int `json:"by_kind"`
	ByService map[string]int     `json:"by_service"`
	// ByPerson is how many tickets each adminsys had a hand in, by person id: for staff
	// alone.
	ByPerson map[string]int `json:"by_person,omitempty"`
}

// Ratings of a ticket by who asked for it.
const (
	RatedGood = "good"
	RatedBad  = "bad"
)

// Summarise sums facts up. from and until are only noted.
func Summarise(facts []TicketFact, from, until time.Time) TicketStats {
	s := TicketStats{From: from, Until: until, ByKind: map[TicketKind]int{}, ByService: map[string]int{}, ByPerson: map[string]int{}}
	var took []time.Duration
	for _, f := range facts {
		if f.Void {
			continue
		}
		s.Opened++
		s.ByKind[f.Kind]++
		s.ByService[f.Service]++
		for _, p := range f.Hands {
			s.ByPerson[p]++
		}
		if f.First > 0 {
			s.Answered++
			took = append(took, f.First)
		}
		s.Reopened += bit(f.Reopened > 0)
		s.Open += bit(!f.Over)
		s.Alone += bit(f.Over && f.First == 0)
		s.Good += bit(f.Rating == RatedGood)
		s.Bad += bit(f.Rating == RatedBad)
	}
	slices.Sort(took)
	s.Median, s.P90 = Quantile(took, 0.5), Quantile(took, 0.9)
	return s
}

func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Quantile is the length of time that a part q of sorted ones do not exceed, by
// nearest rank; zero of none.
func Quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[max(0, min(rank, len(sorted)-1))]
}
