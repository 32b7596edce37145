package commands

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// statsCommands tell what was done, in figures.
func statsCommands() []*Command {
	return []*Command{{Name: "stats", English: "stats", Role: Adminsys, Where: StaffOnly, Run: stats}}
}

// keepFacts counts the tickets that this turn has written.
func (t *Table) keepFacts(turn *bot.Turn) {
	for _, n := range turn.Tx.WrittenTickets() {
		turn.Tx.CountTicket(n, t.cfg.Location())
	}
}

// What the bot settles by itself is counted by month, under these names.
const (
	aloneGuided = "alone/guided/" // a diagnosis that the member said ended well
	aloneAnswer = "alone/answer/" // an entry of the FAQ that was given
)

// countAlone counts something that the bot settled by itself.
func (t *Table) countAlone(tx *store.Tx, what string) {
	tx.Count(what + store.Month(tx.Now, t.cfg.Location()))
}

// aloneIn adds up what the bot settled by itself in the months that a period touches.
func (t *Table) aloneIn(tx *store.Tx, what string, from, until time.Time) int {
	first, last := store.Month(from, t.cfg.Location()), store.Month(until.Add(-1), t.cfg.Location())
	sum := 0
	for month, n := range tx.Counts(what) {
		if month >= first && month <= last {
			sum += n
		}
	}
	return sum
}

func statsOf(tx *store.Tx, from, until time.Time) store.TicketStats {
	return store.Summarise(tx.TicketFacts(from, until), from, until)
}

// stats sums up a period: thirty days when none is named. Who did how much is said
// in a room of staff alone.
func stats(c *Call) error {
	p, ok := readPeriod(c.Args, c.Local(c.Now))
	if !ok {
		return c.Usage()
	}
	facts := c.Tx.TicketFacts(p.from, p.until)
	s := store.Summarise(facts, p.from, p.until)
	if !c.InStaffRoom() {
		s.ByPerson = nil
	}
	title := p.label
	if title == "" {
		title = c.W("stats.last", words.Args{"Count": p.days})
	}
	if s.Opened == 0 {
		c.SayID("stats.none", words.Args{"Title": title})
		return nil
	}
	text := strings.Join(c.statsLines(s, title, p), "\n")
	return c.sayPictured(text, "figures.png", c.statsDrawing(s, facts, title, p))
}

// statsLines is the whole of it in words.
func (c *Call) statsLines(s store.TicketStats, title string, p period) []string {
	guided, answers := c.Table.aloneIn(c.Tx, aloneGuided, p.from, p.until), c.Table.aloneIn(c.Tx, aloneAnswer, p.from, p.until)
	rows := []string{c.W("stats.head", words.Args{"Title": title, "Opened": s.Opened, "Open": s.Open, "Kinds": c.ranked(c.kindCounts(s))})}
	if s.Answered > 0 {
		rows = append(rows, c.W("stats.answers", words.Args{"Median": atMost(s.Median, c.Lang()), "P90": atMost(s.P90, c.Lang()), "Answered": s.Answered}))
	}
	rows = append(rows, c.W("stats.rest", words.Args{"Reopened": s.Reopened, "Alone": s.Alone, "Good": s.Good, "Bad": s.Bad}))
	if services := c.ranked(c.serviceCounts(s)); services != "" {
		rows = append(rows, c.W("stats.services", words.Args{"List": services}))
	}
	if people := c.ranked(c.peopleCounts(s)); people != "" {
		rows = append(rows, c.W("stats.people", words.Args{"List": people}))
	}
	if guided+answers > 0 {
		rows = append(rows, c.W("stats.alone", words.Args{"Guided": guided, "Answers": answers}))
	}
	return rows
}

func (c *Call) kindCounts(s store.TicketStats) map[string]int {
	out := map[string]int{}
	for k, n := range s.ByKind {
		out[c.W("ticket.kind_"+string(k), nil)] += n
	}
	return out
}

func (c *Call) serviceCounts(s store.TicketStats) map[string]int {
	out := map[string]int{}
	for id, n := range s.ByService {
		name := c.W("stats.other", nil)
		if id != "" {
			name = c.Table.serviceTitle(c.Lang(), id)
		}
		out[name] += n
	}
	return out
}

func (c *Call) peopleCounts(s store.TicketStats) map[string]int {
	out := map[string]int{}
	for id, n := range s.ByPerson {
		name := c.W("stats.gone", nil)
		if p, ok := c.Tx.Person(id); ok && p.Name != "" {
			name = chat.Plain(p.Name, 30)
		}
		out[name] += n
	}
	return out
}

// figure is one named number.
type figure struct {
	name string
	n    int
}

// byCount sorts figures, the greatest first, and those alike by name.
func byCount(counts map[string]int) []figure {
	var out []figure
	for name, n := range maps.All(counts) {
		out = append(out, figure{name, n})
	}
	slices.SortFunc(out, func(a, b figure) int { return cmp.Or(b.n-a.n, strings.Compare(a.name, b.name)) })
	return out
}

// mostListed is how many figures one line names.
const mostListed = 8

// ranked writes figures in a line.
func (c *Call) ranked(counts map[string]int) string {
	var out []string
	for _, f := range byCount(counts) {
		if len(out) < mostListed {
			out = append(out, f.name+" "+strconv.Itoa(f.n))
		}
	}
	return strings.Join(out, ", ")
}

// period is a stretch of time: the last so many days, or what its label names.
type period struct {
	from, until time.Time
	days        int
	label       string
}

var (
	lastForm  = regexp.MustCompile(`^(\d{1,4}) ?(?:j|d|jours?|days?)$`)
	monthForm = regexp.MustCompile(`^(20\d\d)-(0[1-9]|1[0-2])$`)
	yearForm  = regexp.MustCompile(`^20\d\d$`)
)

// Period reads a period as "!stats" takes it: see readPeriod.
func Period(text string, now time.Time) (from, until time.Time, ok bool) {
	p, ok := readPeriod(text, now)
	return p.from, p.until, ok
}

// readPeriod reads "", "7j", "semaine", "month", "2026-11", "2026". now is the
// present where people live.
func readPeriod(text string, now time.Time) (period, bool) {
	w := strings.TrimSpace(Fold(text))
	days := map[string]int{"": 30, "semaine": 7, "week": 7, "mois": 30, "month": 30, "trimestre": 91, "quarter": 91, "an": 365, "annee": 365, "year": 365}
	if m := lastForm.FindStringSubmatch(w); m != nil {
		n, _ := strconv.Atoi(m[1])
		return period{from: now.AddDate(0, 0, -n), until: now.Add(1), days: n}, n > 0 && n <= 3660
	}
	if n, ok := days[w]; ok {
		return period{from: now.AddDate(0, 0, -n), until: now.Add(1), days: n}, true
	}
	if monthForm.MatchString(w) {
		from, err := time.ParseInLocation("2006-01", w, now.Location())
		return period{from: from, until: from.AddDate(0, 1, 0), label: w}, err == nil
	}
	if yearForm.MatchString(w) {
		from, err := time.ParseInLocation("2006", w, now.Location())
		return period{from: from, until: from.AddDate(1, 0, 0), label: w}, err == nil
	}
	return period{}, false
}

// atMost is a length of time rounded up to what span shows of it: what took 2 h 40
// took less than 3 h, and not less than 2.
func atMost(d time.Duration, lang string) string {
	unit := 24 * time.Hour
	switch {
	case d <= time.Minute:
		unit = time.Second
	case d <= time.Hour:
		unit = time.Minute
	case d <= 48*time.Hour:
		unit = time.Hour
	}
	return span((d + unit - 1).Truncate(unit), lang)
}
