package web

import (
	"fmt"
	"slices"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// Minutes are those of a public meeting as anybody may read them: what was spoken of
// and decided, and no names; a vote has its count and not its roll.
type Minutes struct {
	N            int
	Title        map[string]string
	Began, Ended time.Time
	People       int
	Agenda       []string
	Lines        []Minute
}

// Minute is one line of them.
type Minute struct {
	// Kind is topic, info, link, action, agreed or vote.
	Kind, Text string
	// Yes, No and Neither are a vote's count.
	Yes, No, Neither int
}

// Link is the text when it is an address that can be gone to, else empty.
func (m Minute) Link() string {
	if m.Kind != string(store.MinuteLink) {
		return ""
	}
	return safeLink(m.Text)
}

// mostMinutes is how many meetings are shown, the newest.
const mostMinutes = 60

// meetings are the minutes of public meetings that are over, the newest first.
func meetings(tx *store.Tx) []Minutes {
	var out []Minutes
	for _, m := range slices.Backward(tx.Meetings()) {
		if !m.Public || m.Ended.IsZero() {
			continue
		}
		if len(out) == mostMinutes {
			break
		}
		p := Minutes{N: m.N, Title: clean(m.Title, mostTitle), Began: m.Began, Ended: m.Ended, People: len(m.People)}
		for _, a := range m.Agenda {
			p.Agenda = append(p.Agenda, chat.Cut(chat.Clean(a), mostText))
		}
		for _, l := range m.Lines {
			line := Minute{Kind: string(l.Kind), Text: chat.Cut(chat.Clean(l.Text), mostText)}
			line.Yes, line.No, line.Neither = l.Count()
			p.Lines = append(p.Lines, line)
		}
		out = append(out, p)
	}
	return out
}

// Minutes are those of the document, nil when there are none.
func (v *view) Minutes() *Minutes {
	i := slices.IndexFunc(v.Meetings, func(m Minutes) bool { return m.N == v.item.n })
	if i < 0 {
		return nil
	}
	return &v.Meetings[i]
}

// LatestMinutes are the newest few.
func (v *view) LatestMinutes() []Minutes { return v.Meetings[:min(3, len(v.Meetings))] }

// Minute is a line in words.
func (v *view) Minute(l Minute) string {
	switch l.Kind {
	case string(store.MinuteAction):
		return v.With("web.minute_action", "Text", l.Text)
	case string(store.MinuteAgreed):
		return v.With("web.minute_agreed", "Text", l.Text)
	case string(store.MinuteVote):
		return v.With("web.minute_vote", "Text", l.Text) + " " + fmt.Sprintf(v.W("web.minute_count"), l.Yes, l.No, l.Neither)
	}
	return l.Text
}

// plainMinutes is a meeting as text.
func (v *view) plainMinutes(line func(string, ...any), m Minutes) {
	line("%s – %s", v.In(m.Title), v.Date(m.Began))
	line("  %s", v.Count("web.minutes_people", m.People))
	for i, a := range m.Agenda {
		line("  %d. %s", i+1, a)
	}
	for _, l := range m.Lines {
		if l.Kind == string(store.MinuteTopic) {
			line("\n%s", l.Text)
			continue
		}
		line("  - %s", v.Minute(l))
	}
}
