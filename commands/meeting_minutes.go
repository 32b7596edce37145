package commands

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// dueMeetingEnd ends a meeting that everybody has forgotten.
const dueMeetingEnd = "meeting-end"

// startMeeting opens the minutes in the room where it is said, on all its networks.
func startMeeting(c *Call) error {
	if c.RoomName == "" {
		return c.Refuse("meeting.in_a_room", nil)
	}
	if m, ok := c.Tx.RunningMeeting(c.RoomName); ok {
		return c.Refuse("meeting.already", words.Args{"Title": m.Title[c.Lang()]})
	}
	m := store.Meeting{Room: c.RoomName, Chair: c.Person().ID, Title: map[string]string{}, Public: c.Room.Audience == Public}
	for _, lang := range words.Languages() {
		m.Title[lang] = c.Table.words.Say(lang, "meeting.untitled", nil)
	}
	if p, ok := c.Table.plannedMeeting(c.Tx, c.Now.Add(-c.Table.cfg.Meetings.Longest)); ok && p.At.Before(c.Now.Add(c.Table.cfg.Meetings.Longest)) {
		m.Schedule, m.Civil, m.Title = p.Schedule, p.Civil, p.Title
	}
	if title := chat.Plain(c.Args, 100); title != "" {
		m.Title = map[string]string{"fr": title, "en": title}
	}
	for _, i := range c.Tx.AgendaItems() {
		m.Agenda = append(m.Agenda, i.Text)
		c.Tx.DropAgendaItem(i.N)
	}
	actions := c.Tx.Actions()
	for _, a := range actions {
		m.Due = append(m.Due, a.N)
	}
	m.Attend(c.Person().ID)
	m = c.Tx.NewMeeting(m)
	c.Tx.SetDue(dueMeetingEnd, fmt.Sprint(m.N), c.Now.Add(c.Table.cfg.Meetings.Longest))
	c.Tx.Audit(c.Person().ID, "meeting start", fmt.Sprint(m.N), c.RoomName)
	c.Table.inMeetingRoom(c.Turn, m, "begin", func(lang string) string {
		rows := []string{c.Table.words.Say(lang, "meeting.begins", words.Args{"Title": m.Title[lang]})}
		if len(m.Agenda) > 0 {
			rows = append(rows, c.Table.words.Say(lang, "meeting.agenda", words.Args{"Items": numbered(m.Agenda)}))
		}
		if len(actions) > 0 {
			rows = append(rows, c.Table.words.Say(lang, "meeting.follow_up", words.Args{"Count": len(actions), "Actions": actionWords(actions)}))
		}
		return strings.Join(append(rows, c.Table.words.Say(lang, "meeting.how", nil)), "\n")
	})
	return nil
}

func numbered(list []string) string {
	var out []string
	for i, s := range list {
		out = append(out, fmt.Sprintf("%d. %s", i+1, s))
	}
	return strings.Join(out, " ; ")
}

func actionWords(list []store.Action) string {
	var out []string
	for _, a := range list {
		out = append(out, fmt.Sprintf("%d. %s", a.N, a.Text))
	}
	return strings.Join(out, " ; ")
}

// inMeetingRoom says something in every place of the meeting's room, once each, in the
// room's language.
func (t *Table) inMeetingRoom(turn *bot.Turn, m store.Meeting, what string, text func(lang string) string) {
	for _, room := range t.cfg.rooms(func(name string, _ Room) bool { return name == m.Room }) {
		_, r, _ := t.cfg.RoomOf(room)
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("meeting/%d/%s/%s", m.N, what, room)), Room: room, Text: text(t.roomLang(room)),
			Secret: r.Audience == Staff, Priority: chat.Answer}, bot.Delivery{Track: true})
	}
}

// verbs are the words behind "#", as MeetBot has them, and in French.
func verbs() map[string]string {
	return map[string]string{
		"sujet": "sujet", "topic": "sujet", "info": "info", "action": "action", "accord": "accord", "agreed": "accord", "agree": "accord",
		"vote": "vote", "startvote": "vote", "endvote": "vote", "lien": "lien", "link": "lien", "annuler": "annuler", "undo": "annuler",
		"finir": "finir", "end": "finir", "endmeeting": "finir",
	}
}

// chairs tells which verbs only the board has; the others are everybody's whom the
// network vouches for.
func chairs(verb string) bool { return verb != "info" && verb != "action" && verb != "lien" }

// inMeeting takes what concerns the meeting under way in this room: a verb behind "#", a
// vote, and that somebody is there. Everything else goes its way.
func (t *Table) inMeeting(c *Call, l line) (bool, error) {
	if c.RoomName == "" || c.Msg.Kind != chat.Text {
		return false, nil
	}
	m, ok := c.Tx.RunningMeeting(c.RoomName)
	if !ok {
		return false, nil
	}
	if m.Attend(c.Person().ID) {
		c.Tx.PutMeeting(m)
	}
	word, rest := cutWord(strings.TrimSpace(c.Msg.Text))
	if name, ok := strings.CutPrefix(word, "#"); ok {
		verb := verbs()[Fold(name)]
		if verb == "" {
			return false, nil
		}
		if Fold(name) == "endvote" {
			rest = ""
		}
		role := Member
		if chairs(verb) {
			role = Board
		}
		if !c.Has(role) {
			return true, c.Refuse("meeting.not_chair", nil)
		}
		return true, c.minute(m, verb, rest)
	}
	if v := m.Voting(); v != nil {
		if vote, ok := voteOf(c.Msg.Text); ok {
			return true, c.vote(m, v, vote)
		}
	}
	return false, nil
}

// voteOf reads a vote: nothing but "+1", "-1", "0", or the word for it.
func voteOf(text string) (int, bool) {
	switch Fold(strings.TrimSpace(text)) {
	case "+1", "pour", "for", "👍":
		return 1, true
	case "-1", "−1", "contre", "against", "👎":
		return -1, true
	case "0", "+0", "-0", "abstention", "abstain":
		return 0, true
	}
	return 0, false
}

// vote counts somebody's voice: one a person, whatever their networks, the last one.
func (c *Call) vote(m store.Meeting, v *store.Minute, vote int) error {
	if !c.Msg.From.Known() {
		return c.Refuse("meeting.vote_login", nil)
	}
	if v.Vote(c.Person().ID, vote) {
		c.Tx.PutMeeting(m)
	}
	if c.Msg.ID != "" {
		c.Turn.Say(chat.Reply{Room: c.Msg.Room, Kind: chat.React, Target: c.Msg.ID, Text: "✅"})
	}
	return nil
}

// kinds of minutes by verb.
func minuteKind(verb string) store.MinuteKind {
	return map[string]store.MinuteKind{"sujet": store.MinuteTopic, "info": store.MinuteInfo, "action": store.MinuteAction,
		"accord": store.MinuteAgreed, "vote": store.MinuteVote, "lien": store.MinuteLink}[verb]
}

// minute does what a verb says.
func (c *Call) minute(m store.Meeting, verb, text string) error {
	if verb == "finir" {
		c.Table.endMeeting(c.Turn, m)
		return nil
	}
	if verb == "annuler" {
		return c.undoMinute(m)
	}
	text = chat.Plain(text, 400)
	if verb == "vote" && (text == "" || Fold(text) == "fin" || Fold(text) == "end") {
		if !c.closeVote(&m) {
			return c.Refuse("meeting.no_vote", nil)
		}
		c.Tx.PutMeeting(m)
		return nil
	}
	if text == "" {
		return c.Refuse("meeting.what", words.Args{"Verb": verb})
	}
	c.closeVote(&m)
	line := store.Minute{Kind: minuteKind(verb), Text: text, By: c.Person().ID, At: c.Now, Open: verb == "vote"}
	if line.Kind == store.MinuteAction {
		line.Action = c.Tx.AddAction(store.Action{Meeting: m.N, Text: text}).N
	}
	if err := m.Add(line); errors.Is(err, store.ErrLongMeeting) {
		return c.Refuse("meeting.full", nil)
	}
	c.Tx.PutMeeting(m)
	who := c.nameOf(c.Person().ID)
	c.Table.inMeetingRoom(c.Turn, m, c.minuteKey(m), func(lang string) string {
		return c.Table.words.Say(lang, "meeting.noted_"+string(line.Kind), words.Args{"Text": text, "Who": who, "N": line.Action})
	})
	return nil
}

// minuteKey names what is said about the last line; a line that takes the place of one that
// was undone has a name of its own.
func (c *Call) minuteKey(m store.Meeting) string {
	return fmt.Sprintf("%d-%d", len(m.Lines), c.Tx.Next("minute"))
}

// closeVote ends the vote under way and tells its result with the roll of who voted what.
func (c *Call) closeVote(m *store.Meeting) bool {
	v, was := m.CloseVote()
	if !was {
		return false
	}
	c.Table.inMeetingRoom(c.Turn, *m, "vote-"+c.minuteKey(*m), func(lang string) string { return c.Table.voteResult(c.Tx, lang, v) })
	return true
}

// voteResult is a vote in words, with its roll.
func (t *Table) voteResult(tx *store.Tx, lang string, v store.Minute) string {
	yes, no, neither := v.Count()
	text := t.words.Say(lang, "meeting.vote_result", words.Args{"Text": v.Text, "Yes": yes, "No": no, "Neither": neither})
	for _, side := range []struct {
		vote int
		id   string
	}{{1, "meeting.roll_yes"}, {-1, "meeting.roll_no"}, {0, "meeting.roll_neither"}} {
		var names []string
		for _, id := range v.Voters {
			if v.Votes[id] == side.vote {
				names = append(names, t.nameOf(tx, lang, id))
			}
		}
		if len(names) > 0 {
			text += " " + t.words.Say(lang, side.id, words.Args{"Names": strings.Join(names, ", ")})
		}
	}
	return text
}

// undoMinute takes the last line back, and its action with it.
func (c *Call) undoMinute(m store.Meeting) error {
	line, ok := m.Undo()
	if !ok {
		return c.Refuse("meeting.nothing_to_undo", nil)
	}
	if line.Action > 0 {
		c.Tx.EndAction(line.Action)
	}
	c.Tx.PutMeeting(m)
	c.Table.inMeetingRoom(c.Turn, m, "undo-"+c.minuteKey(m), func(lang string) string {
		return c.Table.words.Say(lang, "meeting.undone", words.Args{"Text": line.Text})
	})
	return nil
}

// meetingEndDue ends a meeting that nobody ended.
func (t *Table) meetingEndDue(turn *bot.Turn, d store.Due) error {
	n, _ := number(d.Key)
	if m, ok := turn.Tx.Meeting(n); ok && m.Ended.IsZero() {
		t.endMeeting(turn, m)
	}
	return nil
}

// endMeeting closes the minutes, and says where they are to be read.
func (t *Table) endMeeting(turn *bot.Turn, m store.Meeting) {
	if v, was := m.CloseVote(); was {
		t.inMeetingRoom(turn, m, "last-vote", func(lang string) string { return t.voteResult(turn.Tx, lang, v) })
	}
	m.Ended = turn.Now
	turn.Tx.ClearDue(dueMeetingEnd, fmt.Sprint(m.N))
	turn.Tx.PutMeeting(m)
	for _, room := range t.cfg.rooms(func(name string, _ Room) bool { return name == m.Room }) {
		lang := t.roomLang(room)
		_, r, _ := t.cfg.RoomOf(room)
		count := map[store.MinuteKind]int{}
		for _, l := range m.Lines {
			count[l.Kind]++
		}
		args := words.Args{"Title": m.Title[lang], "Topics": count[store.MinuteTopic], "Decisions": count[store.MinuteAgreed] + count[store.MinuteVote],
			"Actions": count[store.MinuteAction], "Length": span(m.Ended.Sub(m.Began).Round(time.Minute), lang), "Link": ""}
		if r.Audience == Public && t.cfg.Incidents.InfoURL != "" {
			args["Link"] = fmt.Sprintf("%s/%s/meeting/%d", strings.TrimRight(t.cfg.Incidents.InfoURL, "/"), lang, m.N)
		}
		file := chat.File{Name: fmt.Sprintf("%s-%d.md", t.words.Say(lang, "meeting.file", nil), m.N), Type: "text/markdown",
			Data: []byte(t.Minutes(turn.Tx, lang, m))}
		reply := chat.Reply{Key: replyKey(fmt.Sprintf("meeting/%d/end/%s", m.N, room)), Room: room, Text: t.words.Say(lang, "meeting.ends", args),
			Secret: r.Audience == Staff, Priority: chat.Answer}
		if file.Size = int64(len(file.Data)); file.Size <= chat.MaxFile {
			reply.File = &file
		}
		turn.Deliver(reply, bot.Delivery{Track: true})
	}
}
