package commands

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// IncidentsConfig says when reports make an incident and how often it is told of.
type IncidentsConfig struct {
	// Reports within Window from as many associations make a proposal.
	Reports int           `yaml:"reports"`
	Window  time.Duration `yaml:"window"`
	// Every is how long until the next public word.
	Every time.Duration `yaml:"every"`
	// After SlowAfter the next word is SlowEvery away, and that is said.
	SlowAfter time.Duration `yaml:"slow_after"`
	SlowEvery time.Duration `yaml:"slow_every"`
	// Recent is how long a resolved incident still explains what members see.
	Recent time.Duration `yaml:"recent"`
	// Second is how long free text about an incident of severity 1 waits for a second
	// adminsys; then it is said.
	Second time.Duration `yaml:"second"`
	// InfoURL is where the info site is read.
	InfoURL string `yaml:"info_url"`
}

func defaultIncidents() IncidentsConfig {
	return IncidentsConfig{Reports: 3, Window: 30 * time.Minute, Every: 30 * time.Minute, SlowAfter: 2 * time.Hour, SlowEvery: 2 * time.Hour, Recent: 2 * time.Hour, Second: 5 * time.Minute}
}

func (c *IncidentsConfig) check() []Problem {
	if c.Reports < 2 || c.Window <= 0 || c.Every <= 0 || c.Second <= 0 || c.SlowAfter <= 0 || c.SlowEvery <= 0 {
		return []Problem{{"incidents", "a bound is too small", "write reports: 3, window: 30m, every: 30m, slow_after: 2h, slow_every: 2h, second: 5m"}}
	}
	return nil
}

// incidentCommands tell everybody of trouble.
func incidentCommands() []*Command {
	return []*Command{
		{Name: "etat", English: "status", Role: Anyone, Run: status},
		{Name: "incident", English: "incident", Role: Adminsys, Where: StaffOnly, Run: incident, Subs: []Sub{
			{"ouvrir", "open"}, {"maj", "update"}, {"identifie", "identified"}, {"surveille", "monitoring"}, {"resolu", "resolved"}, {"bilan", "review"},
			{"annuler", "cancel"}, {"fusionner", "merge"}}},
		{Name: "annonce", English: "announce", Role: Adminsys, Where: StaffOnly, Run: announce, Subs: []Sub{{"annuler", "cancel"}}},
		{Name: "annonces", English: "deliveries", Role: Adminsys, Where: StaffOnly, Run: deliveries},
	}
}

func incident(c *Call) error {
	switch c.Sub() {
	case "ouvrir":
		return openIncident(c)
	case "maj":
		return changeIncident(c, "")
	case "identifie":
		return changeIncident(c, store.IncidentIdentified)
	case "surveille":
		return changeIncident(c, store.IncidentMonitoring)
	case "resolu":
		return changeIncident(c, store.IncidentResolved)
	case "annuler":
		return changeIncident(c, store.IncidentCancelled)
	case "bilan":
		return review(c)
	case "fusionner":
		return mergeIncidents(c)
	}
	return listIncidents(c)
}

// openIncident makes a proposal public ("ouvrir 3") or begins an incident
// ("ouvrir web 2 titre"). The first words are a fixed template, said at once.
func openIncident(c *Call) error {
	fields, err := c.incidentFields()
	if err != nil {
		return err
	}
	word, rest := cutWord(c.Args)
	if digits(word) {
		return openProposal(c, word, rest)
	}
	service := c.Table.serviceNamed(word)
	if word == "" {
		return c.Table.guideOpening(c, opening{Severity: fields.severity})
	}
	if service == "" {
		return c.Refuse("incident.which_service", words.Args{"Services": strings.Join(c.Table.serviceIDs(), ", ")})
	}
	if open, ok := openOn(c.Tx, service); ok {
		return c.Refuse("incident.already", words.Args{"N": open.N})
	}
	severity := 2
	switch w, r := cutWord(rest); {
	case len(w) == 1 && w[0] >= '1' && w[0] <= '4':
		severity, rest = int(w[0]-'0'), r
	case digits(w): // a slip of the hand, which would be published as a title
		return c.Refuse("incident.bad_severity", nil)
	}
	c.Args = rest
	more, err := c.incidentFields()
	if err != nil {
		return err
	}
	i := store.Incident{Service: service, Severity: severity, Title: chat.Plain(c.Args, 120)}
	fields.apply(&i, &store.Post{}, c.Now)
	more.apply(&i, &store.Post{}, c.Now)
	i = c.Tx.NewIncident(i)
	return c.Table.publish(c, i)
}

// openProposal makes a proposal public by its number. An incident that is over
// begins anew only when that is said in so many words: one wrong digit would
// otherwise alarm everybody.
func openProposal(c *Call, word, rest string) error {
	n, _ := number(word)
	i, found := c.Tx.Incident(n)
	switch again := Fold(rest); {
	case !found:
		return c.Refuse("incident.not_found", nil)
	case i.State == store.IncidentResolved && again != "rouvrir" && again != "reopen":
		return c.Refuse("incident.reopen_sure", words.Args{"N": i.N, "Service": c.Table.serviceTitle(c.Lang(), i.Service)})
	}
	return c.Table.publish(c, i)
}

// digits tells whether a word is meant as a number, whether or not it is one
// that can be: it is then never taken for a text to be published.
func digits(word string) bool { return word != "" && strings.Trim(word, "#-+.,0123456789") == "" }

// publish makes an incident public.
func (t *Table) publish(c *Call, i store.Incident) error {
	if i.Open() {
		return c.Refuse("incident.already", words.Args{"N": i.N})
	}
	p := c.Person()
	i.Lead = p.ID
	if err := i.Move(store.IncidentOngoing, c.Now); err != nil {
		return c.wrongIncident(err)
	}
	title := i.Title
	if i.Severity == 1 {
		i.Title = ""
	}
	t.post(c.Turn, &i, p.ID, "")
	if i.Severity == 1 && title != "" {
		t.holdText(c, i, title)
	}
	c.Tx.Audit(p.ID, "incident open", strconv.Itoa(i.N), c.RoomName)
	said := c.W("incident.opened", words.Args{"N": i.N, "Service": t.serviceTitle(c.Lang(), i.Service), "Next": c.Local(i.NextUpdate).Format("15:04")})
	for _, m := range c.Tx.Maintenances() {
		if m.Active() && m.Service == i.Service {
			said += " " + c.W("maintenance.during", words.Args{"N": m.N})
		}
	}
	c.Say(said)
	return nil
}

// changeIncident adds a word; to is the new state, empty to keep it. Without a
// number it is about the one open incident.
func changeIncident(c *Call, to store.IncidentState) error {
	i, err := c.incidentArg()
	if err != nil {
		return err
	}
	fields, err := c.incidentFields()
	if err != nil {
		return err
	}
	if c.Args == "" && to == "" && !fields.says() {
		return c.quietly(i, fields)
	}
	was := i.Public()
	if to == "" {
		if done, err := c.seconds(i); done || err != nil {
			return err
		}
		if w := word(c.Args); yes(w) || no(w) {
			return c.Refuse("incident.nothing_held", words.Args{"N": i.N})
		}
		to = i.State
	}
	before := i.State
	if err := i.Move(to, c.Now); err != nil {
		return c.wrongIncident(err)
	}
	p := c.Person()
	c.Tx.Audit(p.ID, "incident "+string(to), strconv.Itoa(i.N), c.RoomName)
	if !was { // a proposal that was set aside: nobody knew of it
		c.Tx.PutIncident(i)
		c.SayID("incident.set_aside", words.Args{"N": i.N})
		return nil
	}
	if to != before {
		c.Table.dropHeld(c, i) // it was about a state that is over
	}
	if !c.tellChange(&i, fields, to != before) {
		return nil
	}
	switch i.State {
	case store.IncidentResolved:
		c.Table.tellTheEnd(c.Turn, i)
	case store.IncidentCancelled:
		c.Table.tellFollowers(c.Turn, i, "incident.follower_cancelled", nil)
	}
	c.SayID("incident.told", words.Args{"N": i.N, "State": c.W("incident.state_"+string(i.State), nil)})
	return nil
}

// tellChange says a change to everybody and tells whether any of it was said now: free text
// at severity 1 waits for a second person.
func (c *Call) tellChange(i *store.Incident, fields incidentFields, moved bool) bool {
	post := store.Post{By: c.personID(), Text: cleanLines(c.Args)}
	fields.apply(i, &post, c.Now)
	text := post.Text
	wait := i.Severity == 1 && text != ""
	if wait {
		post.Text = ""
	}
	says := !wait || moved || fields.says()
	if says {
		c.Table.postWith(c.Turn, i, post)
	} else {
		c.Tx.PutIncident(*i)
	}
	if wait {
		c.Table.holdText(c, *i, text)
	}
	return says
}

// quietly notes what is not told to everybody by itself.
func (c *Call) quietly(i store.Incident, fields incidentFields) error {
	if !fields.quiet() {
		return c.Usage()
	}
	fields.apply(&i, &store.Post{}, c.Now)
	c.Tx.PutIncident(i)
	c.Tx.Audit(c.Person().ID, "incident note", strconv.Itoa(i.N), c.RoomName)
	c.SayID("incident.noted", words.Args{"N": i.N})
	return nil
}

// incidentArg finds the incident by number, or the only one that is open.
func (c *Call) incidentArg() (store.Incident, error) {
	word, rest := cutWord(c.Args)
	if digits(word) {
		c.Args = rest
		n, _ := number(word)
		if i, found := c.Tx.Incident(n); found {
			return i, nil
		}
		return store.Incident{}, c.Refuse("incident.not_found", nil)
	}
	if service := c.Table.serviceNamed(word); service != "" {
		if i, ok := openOn(c.Tx, service); ok {
			c.Args = rest
			return i, nil
		}
	}
	var open []store.Incident
	for _, i := range c.Tx.Incidents() {
		if i.Open() {
			open = append(open, i)
		}
	}
	if len(open) == 1 {
		return open[0], nil
	}
	if len(open) == 0 {
		return store.Incident{}, c.Refuse("incident.none_open", nil)
	}
	return store.Incident{}, c.Refuse("incident.which", words.Args{"Count": len(open)})
}

func (c *Call) wrongIncident(err error) error {
	if ie, ok := errors.AsType[*store.IncidentError](err); ok {
		return c.Refuse("incident.wrong_moment", words.Args{"N": ie.N, "State": c.W("incident.state_"+string(ie.From), nil)})
	}
	return err
}
