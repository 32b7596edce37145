package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// SubscriptionsConfig says when those who subscribe are left in peace.
type SubscriptionsConfig struct {
	// From QuietFrom until QuietUntil ("22:00", "08:00"), local, news wait, and come as one
	// word in the morning. Empty: at any hour.
	QuietFrom  string `yaml:"quiet_from"`
	QuietUntil string `yaml:"quiet_until"`
}

func defaultSubscriptions() SubscriptionsConfig {
	return SubscriptionsConfig{QuietFrom: "22:00", QuietUntil: "08:00"}
}

func (c SubscriptionsConfig) check() []Problem {
	for _, s := range []string{c.QuietFrom, c.QuietUntil} {
		if _, err := time.Parse("15:04", s); err != nil && (c.QuietFrom != "" || c.QuietUntil != "") {
			return []Problem{{"subscriptions", fmt.Sprintf("%q is not an hour", s), `write quiet_from: "22:00", quiet_until: "08:00", or both empty`}}
		}
	}
	return nil
}

// subscribeCommands let members be told in private of what concerns a service.
func subscribeCommands() []*Command {
	takes := func(t *Table, word string) bool { return t.serviceNamed(word) != "" || everything(word) }
	return []*Command{
		{Name: "abonner", English: "subscribe", Aliases: []string{"abonne"}, Role: Member, Run: subscribe, Takes: takes},
		{Name: "desabonner", English: "unsubscribe", Aliases: []string{"desabonne"}, Role: Member, Run: unsubscribe, Takes: takes},
	}
}

func everything(word string) bool {
	return slices.Contains([]string{"tout", "tous", "all", "everything"}, Fold(word))
}

// subscribe adds a service, or all; "nuit" means in quiet hours too. The answer says what
// is subscribed to now.
func subscribe(c *Call) error {
	s := c.Tx.Subscription(c.Person().ID)
	for _, w := range strings.Fields(strings.ReplaceAll(c.Args, ",", " ")) {
		service := c.Table.serviceNamed(w)
		switch {
		case everything(w):
			s.All = true
		case Fold(w) == "nuit" || Fold(w) == "night":
			s.Night = true
		case Fold(w) == "jour" || Fold(w) == "day":
			s.Night = false
		case service == "":
			return c.Refuse("subscribe.which", words.Args{"Services": strings.Join(c.Table.serviceIDs(), ", ")})
		case !slices.Contains(s.Services, service):
			s.Services = append(s.Services, service)
		}
	}
	if len(s.Services) == 0 { // "!abonner" alone, or only a word about nights
		s.All = true
	}
	c.Tx.PutSubscription(s)
	c.Whisper(c.subscribed(s))
	c.pointToPrivate()
	return nil
}

func unsubscribe(c *Call) error {
	s := c.Tx.Subscription(c.Person().ID)
	if !s.All && len(s.Services) == 0 {
		return c.Refuse("subscribe.none", nil)
	}
	fields := strings.Fields(strings.ReplaceAll(c.Args, ",", " "))
	if len(fields) == 0 || everything(fields[0]) {
		s.All, s.Services = false, nil
	}
	for _, w := range fields {
		service := c.Table.serviceNamed(w)
		if service == "" && !everything(w) {
			return c.Refuse("subscribe.which", words.Args{"Services": strings.Join(c.Table.serviceIDs(), ", ")})
		}
		if s.All && service != "" { // all but this one
			s.All, s.Services = false, c.Table.serviceIDs()
		}
		s.Services = slices.DeleteFunc(s.Services, func(o string) bool { return o == service })
	}
	c.Tx.PutSubscription(s)
	c.Whisper(c.subscribed(s))
	c.pointToPrivate()
	return nil
}

// subscribed says what a person is told of.
func (c *Call) subscribed(s store.Subscription) string {
	if !s.All && len(s.Services) == 0 {
		return c.W("subscribe.nothing", nil)
	}
	var names []string
	for _, id := range s.Services {
		names = append(names, c.Table.serviceTitle(c.Lang(), id))
	}
	if s.All {
		names = []string{c.W("subscribe.all", nil)}
	}
	text := c.W("subscribe.now", words.Args{"Services": strings.Join(names, ", ")})
	q := c.Table.cfg.Subscriptions
	if q.QuietFrom != "" && !s.Night {
		text += " " + c.W("subscribe.quiet", words.Args{"From": q.QuietFrom, "Until": q.QuietUntil})
	}
	return text + " " + c.W("subscribe.stop", nil)
}

// pointToPrivate says in a shared room that the answer is in private.
func (c *Call) pointToPrivate() {
	if !c.Private() {
		c.SayID("subscribe.private", nil)
	}
}

// tellSubscribers tells those who subscribe to a service, each once however many accounts they
// have, but not those who are told already. about names the thing, seq its word: a later
// word takes the place of one that has not left. text is told whether it will be read only
// in the morning.
func (t *Table) tellSubscribers(turn *bot.Turn, service, about string, seq int, text func(lang string, held bool) string, but map[string]bool) {
	var unsent map[chat.Room][]store.Outgoing
	for _, s := range turn.Tx.Subscriptions() {
		p, ok := turn.Tx.Person(s.Person)
		if !ok || but[s.Person] || !s.Wants(service) || len(p.Rooms) == 0 || p.Rooms[0].Account == "" {
			continue
		}
		q := t.cfg.Subscriptions
		if end, quiet := store.QuietUntil(turn.Now.In(t.cfg.Location()), q.QuietFrom, q.QuietUntil); quiet && !s.Night {
			s.Hold(store.Waiting{About: about, Text: text(t.langOf(p), true), At: turn.Now})
			turn.Tx.PutSubscription(s)
			turn.Tx.SetDue(dueMorning, s.Person, end)
			continue
		}
		if unsent == nil {
			unsent = unsentRows(turn, "sub/")
		}
		for _, row := range unsent[p.Rooms[0]] {
			if strings.HasPrefix(row.Reply.Key, "sub/"+s.Person+"/"+about+"/") {
				turn.Tx.Finish(row, store.Stale, "")
			}
		}
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("sub/%s/%s/%d", s.Person, about, seq)), Room: p.Rooms[0], Tone: chat.Loud, Secret: true, Text: text(t.langOf(p), false), Priority: chat.News},
			bot.Delivery{Track: true, Anywhere: true})
	}
}

// dueMorning is when the quiet hours of somebody who subscribes are over.
const dueMorning = "sub-morning"

// morningDue says what the quiet hours held back, as one word.
func (t *Table) morningDue(turn *bot.Turn, d store.Due) error {
	s := turn.Tx.Subscription(d.Key)
	p, ok := turn.Tx.Person(d.Key)
	if !ok || len(s.Waiting) == 0 || len(p.Rooms) == 0 {
		return nil
	}
	lines := []string{t.words.Say(t.langOf(p), "subscribe.night", nil)}
	for _, w := range s.Waiting {
		lines = append(lines, "- "+w.At.In(t.cfg.Location()).Format("15:04")+" "+w.Text)
	}
	s.Waiting = nil
	turn.Tx.PutSubscription(s)
	turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("sub/%s/morning/%d", d.Key, turn.Now.Unix())), Room: p.Rooms[0], Tone: chat.Loud, Secret: true,
		Text: strings.Join(lines, "\n"), Priority: chat.News}, bot.Delivery{Track: true, Anywhere: true})
	return nil
}

// tellIncidentSubscribers tells of an incident's public word. Those with a ticket on it are told the
// end as such, and asked.
func (t *Table) tellIncidentSubscribers(turn *bot.Turn, i store.Incident, p store.Post, ch change) {
	told := map[string]bool{}
	if i.State == store.IncidentResolved || i.State == store.IncidentCancelled {
		for _, n := range i.Tickets {
			if tk, ok := turn.Tx.Ticket(n); ok && i.State == store.IncidentResolved {
				told[tk.Requester] = true
			}
		}
		for _, person := range i.Followers {
			told[person] = true
		}
	}
	t.tellSubscribers(turn, i.Service, fmt.Sprintf("incident/%d", i.N), p.Seq, func(lang string, held bool) string {
		p := p
		if held { // read in the morning, the hour of the next word has passed
			p.Next = time.Time{}
		}
		if ch.severity {
			return t.worse(lang, i, p)
		}
		return t.headline(lang, i, p)
	}, told)
}
