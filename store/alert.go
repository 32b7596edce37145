package store

import (
	"fmt"
	"hash/fnv"
	"time"
)

// AlertGroup is one trouble as a monitor tells of it: alerts that begin and end together.
type AlertGroup struct {
	Source  string `json:"source"`
	Key     string `json:"key"` // the monitor's own name for it
	Service string `json:"service,omitempty"`
	Title   string `json:"title,omitempty"`
	// Incident is what was made of it, 0 for nothing.
	Incident int `json:"incident,omitempty"`
	// Alerts are told apart by the monitor's fingerprints.
	Alerts map[string]AlertState `json:"alerts"`
	// Truncated is how many more there are, when the monitor left some out.
	Truncated int       `json:"truncated,omitempty"`
	Changed   time.Time `json:"changed"`
}

// AlertState is what was last heard of one alert.
type AlertState struct {
	Firing bool      `json:"firing"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

// mostGroupAlerts bounds the alerts that are remembered of one group, mostGroups the groups
// of all monitors.
const (
	mostGroupAlerts = 500
	mostGroups      = 1000
)

// Take hears of an alert and tells whether that was news. Messages may come in any order: what
// ended before it began anew is late, and so is what began no later than what has ended.
func (g *AlertGroup) Take(print string, a AlertState) bool {
	old, known := g.Alerts[print]
	switch {
	case !known && !a.Firing && len(g.Alerts) > 0:
		return false // the end of something that nobody spoke of
	case known && a.Firing && !old.Firing && !a.From.IsZero() && !a.From.After(old.From):
		return false
	case known && !a.Firing && !a.Until.IsZero() && a.Until.Before(old.From):
		return false
	case known && old.Firing == a.Firing && !a.From.After(old.From):
		return false
	case !known && len(g.Alerts) >= mostGroupAlerts:
		return false
	}
	if g.Alerts == nil {
		g.Alerts = map[string]AlertState{}
	}
	if a.From.IsZero() {
		a.From = old.From
	}
	g.Alerts[print] = a
	return true
}

// Firing is how many alerts last, those that were left out among them.
func (g *AlertGroup) Firing() int {
	n := g.Truncated
	for _, a := range g.Alerts {
		if a.Firing {
			n++
		}
	}
	return n
}

// Since is when the first of the alerts that last began, zero when that is not known.
func (g *AlertGroup) Since() time.Time {
	var first time.Time
	for _, a := range g.Alerts {
		if a.Firing && !a.From.IsZero() && (first.IsZero() || a.From.Before(first)) {
			first = a.From
		}
	}
	return first
}

// Name names the group in the store and in keys: short, and the same for ever.
func (g *AlertGroup) Name() string {
	h := fnv.New128a()
	_, _ = fmt.Fprintf(h, "%d:%s%s", len(g.Source), g.Source, g.Key)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// AlertGroup finds a group, or begins one that is not kept before PutAlertGroup.
func (tx *Tx) AlertGroup(source, key string) AlertGroup {
	g := AlertGroup{Source: source, Key: key}
	if old, ok := find[AlertGroup](tx, "alert", g.Name()); ok {
		return old
	}
	return g
}

// PutAlertGroup keeps a group. When there are too many, one that is over makes room; it
// tells whether there was any.
func (tx *Tx) PutAlertGroup(g AlertGroup) bool {
	if tx.raw("alert", g.Name()) == nil {
		all := tx.AlertGroups()
		if len(all) >= mostGroups {
			oldest := -1
			for n, o := range all {
				if o.Firing() == 0 && (oldest < 0 || o.Changed.Before(all[oldest].Changed)) {
					oldest = n
				}
			}
			if oldest < 0 {
				return false
			}
			tx.del("alert", all[oldest].Name())
		}
	}
	g.Changed = tx.Now
	tx.put("alert", g.Name(), g)
	return true
}

// AlertGroups lists all groups.
func (tx *Tx) AlertGroups() []AlertGroup {
	var out []AlertGroup
	each(tx, "alert", "", "", func(_ string, g AlertGroup) bool { out = append(out, g); return true })
	return out
}
