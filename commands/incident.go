package commands

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// IncidentsConfig says when reports make an incident and how often it is told of.
type IncidentsConfig struct {
	// Reports within Window from as many associations make a proposal.
	Reports int           `yaml:"reports"`
	Window  time.Duration `yaml:"window"`
	// Every is how long until the next public word.
	Every time.Duration `yaml:"every"`
	// Recent is how long a resolved incident still explains what members see.
	Recent time.Duration `yaml:"recent"`
	// InfoURL is where the info site is read.
	InfoURL string `yaml:"info_url"`
}

func defaultIncidents() IncidentsConfig {
	return IncidentsConfig{Reports: 3, Window: 30 * time.Minute, Every: 30 * time.Minute, Recent: 2 * time.Hour}
}

func (c *IncidentsConfig) check() []Problem {
	if c.Reports < 2 || c.Window <= 0 || c.Every <= 0 {
		return []Problem{{"incidents", "a bound is too small", "write reports: 3, window: 30m, every: 30m"}}
	}
	return nil
}

// incidentCommands tell everybody of trouble.
func incidentCommands() []*Command {
	return []*Command{
		{Name: "etat", English: "status", Role: Anyone, Run: status},
		{Name: "incident", English: "incident", Role: Adminsys, Where: StaffOnly, Run: incident, Subs: []Sub{
			{"ouvrir", "open"}, {"maj", "update"}, {"identifie", "identified"}, {"surveille", "monitoring"}, {"resolu", "resolved"}, {"annuler", "cancel"}}},
		{Name: "annonce", English: "announce", Role: Adminsys, Where: StaffOnly, Run: announce},
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
	}
	return c.Usage()
}

// openIncident makes a proposal public ("ouvrir 3") or begins an incident
// ("ouvrir web 2 titre"). The first words are a fixed template, said at once.
func openIncident(c *Call) error {
	word, rest := cutWord(c.Args)
	if n, ok := number(word); ok {
		i, found := c.Tx.Incident(n)
		if !found {
			return c.Refuse("incident.not_found", nil)
		}
		return c.Table.publish(c, i)
	}
	service := c.Table.serviceNamed(word)
	if service == "" {
		return c.Refuse("incident.which_service", words.Args{"Services": strings.Join(c.Table.serviceIDs(), ", ")})
	}
	if open, ok := openOn(c.Tx, service); ok {
		return c.Refuse("incident.already", words.Args{"N": open.N})
	}
	severity := 2
	if w, r := cutWord(rest); len(w) == 1 && w[0] >= '1' && w[0] <= '4' {
		severity, rest = int(w[0]-'0'), r
	}
	i := c.Tx.NewIncident(store.Incident{Service: service, Severity: severity, Title: chat.Plain(rest, 120)})
	return c.Table.publish(c, i)
}

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
	t.post(c.Turn, &i, p.ID, "")
	c.Tx.Audit(p.ID, "incident open", strconv.Itoa(i.N), c.RoomName)
	c.SayID("incident.opened", words.Args{"N": i.N, "Service": t.serviceTitle(c.Lang(), i.Service), "Next": c.Local(i.NextUpdate).Format("15:04")})
	return nil
}

// changeIncident adds a word; to is the new state, empty to keep it. Without a
// number it is about the one open incident.
func changeIncident(c *Call, to store.IncidentState) error {
	i, err := c.incidentArg()
	if err != nil {
		return err
	}
	if c.Args == "" && to == "" {
		return c.Usage()
	}
	was := i.Public()
	if to == "" {
		to = i.State
	}
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
	c.Table.post(c.Turn, &i, p.ID, cleanLines(c.Args))
	if i.State == store.IncidentResolved {
		c.Table.tellTheEnd(c.Turn, i)
	}
	c.SayID("incident.told", words.Args{"N": i.N, "State": c.W("incident.state_"+string(i.State), nil)})
	return nil
}

// incidentArg finds the incident by number, or the only one that is open.
func (c *Call) incidentArg() (store.Incident, error) {
	word, rest := cutWord(c.Args)
	if n, ok := number(word); ok {
		c.Args = rest
		if i, found := c.Tx.Incident(n); found {
			return i, nil
		}
		return store.Incident{}, c.Refuse("incident.not_found", nil)
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
	return store.Incident{}, c.Refuse("incident.which", words.Args{"Count": len(open)})
}

func (c *Call) wrongIncident(err error) error {
	if ie, ok := errors.AsType[*store.IncidentError](err); ok {
		return c.Refuse("incident.wrong_moment", words.Args{"N": ie.N, "State": c.W("incident.state_"+string(ie.From), nil)})
	}
	return err
}

// post says an incident's new state in every announcement room, sets topics and
// winds the clock of the next word.
func (t *Table) post(turn *bot.Turn, i *store.Incident, by, text string) {
	next := time.Time{}
	if i.Open() {
		next = turn.Now.Add(t.cfg.Incidents.Every)
	}
	p := i.Say(store.Post{At: turn.Now, By: by, Text: text, Next: next})
	turn.Tx.PutIncident(*i)
	for _, room := range t.concerned(i.Service) {
		turn.Deliver(chat.Reply{Key: fmt.Sprintf("incident/%d/post/%d/%s", i.N, p.Seq, room), Room: room, Tone: chat.Loud,
			Text: t.headline(t.roomLang(room), *i, p), Priority: chat.News}, bot.Delivery{Track: true})
	}
	t.topics(turn)
	if i.Open() {
		turn.Tx.SetDue(dueNag, strconv.Itoa(i.N), next)
	} else {
		turn.Tx.ClearDue(dueNag, strconv.Itoa(i.N))
	}
}

// headline is one public word about an incident: what, since when, what is new,
// when the next word comes, where to read on.
func (t *Table) headline(lang string, i store.Incident, p store.Post) string {
	args := words.Args{"Service": t.serviceTitle(lang, i.Service), "Title": i.Title, "N": i.N, "Text": p.Text,
		"Since": i.Opened.In(t.cfg.Location()).Format("15:04")}
	out := []string{t.words.Say(lang, "incident.post_"+string(i.State), args)}
	if p.Seq == 1 && i.Title != "" {
		out = append(out, i.Title+".")
	}
	if p.Text != "" {
		out = append(out, p.Text)
	}
	if !p.Next.IsZero() {
		out = append(out, t.words.Say(lang, "incident.next", words.Args{"Time": p.Next.In(t.cfg.Location()).Format("15:04")}))
	}
	if t.cfg.Incidents.InfoURL != "" {
		out = append(out, t.cfg.Incidents.InfoURL)
	}
	return strings.Join(out, " ")
}

// concerned are the announcement rooms of a service: all, unless it lists rooms.
func (t *Table) concerned(service string) []chat.Room {
	var only []string
	for _, s := range t.cfg.Services {
		if s.ID == service {
			only = s.Rooms
		}
	}
	return t.cfg.rooms(func(name string, r Room) bool {
		return r.Announcements && (len(only) == 0 || slices.Contains(only, name))
	})
}

func (t *Table) roomLang(place chat.Room) string {
	if _, r, ok := t.cfg.RoomOf(place); ok && r.Language != "" {
		return r.Language
	}
	return t.cfg.Language
}

// topics puts the open incidents in front of each topic, and takes them off.
func (t *Table) topics(turn *bot.Turn) {
	for _, place := range t.cfg.rooms(func(_ string, r Room) bool { return r.Topic }) {
		lang := t.roomLang(place)
		var parts []string
		for _, i := range turn.Tx.Incidents() {
			if i.Open() && slices.Contains(t.concerned(i.Service), place) {
				parts = append(parts, t.words.Say(lang, "incident.topic", words.Args{"Service": t.serviceTitle(lang, i.Service), "N": i.N}))
			}
		}
		name := "topic-set/" + place.String()
		before, now := turn.Tx.Note(name), strings.Join(parts, " · ")
		if before == now {
			continue
		}
		turn.Tx.SetNote(name, now)
		topic := turn.Tx.Note("topic/" + place.String())
		if now != "" && topic != "" {
			topic = now + " | " + topic
		} else if now != "" {
			topic = now
		}
		turn.Deliver(chat.Reply{Kind: chat.Topic, Room: place, Text: topic, Priority: chat.News}, bot.Delivery{Stored: true})
	}
}

// topicIs remembers what a room's topic is when the bot has no part in it. One
// that begins as the bot's own do is what a lost link kept from being taken off.
func (t *Table) topicIs(c *Call) error {
	if c.Room.Topic && !strings.HasPrefix(c.Msg.Text, "⚠ ") && c.Tx.Note("topic-set/"+c.Msg.Room.String()) == "" {
		c.Tx.SetNote("topic/"+c.Msg.Room.String(), chat.Plain(c.Msg.Text, 390))
	}
	return nil
}

const dueNag = "nag"

// nagDue reminds the adminsys of a word that was said to come now.
func (t *Table) nagDue(turn *bot.Turn, d store.Due) error {
	i, ok := turn.Tx.IncidentID(d.Key)
	if !ok || !i.Open() {
		return nil
	}
	t.staffSay(turn, fmt.Sprintf("nag-%d-%d", i.N, turn.Now.Unix()), t.words.Say(t.cfg.Language, "incident.nag",
		words.Args{"N": i.N, "Time": i.NextUpdate.In(t.cfg.Location()).Format("15:04")}), true)
	turn.Tx.SetDue(dueNag, d.Key, turn.Now.Add(t.cfg.Incidents.Every))
	return nil
}

// tellTheEnd tells those who were affected, and asks them whether it works.
func (t *Table) tellTheEnd(turn *bot.Turn, i store.Incident) {
	told := map[string]bool{}
	for _, n := range i.Tickets {
		tk, err := turn.Tx.ActOnTicket(n, store.TicketEvent{Act: store.ActSolve})
		if err != nil {
			continue // closed meanwhile
		}
		turn.Tx.SetDue(dueTicketClose, strconv.Itoa(tk.N), turn.Now.Add(t.cfg.Tickets.CloseAfter))
		lang := t.langOfTicket(turn.Tx, tk)
		t.tellMember(turn, tk, fmt.Sprintf("incident-%d", i.N), t.words.Say(lang, "incident.member_end",
			words.Args{"N": tk.N, "Service": t.serviceTitle(lang, i.Service)}))
		told[tk.Requester] = true
	}
	for _, person := range i.Followers {
		p, ok := turn.Tx.Person(person)
		if !ok || told[person] || len(p.Rooms) == 0 {
			continue
		}
		turn.Deliver(chat.Reply{Key: fmt.Sprintf("incident/%d/follower/%s", i.N, person), Room: p.Rooms[0], Tone: chat.Loud, Secret: true,
			Text: t.words.Say(t.langOf(p), "incident.follower_end", words.Args{"Service": t.serviceTitle(t.langOf(p), i.Service)})}, bot.Delivery{Track: true})
	}
}

// followIncident notes that somebody wants to be told the end.
func (t *Table) followIncident(turn *bot.Turn, person, id string) {
	i, ok := turn.Tx.IncidentID(id)
	if ok && !slices.Contains(i.Followers, person) {
		i.Followers = append(i.Followers, person)
		turn.Tx.PutIncident(i)
	}
}

// checkIncident answers the check of that kind: is there a known incident on one
// of these services.
func (t *Table) checkIncident(turn *bot.Turn, lang string, req runbooks.Request) runbooks.Report {
	rep := runbooks.Report{Kind: "incident", Verdict: "none", At: turn.Now,
		Fields: map[string]any{"id": "", "title": "", "url": t.cfg.Incidents.InfoURL, "since": "", "count": int64(0)}}
	services := strings.FieldsFunc(req.Args["services"], func(r rune) bool { return r == ',' || r == ' ' })
	for _, i := range turn.Tx.Incidents() {
		if len(services) > 0 && !slices.Contains(services, i.Service) || !i.Public() {
			continue
		}
		recent := i.State == store.IncidentResolved && turn.Now.Sub(i.Resolved) < t.cfg.Incidents.Recent
		if !i.Open() && !recent {
			continue
		}
		title := t.serviceTitle(lang, i.Service)
		if i.Title != "" {
			title += " : " + i.Title
		}
		rep.Fields["id"], rep.Fields["title"] = strconv.Itoa(i.N), title
		rep.Fields["since"], rep.Fields["count"] = i.Opened.Format(time.RFC3339), int64(len(i.Tickets))
		if rep.Verdict = "recent"; i.Open() {
			rep.Verdict = "active"
			break
		}
	}
	return rep
}

func (t *Table) serviceIDs() []string {
	var out []string
	for _, s := range t.cfg.Services {
		out = append(out, s.ID)
	}
	return out
}

// serviceNamed finds a service by id or title, empty when there is none.
func (t *Table) serviceNamed(word string) string {
	for _, s := range t.cfg.Services {
		if w := Fold(word); w != "" && (w == Fold(s.ID) || w == Fold(s.Title["fr"]) || w == Fold(s.Title["en"])) {
			return s.ID
		}
	}
	return ""
}

func openOn(tx *store.Tx, service string) (store.Incident, bool) {
	for _, i := range tx.Incidents() {
		if i.Open() && i.Service == service {
			return i, true
		}
	}
	return store.Incident{}, false
}
