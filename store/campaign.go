package store

import (
	"slices"
	"time"
)

// CampaignState is where a campaign stands.
type CampaignState string

// The states of a campaign.
const (
	CampaignDraft   CampaignState = "draft"
	CampaignRunning CampaignState = "running"
	CampaignPaused  CampaignState = "paused"
	CampaignEnded   CampaignState = "ended"
)

// Campaign asks for donations. It knows amounts, never donors.
type Campaign struct {
	ID    string            `json:"id"`
	State CampaignState     `json:"state"`
	Title map[string]string `json:"title"`
	Text  map[string]string `json:"text"`
	Link  string            `json:"link"`
	// Goal and Amount are in cents.
	Goal     int64     `json:"goal"`
	Amount   int64     `json:"amount"`
	Deadline time.Time `json:"deadline,omitzero"`
	Started  time.Time `json:"started,omitzero"`
	// Made says that it was made in chat, and is nobody's who edits the configuration.
	Made bool `json:"made,omitempty"`
	// Thanked says that the goal was celebrated.
	Thanked bool `json:"thanked,omitempty"`
}

// Reached tells whether the goal is reached.
func (c *Campaign) Reached() bool { return c.Goal > 0 && c.Amount >= c.Goal }

// Percent is how much of the goal is reached, at most 100.
func (c *Campaign) Percent() int {
	if c.Goal <= 0 {
		return 0
	}
	return int(min(100, c.Amount*100/c.Goal))
}

// PutCampaign writes a campaign back after a change.
func (tx *Tx) PutCampaign(c Campaign) { tx.put("campaign", c.ID, c) }

// Campaign finds a campaign.
func (tx *Tx) Campaign(id string) (Campaign, bool) { return find[Campaign](tx, "campaign", id) }

// Campaigns lists them by id.
func (tx *Tx) Campaigns() []Campaign {
	var out []Campaign
	each(tx, "campaign", "", "", func(_ string, c Campaign) bool { out = append(out, c); return true })
	return out
}

// GateInput is all that decides whether a donation may be asked for in a room now.
type GateInput struct {
	Now      time.Time
	Zone     *time.Location
	Campaign Campaign
	// Incidents are all incidents that concern the room.
	Incidents []Incident
	// Works are all planned works that concern it.
	Works []Maintenance
	// LastAsk is when a donation was last asked for in the room.
	LastAsk time.Time
	// LastWord is when somebody last spoke in the room; Words how many lines there
	// were within BusyWithin.
	LastWord time.Time
	Words    int
	Rules    GateRules
}

// GateRules are the configured bounds of the gate.
type GateRules struct {
	// After is how long after the end of an incident nothing is asked.
	After time.Duration `yaml:"after_incident"`
	// Every is the least time between two asks in a room.
	Every time.Duration `yaml:"every"`
	// Quiet hours, local: from QuietFrom until QuietUntil ("22:00", "08:00").
	QuietFrom  string `yaml:"quiet_from"`
	QuietUntil string `yaml:"quiet_until"`
	// ActiveWithin: somebody must have spoken within this time; zero: no matter.
	ActiveWithin time.Duration `yaml:"active_within"`
	// Busy is how many lines within BusyWithin are too many to interrupt; zero: no matter.
	Busy       int           `yaml:"busy"`
	BusyWithin time.Duration `yaml:"busy_within"`
}

// Hold is one reason why a donation may not be asked for now.
type Hold struct {
	// Code is incident, after_incident, maintenance, after_maintenance, quiet, too_soon, silent_room, busy_room,
	// goal_reached, not_running, over, deadline.
	Code string
	// N is the incident's number.
	N int
	// Until is when the reason ends, zero when nobody knows.
	Until time.Time
}

// Gate says why a donation may not be asked for now; nothing when it may.
func Gate(in GateInput) []Hold {
	var holds []Hold
	add := func(code string, n int, until time.Time) { holds = append(holds, Hold{code, n, until}) }
	c, r := in.Campaign, in.Rules
	switch {
	case c.State == CampaignEnded:
		add("over", 0, time.Time{})
	case c.State != CampaignRunning:
		add("not_running", 0, time.Time{})
	case c.Reached():
		add("goal_reached", 0, time.Time{})
	case !c.Deadline.IsZero() && in.Now.After(c.Deadline):
		add("deadline", 0, time.Time{})
	}
	holds = append(holds, incidentHolds(in)...)
	if end, quiet := quietUntil(in.Now.In(in.Zone), r); quiet {
		add("quiet", 0, end)
	}
	if end := in.LastAsk.Add(r.Every); !in.LastAsk.IsZero() && in.Now.Before(end) {
		add("too_soon", 0, end)
	}
	if r.ActiveWithin > 0 && in.Now.Sub(in.LastWord) > r.ActiveWithin {
		add("silent_room", 0, time.Time{})
	}
	if r.Busy > 0 && in.Words >= r.Busy {
		add("busy_room", 0, in.Now.Add(r.BusyWithin))
	}
	return holds
}

// incidentHolds are the incidents and works during which, and after which, nothing is asked.
func incidentHolds(in GateInput) []Hold {
	var holds []Hold
	for _, i := range in.Incidents {
		end := i.Resolved.Add(in.Rules.After)
		switch {
		case i.Open():
			holds = append(holds, Hold{Code: "incident", N: i.N})
		case !i.Resolved.IsZero() && i.Public() && in.Now.Before(end):
			holds = append(holds, Hold{Code: "after_incident", N: i.N, Until: end})
		}
	}
	for _, m := range in.Works {
		end := m.Ended.Add(in.Rules.After)
		switch {
		case m.Active():
			holds = append(holds, Hold{Code: "maintenance", N: m.N})
		case !m.Began.IsZero() && m.Over() && in.Now.Before(end):
			holds = append(holds, Hold{Code: "after_maintenance", N: m.N, Until: end})
		}
	}
	return holds
}

// quietUntil tells whether a local instant lies in the quiet hours, and when
// they end.
func quietUntil(local time.Time, r GateRules) (time.Time, bool) {
	from, err1 := time.Parse("15:04", r.QuietFrom)
	until, err2 := time.Parse("15:04", r.QuietUntil)
	if err1 != nil || err2 != nil || from.Equal(until) {
		return time.Time{}, false
	}
	now := local.Hour()*60 + local.Minute()
	a, b := from.Hour()*60+from.Minute(), until.Hour()*60+until.Minute()
	quiet := now >= a && now < b
	day := 0
	if a > b { // over midnight
		quiet = now >= a || now < b
		if now >= a {
			day = 1
		}
	}
	end := Civil{time.Date(local.Year(), local.Month(), local.Day()+day, until.Hour(), until.Minute(), 0, 0, time.UTC)}
	at, _ := end.In(local.Location())
	return at, quiet
}

// HoldsUntil is when all reasons with a known end are over; zero when one has none.
func HoldsUntil(holds []Hold) time.Time {
	if slices.ContainsFunc(holds, func(h Hold) bool { return h.Until.IsZero() }) {
		return time.Time{}
	}
	var last time.Time
	for _, h := range holds {
		if h.Until.After(last) {
			last = h.Until
		}
	}
	return last
}
