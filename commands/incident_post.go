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
	t.postWith(turn, i, store.Post{By: by, Text: text})
}

// postWith is post for a word that says more: a new severity, or when the next one comes.
func (t *Table) postWith(turn *bot.Turn, i *store.Incident, p store.Post) {
	p.At = turn.Now
	slower := false
	if i.Open() && p.Next.IsZero() {
		p.Next, slower = t.pace(*i, turn.Now)
	}
	ch := change{severity: p.Severity != 0}
	if len(i.Posts) > 0 {
		ch.more = i.Posts[len(i.Posts)-1].State == i.State
		ch.again = i.State == store.IncidentOngoing && i.Posts[len(i.Posts)-1].State == store.IncidentResolved
	}
	if slower && !i.Slowed {
		i.Slowed = true
		p.Slower = t.cfg.Incidents.SlowEvery
	}
	i.Affected = t.affected(i.Service, i.Site)
	p = i.Say(p)
	turn.Tx.PutIncident(*i)
	t.tellRooms(turn, *i, p, ch)
	t.tellIncidentSubscribers(turn, *i, p, ch)
	t.topics(turn)
	if i.Open() {
		turn.Tx.SetDue(dueNag, strconv.Itoa(i.N), p.Next)
	} else {
		turn.Tx.ClearDue(dueNag, strconv.Itoa(i.N))
	}
}

// pace is when the next word comes: often at first, less once it lasts.
func (t *Table) pace(i store.Incident, now time.Time) (next time.Time, slower bool) {
	c := t.cfg.Incidents
	if now.Sub(i.Opened) < c.SlowAfter {
		return now.Add(c.Every), false
	}
	return now.Add(max(c.Every, c.SlowEvery)), c.SlowEvery > c.Every
}

// headline is one public word about an incident: what, since when, what is new,
// when the next word comes, where to read on.
func (t *Table) headline(lang string, i store.Incident, p store.Post) string {
	if p.Text == "" { // nothing new: what was said last of this state still holds
		for _, o := range i.Posts {
			if o.Seq < p.Seq && o.State == p.State && o.Text != "" {
				p.Text = o.Text
			}
		}
	}
	args := words.Args{"Service": t.serviceTitle(lang, i.Service), "Title": i.Title, "N": i.N, "Text": p.Text, "Into": i.Into,
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
	if i.DataLoss != "" && i.State == store.IncidentResolved {
		out = append(out, t.words.Say(lang, "incident.data_loss_"+i.DataLoss, nil))
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
	if p.Slower > 0 {
		out = append(out, t.words.Say(lang, "incident.slower", words.Args{"Time": span(p.Slower, lang)}))
	}
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
	var unsent map[chat.Room][]store.Outgoing
	open := slices.DeleteFunc(turn.Tx.Incidents(), func(i store.Incident) bool { return !i.Open() })
	for _, place := range t.cfg.rooms(func(_ string, r Room) bool { return r.Topic }) {
		lang := t.roomLang(place)
		var parts []string
		for _, i := range open {
			if slices.Contains(t.concerned(i.Service), place) {
				parts = append(parts, t.words.Say(lang, "incident.topic", words.Args{"Service": t.serviceTitle(lang, i.Service), "N": i.N}))
			}
		}
		name := "topic-set/" + place.String()
		before, now := turn.Tx.Note(name), strings.Join(parts, " · ")
		if before == now {
			continue
		}
		turn.Tx.SetNote(name, now)
		if unsent == nil {
			unsent = unsentRows(turn, "")
		}
		dropTopics(turn, unsent[place])
		topic := turn.Tx.Note("topic/" + place.String())
		if now != "" && topic != "" {
			topic = now + " | " + topic
		} else if now != "" {
			topic = now
		}
		turn.Deliver(chat.Reply{Kind: chat.Topic, Room: place, Text: topic, Priority: chat.News}, bot.Delivery{Stored: true})
	}
}

// dropTopics takes back the topics that a place has not been sent yet: the last one counts.
func dropTopics(turn *bot.Turn, rows []store.Outgoing) {
	for _, row := range rows {
		if row.Reply.Kind == chat.Topic && !row.Claimed {
			turn.Tx.Finish(row, store.Stale, "")
		}
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
	text := t.words.Say(t.cfg.Language, "incident.nag", words.Args{"N": i.N, "Time": i.NextUpdate.In(t.cfg.Location()).Format("15:04")})
	for _, room := range t.cfg.StaffRooms() { // after an absence the last one alone is read
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("staff/nag-%d-%d/%s", i.N, turn.Now.Unix(), room)), Room: room, Text: text, Secret: true,
			Tone: chat.Loud, Priority: chat.Urgent, Expires: turn.Now.Add(t.cfg.Incidents.Every)}, bot.Delivery{Track: true})
	}
	c := t.cfg.Incidents // ever more rarely: nobody is helped by forty reminders in a night
	turn.Tx.SetDue(dueNag, d.Key, turn.Now.Add(max(c.Every, min(c.SlowEvery, 2*turn.Now.Sub(i.NextUpdate)))))
	return nil
}
