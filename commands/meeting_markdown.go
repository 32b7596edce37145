package commands

import (
	"fmt"
	"strings"

	"vigie/commands/words"
	"vigie/store"
)

// Minutes are a meeting's minutes as Markdown, for those who were there: with the names
// of the people and the roll of each vote. The info site has them without names.
func (t *Table) Minutes(tx *store.Tx, lang string, m store.Meeting) string {
	var b strings.Builder
	say := func(id string, args words.Args) string { return t.words.Say(lang, id, args) }
	zone := t.cfg.Location()
	fmt.Fprintf(&b, "# %s\n\n", markdown(m.Title[lang]))
	end := ""
	if !m.Ended.IsZero() {
		end = m.Ended.In(zone).Format("15:04")
	}
	fmt.Fprintf(&b, "%s\n\n", say("meeting.md_when", words.Args{"When": civilWords(lang, store.CivilOf(m.Began, zone)), "End": end}))
	var names []string
	for _, id := range m.People {
		names = append(names, markdown(t.nameOf(tx, lang, id)))
	}
	fmt.Fprintf(&b, "%s\n", say("meeting.md_people", words.Args{"Names": strings.Join(names, ", ")}))
	if len(m.Agenda) > 0 {
		fmt.Fprintf(&b, "\n## %s\n\n", say("meeting.md_agenda", nil))
		for i, item := range m.Agenda {
			fmt.Fprintf(&b, "%d. %s\n", i+1, markdown(item))
		}
	}
	b.WriteString("\n")
	for _, l := range m.Lines {
		text := markdown(l.Text)
		switch l.Kind {
		case store.MinuteTopic:
			fmt.Fprintf(&b, "\n## %s\n\n", text)
			continue
		case store.MinuteVote:
			text = markdown(t.voteResult(tx, lang, l))
		}
		fmt.Fprintf(&b, "- %s\n", say("meeting.md_"+string(l.Kind), words.Args{"Text": text, "N": l.Action, "Who": markdown(t.nameOf(tx, lang, l.By)), "Time": l.At.In(zone).Format("15:04")}))
	}
	return b.String()
}

// markdown makes a text stand in Markdown as it is, on one line.
func markdown(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", `\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", "#", `\#`).Replace(s)
}
