package commands

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/alert"
	"vigie/commands/words"
	"vigie/store"
)

// AlertsConfig says who may tell of trouble by a webhook, and how much of it is heard.
type AlertsConfig struct {
	// Hooks are the monitors.
	Hooks []alert.Config `yaml:"hooks"`
	// Lines bounds what the staff rooms read of one incident's alerts within Within.
	Lines  int           `yaml:"lines"`
	Within time.Duration `yaml:"within"`
}

func defaultAlerts() AlertsConfig { return AlertsConfig{Lines: 8, Within: 2 * time.Hour} }

func (c *AlertsConfig) check() []Problem {
	var p []Problem
	seen := map[string]bool{}
	for n, h := range c.Hooks {
		path := fmt.Sprintf("alerts.hooks[%d]", n)
		if _, err := alert.Compile(h); err != nil {
			p = append(p, Problem{path, oneLine(err.Error()), "see the hooks of config.example.yaml"})
		}
		if seen[h.Name] {
			p = append(p, Problem{path, fmt.Sprintf("the name %q is taken", h.Name), "give each its own"})
		}
		seen[h.Name] = true
		secrets := 0
		for _, s := range []string{h.TokenFile, h.TokenEnv, h.HMACFile, h.HMACEnv} {
			if s != "" {
				secrets++
			}
		}
		if secrets != 1 {
			p = append(p, Problem{path, "needs one secret", "write token_file: secrets/" + h.Name + ", or hmac_file, token_env, hmac_env"})
		}
	}
	if c.Lines < 1 || c.Within <= 0 {
		p = append(p, Problem{"alerts", "a bound is too small", "write lines: 8, within: 2h"})
	}
	return p
}

// sources compiles the monitors; Check has refused what does not.
func (c *AlertsConfig) sources() map[string]*alert.Source {
	out := map[string]*alert.Source{}
	for _, h := range c.Hooks {
		if s, err := alert.Compile(h); err == nil {
			out[h.Name] = s
		}
	}
	return out
}

// alert takes what monitoring reports. What changes nothing is not even written.
func (t *Table) alert(turn *bot.Turn, e bot.Alert) error {
	src, ok := t.hooks[e.Source]
	if !ok {
		turn.Log.Warn("an alert from nobody who is known", "source", chat.Plain(e.Source, 40))
		return nil
	}
	sig, err := src.Read(e.Body)
	if err != nil {
		t.alertSay(turn, "source/"+e.Source, "incident.alert_unreadable", words.Args{"Source": e.Source, "Error": err.Error()})
		return nil
	}
	g := turn.Tx.AlertGroup(e.Source, sig.Key)
	was := g.Firing()
	changed := g.Truncated != sig.Truncated && sig.Firing
	if g.Truncated = sig.Truncated; !sig.Firing {
		g.Truncated = 0
		changed = changed || was > g.Firing()
	}
	for _, a := range sig.Alerts {
		if g.Take(a.Print, store.AlertState{Firing: a.Firing, From: a.From.UTC(), Until: a.Until.UTC()}) {
			changed = true
		}
	}
	if !changed {
		return nil
	}
	g.Title, g.Service = sig.Title, sig.Service
	t.alertChanged(turn, src.Policy, sig.Severity, &g, was)
	if !turn.Tx.PutAlertGroup(g) {
		t.alertSay(turn, "source/"+e.Source, "incident.alert_too_many", words.Args{"Source": e.Source})
	}
	return nil
}

// alertChanged makes of a group's change what the policy says.
func (t *Table) alertChanged(turn *bot.Turn, policy string, severity int, g *store.AlertGroup, was int) {
	now := g.Firing()
	args := words.Args{"Source": g.Source, "Title": g.Title, "Service": t.serviceTitle(t.cfg.Language, g.Service), "N": g.Incident}
	known := slices.Contains(t.serviceIDs(), g.Service)
	switch {
	case now == 0 && was > 0:
		t.alertsOver(turn, g, args)
	case now > 0 && was == 0 && known && policy != alert.Tell:
		t.alertBegins(turn, policy, severity, g, args)
	case now > 0 && was == 0:
		args["Count"] = now
		t.alertSay(turn, "group/"+g.Name(), "incident.alert_told", args)
	case now != was:
		args["Count"] = now
		t.alertSay(turn, alertTally(g), "incident.alert_count", args)
	}
}

// alertTally is whose lines a group's count as: its incident's, else its own.
func alertTally(g *store.AlertGroup) string {
	if g.Incident > 0 {
		return "incident/" + strconv.Itoa(g.Incident)
	}
	return "group/" + g.Name()
}

// alertBegins links a group to the incident on its service, or makes one.
func (t *Table) alertBegins(turn *bot.Turn, policy string, severity int, g *store.AlertGroup, args words.Args) {
	for _, m := range turn.Tx.Maintenances() {
		if m.Active() && m.Service == g.Service {
			args["N"] = m.N
			t.alertSay(turn, "group/"+g.Name(), "incident.alert_in_works", args)
			return
		}
	}
	for _, i := range turn.Tx.Incidents() {
		if i.Service == g.Service && (i.Open() || i.State == store.IncidentReported && turn.Now.Sub(i.Reported) <= t.cfg.Incidents.Window) {
			g.Incident, args["N"] = i.N, i.N
			if s := g.Since(); !s.IsZero() && (i.Detected.IsZero() || s.Before(i.Detected)) {
				i.Detected = s
				turn.Tx.PutIncident(i)
			}
			t.alertSay(turn, alertTally(g), "incident.alert_joins", args)
			return
		}
	}
	i := turn.Tx.NewIncident(store.Incident{Service: g.Service, Severity: severity, Detected: g.Since()})
	if i.Detected.IsZero() || i.Detected.After(turn.Now) {
		i.Detected = turn.Now
	}
	g.Incident, args["N"] = i.N, i.N
	if policy == alert.Open && i.Move(store.IncidentOngoing, turn.Now) == nil {
		t.post(turn, &i, "", "")
		t.alertSay(turn, alertTally(g), "incident.alert_opened", args)
		return
	}
	turn.Tx.PutIncident(i)
	t.countLine(turn, alertTally(g))
	t.staffSay(turn, proposalKey(i.N), t.words.Say(t.cfg.Language, "incident.alert_proposal", args), true)
}

// alertsOver tells that a group is over, and ends what only machines have spoken of.
func (t *Table) alertsOver(turn *bot.Turn, g *store.AlertGroup, args words.Args) {
	i, ok := turn.Tx.Incident(g.Incident)
	for _, o := range turn.Tx.AlertGroups() {
		if ok && o.Name() != g.Name() && o.Incident == i.N && o.Firing() > 0 {
			t.alertSay(turn, alertTally(g), "incident.alert_part_over", args)
			return
		}
	}
	byHand := len(i.Tickets) > 0 || i.Lead != "" || slices.ContainsFunc(i.Posts, func(p store.Post) bool { return p.By != "" })
	switch {
	case ok && i.State == store.IncidentReported && !byHand && i.Move(store.IncidentCancelled, turn.Now) == nil:
		turn.Tx.PutIncident(i)
		t.alertSay(turn, alertTally(g), "incident.alert_withdrawn", args)
	case ok && i.Open() && !byHand && i.Move(store.IncidentResolved, turn.Now) == nil:
		t.post(turn, &i, "", "")
		t.tellTheEnd(turn, i)
		t.alertSay(turn, alertTally(g), "incident.alert_resolved", args)
	case ok && i.Open():
		t.alertSay(turn, alertTally(g), "incident.alert_over_open", args)
	default:
		t.alertSay(turn, alertTally(g), "incident.alert_over", args)
	}
}

// lines is what the staff rooms have read of one thing lately.
type lines struct {
	At []time.Time `json:"at"`
	// Kept is how many were not said since.
	Kept int `json:"kept,omitempty"`
}

const linesNote = "alert-lines/"

// countLine counts a line and tells whether it may be said, and whether it is the last for
// a while.
func (t *Table) countLine(turn *bot.Turn, tally string) (may, last bool) {
	c := t.cfg.Alerts
	var l lines
	_ = json.Unmarshal([]byte(turn.Tx.Note(linesNote+tally)), &l) // nothing yet is nothing said
	l.At = slices.DeleteFunc(l.At, func(at time.Time) bool { return turn.Now.Sub(at) >= c.Within })
	if len(l.At) >= c.Lines {
		if l.Kept++; l.Kept > 1 {
			return false, false // what has to be said later is known already: a storm costs no write
		}
	} else {
		l.At = append(l.At, turn.Now)
		may, last = true, len(l.At) == c.Lines
	}
	raw, _ := json.Marshal(l) // instants always encode
	turn.Tx.SetNote(linesNote+tally, string(raw))
	turn.Tx.SetDue(dueAlerts, tally, l.At[0].Add(c.Within))
	return may, last
}

// alertSay tells the staff rooms of alerts, within the bound.
func (t *Table) alertSay(turn *bot.Turn, tally, id string, args words.Args) {
	may, last := t.countLine(turn, tally)
	if !may {
		return
	}
	text := t.words.Say(t.cfg.Language, id, args)
	if last {
		text += " " + t.words.Say(t.cfg.Language, "incident.alert_silence", words.Args{"Time": span(t.cfg.Alerts.Within, t.cfg.Language)})
	}
	t.staffSay(turn, fmt.Sprintf("alert-%s-%d-%s", shortHash(tally+text), turn.Now.UnixNano(), shortHash(id)), text, false)
}

// dueAlerts is when lines may be said again of something that was spoken of a lot.
const dueAlerts = "alerts"

// alertsDue says how things stand after a silence, and forgets what is old.
func (t *Table) alertsDue(turn *bot.Turn, d store.Due) error {
	var l lines
	_ = json.Unmarshal([]byte(turn.Tx.Note(linesNote+d.Key)), &l)
	turn.Tx.SetNote(linesNote+d.Key, "")
	if l.Kept == 0 {
		return nil
	}
	firing := 0
	for _, g := range turn.Tx.AlertGroups() {
		if alertTally(&g) == d.Key {
			firing += g.Firing()
		}
	}
	t.staffSay(turn, fmt.Sprintf("alerts-now-%s-%d", shortHash(d.Key), turn.Now.Unix()),
		t.words.Say(t.cfg.Language, "incident.alert_now", words.Args{"Count": firing}), false)
	return nil
}
