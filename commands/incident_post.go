package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// post says an incident's new state in every announcement room, sets topics and
// winds the clock of the next word.
func (t *Table) post(turn *bot.Turn, i *store.Incident, by, text string) {
	next := time.Time{}
	if i.Open() {
		next = turn.Now.Add(t.cfg.Incidents.Every)
	}
	more := len(i.Posts) > 0 && i.Posts[len(i.Posts)-1].State == i.State
	p := i.Say(store.Post{At: turn.Now, By: by, Text: text, Next: next})
	turn.Tx.PutIncident(*i)
	for _, room := range t.concerned(i.Service) {
		said := t.headline(t.roomLang(room), *i, p)
		if more && text != "" { // the state was said before: the news alone
			said = t.news(t.roomLang(room), *i, p)
		}
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("incident/%d/post/%d/%s", i.N, p.Seq, room)), Room: room, Tone: chat.Loud,
			Text: said, Priority: chat.Urgent}, bot.Delivery{Track: true}) // before anybody's answer: it answers them all
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
	id := "incident.post_" + string(i.State)
	if i.State == store.IncidentOngoing && slices.ContainsFunc(i.Posts, func(o store.Post) bool { return o.State == store.IncidentResolved && o.Seq < p.Seq }) {
		id = "incident.post_again"
	}
	out := []string{t.words.Say(lang, id, args)}
	if i.Title != "" && (p.Seq == 1 || p.Text == "" && i.State == store.IncidentOngoing) {
		out = append(out, sentence(i.Title))
	}
	if p.Text != "" {
		out = append(out, sentence(p.Text))
	}
	return t.endOfNews(lang, p, out)
}

// news is a word about an incident whose state has been told before.
func (t *Table) news(lang string, i store.Incident, p store.Post) string {
	return t.endOfNews(lang, p, []string{t.words.Say(lang, "incident.post_more", words.Args{"Service": t.serviceTitle(lang, i.Service)}), ended(p.Text)})
}

// sentence makes a text one: a capital in front, unless it begins with a name such
// as web3, and a full stop behind if it ends with no sign of its own.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if first, _ := cutWord(s); !strings.ContainsAny(first, "0123456789./") {
		r := []rune(s)
		s = string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return ended(s)
}

// ended puts a full stop behind a text that ends with no sign of its own.
func ended(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:)") {
		return s
	}
	return s + "."
}

func (t *Table) endOfNews(lang string, p store.Post, out []string) string {
	if !p.Next.IsZero() {
		out = append(out, t.words.Say(lang, "incident.next", words.Args{"Time": p.Next.In(t.cfg.Location()).Format("15:04")}))
	}
	if t.cfg.Incidents.InfoURL != "" {
		out = append(out, t.cfg.Incidents.InfoURL)
	}
	return strings.Join(out, " ")
}

// concerns tells whether trouble with a service concerns a logical room: it does,
// unless the service lists others.
func (t *Table) concerns(service, room string) bool {
	for _, s := range t.cfg.Services {
		if s.ID == service && len(s.Rooms) > 0 {
			return slices.Contains(s.Rooms, room)
		}
	}
	return true
}

// concerned are the places where trouble with a service is announced: all
// announcement rooms, or those that the service lists.
func (t *Table) concerned(service string) []chat.Room {
	listed := slices.ContainsFunc(t.cfg.Services, func(s Service) bool { return s.ID == service && len(s.Rooms) > 0 })
	return t.cfg.rooms(func(name string, r Room) bool {
		return (r.Announcements || listed && r.Audience != Staff) && t.concerns(service, name)
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
