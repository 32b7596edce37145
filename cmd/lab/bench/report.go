package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// quantile is the nearest-rank quantile, and leaves its argument as it is.
func quantile(of []time.Duration, q float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// report prints both, and how many times longer the bot took.
func report(w io.Writer, raw, whole []time.Duration) {
	row := func(name string, of []time.Duration) (p50, p99 time.Duration) {
		p50, p99 = quantile(of, 0.5), quantile(of, 0.99)
		fmt.Fprintf(w, "%-30s %5d %10.2f %10.2f\n", name, len(of), ms(p50), ms(p99))
		return p50, p99
	}
	fmt.Fprintf(w, "%-30s %5s %10s %10s\n", "first line of the reply, ms", "n", "p50", "p99")
	raw50, raw99 := row("raw sockets that echo", raw)
	bot50, bot99 := row("vigie, "+question+" in private", whole)
	fmt.Fprintf(w, "%-30s %5s %10.1f %10.1f\n", "ratio", "", ratio(bot50, raw50), ratio(bot99, raw99))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }
