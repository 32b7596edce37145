package commands

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// change is how a public word differs from the one before.
type change struct {
	// more: the state was said before, and the text is the news.
	more bool
	// severity: it got better or worse.
	severity bool
	// again: it was over, and is not.
	again bool
}

// tellRooms says a public word in each room that it concerns, where most people reported it
// first. What an earlier word left unsent is dropped: it would come as a burst, and be old.
//
// Where lines are short each word is a line. Elsewhere the first stays pinned and is
// changed in place; only what nobody may miss is said anew: that it got worse or better, that it
// came back, that it is over.
func (t *Table) tellRooms(turn *bot.Turn, i store.Incident, p store.Post, ch change) {
	unsent := unsentRows(turn, fmt.Sprintf("incident/%d/", i.N))
	behinds := map[chat.Room]bool{}
	for room, rows := range unsent {
		behinds[room] = drop(turn, rows)
	}
	var told map[chat.Room]bool
	if len(unsent) > 0 && !i.Open() { // only then does anybody ask
		told = roomsTold(turn.Tx, i.N)
	}
	for _, room := range t.worstFirst(turn.Tx, i) {
		behind := behinds[room]
		if t.editable(room) {
			t.tellInPlace(turn, i, p, ch, room, behind, told[room])
			continue
		}
		root := rootNote(i.N, room)
		unheard := behind && !told[room]
		text := t.roomWords(i, p, ch, room, behind)
		if unheard && !i.Open() {
			text = t.wholeStory(t.roomLang(room), i, p)
		}
		t.announceIncident(turn, postKey(i.N, p.Seq, room), room, text)
		turn.Tx.SetNote(root, "")
	}
}

// roomWords is a word as one line: the news alone, or all of it where something was missed.
func (t *Table) roomWords(i store.Incident, p store.Post, ch change, room chat.Room, behind bool) string {
	lang := t.roomLang(room)
	switch {
	case behind:
		return t.headline(lang, i, p)
	case ch.severity:
		return t.worse(lang, i, p)
	case ch.more && p.Text != "":
		return t.news(lang, i, p)
	case ch.more:
		return t.endOfNews(lang, p, []string{t.words.Say(lang, "incident.post_still", words.Args{"Service": t.serviceTitle(lang, i.Service),
			"State": t.words.Say(lang, "incident.state_"+string(i.State), nil)})})
	}
	return t.headline(lang, i, p)
}

// tellInPlace changes the announcement where it stands, and says anew what nobody may miss.
func (t *Table) tellInPlace(turn *bot.Turn, i store.Incident, p store.Post, ch change, room chat.Room, behind, heard bool) {
	note := rootNote(i.N, room)
	root := turn.Tx.Note(note)
	if d, ok := turn.Tx.Delivery(root); !ok || ch.again || d.State == store.Stale || d.State == store.Failed {
		root = ""
	}
	lang, key := t.roomLang(room), postKey(i.N, p.Seq, room)
	switch {
	case root == "" && !i.Open() && behind && !heard:
		t.announceIncident(turn, key, room, t.wholeStory(lang, i, p))
	case root == "" && !i.Open():
		t.announceIncident(turn, key, room, t.roomWords(i, p, ch, room, behind))
	case root == "":
		t.announceIncident(turn, key, room, t.headline(lang, i, p))
		turn.Tx.SetNote(note, key)
		turn.Deliver(chat.Reply{Key: incidentKey("pin", i.N, p.Seq, room), Kind: chat.Pin, Room: room, TargetOf: key, Priority: chat.News}, bot.Delivery{Stored: true})
	case i.Open():
		turn.Deliver(chat.Reply{Key: key, Kind: chat.Amend, TargetOf: root, Room: room, Tone: chat.Loud, Text: t.headline(lang, i, p), Priority: chat.Urgent},
			bot.Delivery{Track: true})
		if ch.severity {
			t.announceIncident(turn, incidentKey("notice", i.N, p.Seq, room), room, t.worse(lang, i, store.Post{Severity: p.Severity}))
		}
	default:
		t.announceIncident(turn, key, room, t.headline(lang, i, p))
		turn.Deliver(chat.Reply{Key: incidentKey("amend", i.N, p.Seq, room), Kind: chat.Amend, TargetOf: root, Room: room, Text: t.struck(lang, i), Priority: chat.News},
			bot.Delivery{Stored: true})
		turn.Deliver(chat.Reply{Key: incidentKey("unpin", i.N, p.Seq, room), Kind: chat.Unpin, Room: room, TargetOf: root, Priority: chat.News}, bot.Delivery{Stored: true})
		turn.Tx.SetNote(note, "")
	}
}

// announceIncident says a line about an incident before anybody's answer: it answers them all.
func (t *Table) announceIncident(turn *bot.Turn, key string, room chat.Room, text string) {
	turn.Deliver(chat.Reply{Key: key, Room: room, Tone: chat.Loud, Text: text, Priority: chat.Urgent}, bot.Delivery{Track: true})
}

// editable tells whether what was said in a room can be changed in place: not where lines
// are short.
func (t *Table) editable(room chat.Room) bool { return t.lines(room.Network) == 0 }

func rootNote(n int, room chat.Room) string { return fmt.Sprintf("incident-root/%d/%s", n, room) }

func postKey(n, seq int, room chat.Room) string { return incidentKey("post", n, seq, room) }

func incidentKey(what string, n, seq int, room chat.Room) string {
	return replyKey(fmt.Sprintf("incident/%d/%s/%d/%s", n, what, seq, room))
}

// unsentRows are the rows whose key begins with prefix and that have not left, by room. One
// that may have left is not among them.
func unsentRows(turn *bot.Turn, prefix string) map[chat.Room][]store.Outgoing {
	out := map[chat.Room][]store.Outgoing{}
	for _, row := range turn.Tx.Outbox() {
		if strings.HasPrefix(row.Reply.Key, prefix) && (!row.Claimed || row.Away) {
			out[row.Reply.Room] = append(out[row.Reply.Room], row)
		}
	}
	return out
}

// drop takes rows back that would come late, and tells whether there were any.
func drop(turn *bot.Turn, rows []store.Outgoing) bool {
	for _, row := range rows {
		turn.Tx.Finish(row, store.Stale, "")
	}
	return len(rows) > 0
}

// roomsTold are the rooms that were told of an incident before, as far as is known.
func roomsTold(tx *store.Tx, n int) map[chat.Room]bool {
	out := map[chat.Room]bool{}
	for _, d := range tx.Deliveries(fmt.Sprintf("incident/%d/post/", n)) {
		if d.State != store.Stale && d.State != store.Failed {
			out[d.Room] = true
		}
	}
	return out
}

// worstFirst are the rooms that an incident concerns, those first where most of those who
// reported it are.
func (t *Table) worstFirst(tx *store.Tx, i store.Incident) []chat.Room {
	rooms := t.concerned(i.Service)
	hit := map[chat.Room]int{}
	for _, n := range i.Tickets {
		tk, ok := tx.Ticket(n)
		for _, r := range rooms {
			switch {
			case !ok:
			case r == tk.Origin:
				hit[r] += 1000
			case r.Network == tk.Origin.Network:
				hit[r]++
			}
		}
	}
	slices.SortStableFunc(rooms, func(a, b chat.Room) int { return hit[b] - hit[a] })
	return rooms
}

// worse says that the severity changed, with what else is new.
func (t *Table) worse(lang string, i store.Incident, p store.Post) string {
	out := []string{t.words.Say(lang, "incident.post_severity", words.Args{"Service": t.serviceTitle(lang, i.Service),
		"Severity": t.words.Say(lang, fmt.Sprintf("web.severity_%d", min(max(i.Severity, 1), 4)), nil)})}
	if p.Text != "" {
		out = append(out, sentence(p.Text))
	}
	return t.endOfNews(lang, p, out)
}

// struck is what an announcement becomes where it stands, once it is over.
func (t *Table) struck(lang string, i store.Incident) string {
	end := i.Resolved
	if end.IsZero() {
		end = i.Posts[len(i.Posts)-1].At
	}
	return t.words.Say(lang, "incident.struck_"+string(i.State), words.Args{"Service": t.serviceTitle(lang, i.Service),
		"Since": i.Opened.In(t.cfg.Location()).Format("15:04"), "Until": end.In(t.cfg.Location()).Format("15:04"), "Into": i.Into})
}

// wholeStory tells a room of an incident that began and ended while it could not be reached.
func (t *Table) wholeStory(lang string, i store.Incident, p store.Post) string {
	return t.endOfNews(lang, store.Post{Next: p.Next}, append([]string{t.struck(lang, i), t.words.Say(lang, "incident.missed", nil)}, nonEmpty(sentence(p.Text))...))
}
