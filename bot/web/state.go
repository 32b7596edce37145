package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// State is all that the public may know, and nothing else.
type State struct {
	Now       time.Time
	Host      string // the host's name
	Services  []ServiceState
	Open      []Incident
	Past      []Incident // over, the newest first, all of them
	Works     []Work     // planned, under way and lately over
	Events    []Event
	Campaigns []Campaign
	Measure   Measure
	// OnCall is until when somebody of the team is on call, zero when nobody is.
	OnCall time.Time
	// Meetings are the minutes of public meetings, the newest first.
	Meetings []Minutes
	// Merged says under which number an incident goes on that had one of its own.
	Merged map[int]int
	// Silent is since when the bot's loop has given no sign of life, zero when all
	// is well; Silence is how long that is, in whole minutes.
	Silent  time.Time
	Silence time.Duration
}

// ServiceState is a service and the worst incident open on it.
type ServiceState struct {
	Service
	Incident *Incident
	// Work is what is being done on it now.
	Work *Work
	// Sites are those places of the service where an open incident was placed.
	Sites []SiteState
	// Days are how the last days went.
	Days Days
}

// SiteState is a place and whether a service is in trouble there.
type SiteState struct {
	Name     string
	Incident *Incident
}

// Incident is an incident as the public reads of it: no names, no tickets.
type Incident struct {
	N        int
	State    string
	Severity int // 1 the worst … 4
	Service  string
	Site     string
	Title    string
	// Affected is how many members it concerned, 0 when that is not known.
	Affected int
	// Loss of data is "yes", "no", or empty when it is not known.
	Loss   string
	Review []Block
	Opened time.Time
	// Ended is zero while it is open.
	Ended time.Time
	// Next is when the next word was said to come, zero when none was.
	Next  time.Time
	Posts []Post // the newest first
}

// Updated is when it was last spoken of.
func (i Incident) Updated() time.Time {
	if len(i.Posts) > 0 {
		return i.Posts[0].At
	}
	return i.Opened
}

// Post is one public word.
type Post struct {
	Seq   int
	At    time.Time
	State string
	Text  string // empty when the state says it all
	// Severity is the new one when it changed, else 0.
	Severity int
	Next     time.Time
}

// Event is something that is planned.
type Event struct {
	ID    string // the same for ever
	Kind  string
	Title map[string]string
	Place string
	At    time.Time
}

// Link is the place when it is an address that can be gone to, else empty.
func (e Event) Link() string { return safeLink(e.Place) }

// Campaign is how far a campaign is.
type Campaign struct {
	Title   map[string]string
	Text    map[string]string
	Link    string // http or https, or empty
	Goal    int64  // cents
	Amount  int64  // cents
	Percent int
}

// Measure is how long first answers took over 30 days; zero: nothing to say.
type Measure struct{ Median, P90 time.Duration }

// How much of what somebody wrote is shown.
const (
	mostTitle = 160  // runes
	mostText  = 4000 // runes
	mostPosts = 60   // of one incident, the newest
	mostNext  = 12   // planned events
)

// Read makes the public state of a snapshot. The measure of first answers is
// not part of it; see measure.
func Read(tx *store.Tx, f Facts, now time.Time) State {
	s := State{Now: now, Host: chat.Cut(chat.Clean(f.Name), mostTitle), Events: events(tx, now), Meetings: meetings(tx), Merged: map[int]int{}, Works: works(tx, now)}
	if d, on := tx.OnCall(now); on {
		s.OnCall = d.Until
	}
	list := tx.Incidents()
	for _, i := range list {
		switch {
		case i.State == store.IncidentMerged && !i.Opened.IsZero():
			s.Merged[i.N] = i.Into
		case !i.Public():
		case i.Open():
			s.Open = append(s.Open, public(i))
		default:
			s.Past = append(s.Past, public(i))
		}
	}
	slices.SortStableFunc(s.Open, func(a, b Incident) int { return a.Severity - b.Severity })
	for _, svc := range f.Services {
		st := ServiceState{Service: svc, Work: s.workOn(svc.ID)}
		for n := range st.Days {
			st.Days[n] = -1
		}
		if since := known(tx, list); !since.IsZero() {
			st.Days = daysOf(list, svc.ID, f.zone(), since, now)
		}
		for _, place := range svc.Sites {
			st.Sites = append(st.Sites, SiteState{place, s.openAt(svc.ID, place)})
		}
		if n := slices.IndexFunc(s.Open, func(i Incident) bool { return i.Service == svc.ID }); n >= 0 {
			st.Incident = &s.Open[n] // the worst comes first
		}
		s.Services = append(s.Services, st)
	}
	for _, c := range tx.Campaigns() {
		if c.State == store.CampaignRunning {
			s.Campaigns = append(s.Campaigns, Campaign{clean(c.Title, mostTitle), clean(c.Text, mostText), safeLink(c.Link), c.Goal, c.Amount, c.Percent()})
		}
	}
	return s
}

// openAt is the worst incident open on a service at a place; one of no place is at all of them.
func (s *State) openAt(service, place string) *Incident {
	for n, i := range s.Open {
		if i.Service == service && (i.Site == "" || strings.EqualFold(i.Site, place)) {
			return &s.Open[n]
		}
	}
	return nil
}

func public(i store.Incident) Incident {
	p := Incident{N: i.N, State: string(i.State), Severity: min(max(i.Severity, 1), 4), Service: chat.Cut(chat.Clean(i.Service), mostTitle),
		Title: chat.Cut(chat.Clean(i.Title), mostTitle), Site: chat.Cut(chat.Clean(i.Site), mostTitle), Affected: i.Affected, Loss: i.DataLoss,
		Review: blocks(i.Review, func(l string) string { return chat.Cut(chat.Clean(l), mostText) }), Opened: i.Opened, Ended: i.Resolved, Next: i.NextUpdate}
	for _, post := range slices.Backward(i.Posts) {
		if len(p.Posts) == mostPosts {
			break
		}
		p.Posts = append(p.Posts, Post{Seq: post.Seq, At: post.At, State: string(post.State), Text: chat.Cut(chat.Clean(post.Text), mostText), Severity: post.Severity, Next: post.Next})
	}
	if !i.Open() && p.Ended.IsZero() { // called off
		p.Ended = p.Updated()
	}
	return p
}

// clean makes every language's text safe to show.
func clean(text map[string]string, most int) map[string]string {
	out := map[string]string{}
	for lang, s := range text {
		out[lang] = chat.Cut(chat.Clean(s), most)
	}
	return out
}

// safeLink is a link to a page, or nothing.
func safeLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// events are the next public occurrences; reminders of one are one.
func events(tx *store.Tx, now time.Time) []Event {
	var out []Event
	seen := map[string]bool{}
	for _, p := range tx.AllPlanned() {
		schedule, _, _ := strings.Cut(p.Schedule, "@")
		id := chat.Clean(schedule + "/" + p.Civil)
		if p.Hidden || !p.At.After(now) || seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, Event{ID: id, Kind: p.Kind, Title: clean(p.Title, mostTitle), Place: chat.Cut(chat.Clean(p.Place), mostTitle), At: p.At})
	}
	slices.SortFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	return out[:min(len(out), mostNext)]
}

// fewest is how many answers make a measure: of one or two it would tell of
// somebody's ticket, and of nothing else.
const fewest = 3

// measure is how long the first answers of 30 days really took.
func measure(tx *store.Tx, now time.Time) Measure {
	from := now.Add(-30 * 24 * time.Hour)
	st := store.Summarise(tx.TicketFacts(from, now.Add(1)), from, now)
	if st.Answered < fewest {
		return Measure{}
	}
	return Measure{st.Median, st.P90}
}
