package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
)

// VolunteerEntry is somebody of the directory: who, for what, when. Nobody is in it who did not agree.
type VolunteerEntry struct {
	Name string `yaml:"name"`
	// Agreed is the day on which they agreed to be in the directory; without it the
	// configuration is refused.
	Agreed string `yaml:"agreed"`
	// For are the subjects, as people say them, in any language.
	For []string `yaml:"for"`
	// When and About are in their own words, by language.
	When  map[string]string `yaml:"when"`
	About map[string]string `yaml:"about"`
	// Contact is how to reach them, as they want it shown; empty: only through a ticket.
	Contact string `yaml:"contact"`
	// Show is who may read Contact: public, members (people with an account) or staff.
	Show Audience `yaml:"show"`
}

// checkVolunteers looks at the directory.
func (c *Config) checkVolunteers() []Problem {
	var p []Problem
	for i, v := range c.Volunteers {
		path := fmt.Sprintf("volunteers[%d]", i)
		if strings.TrimSpace(v.Name) == "" || len(v.For) == 0 {
			p = append(p, Problem{path, "somebody needs a name, and subjects", "write {name: Jean, agreed: 2026-01-31, for: [mail, DNS]}"})
		}
		if !isDate(v.Agreed) {
			p = append(p, Problem{path + ".agreed", fmt.Sprintf("%q is no day: nobody is shown who did not agree", v.Agreed), "write the day on which they agreed, such as agreed: 2026-01-31"})
		}
		if !slices.Contains([]Audience{"", Public, Members, Staff}, v.Show) {
			p = append(p, Problem{path + ".show", fmt.Sprintf("%q is not an audience", v.Show), "write public, members or staff"})
		}
	}
	return p
}

// answersFor tells whether somebody of the directory answers for what was asked.
func (v VolunteerEntry) answersFor(subject string) bool {
	want := asWords(subject)
	return slices.ContainsFunc(v.For, func(s string) bool {
		s = asWords(s)
		return s == want || len(want) > 2 && strings.Contains(" "+s+" ", " "+want+" ") || len(s) > 2 && strings.Contains(" "+want+" ", " "+s+" ")
	})
}

// who says who may be asked about a subject, or, without one, who reads here and which
// subjects there is somebody for. It answers anybody: a newcomer is no member yet.
func who(c *Call) error {
	list := c.Table.cfg.Volunteers
	if c.Args == "" {
		return c.whoReads(list)
	}
	subject := chat.Plain(c.Args, 60)
	var rows []string
	for _, v := range list {
		if v.answersFor(c.Args) {
			rows = append(rows, c.volunteer(v))
		}
	}
	if len(rows) == 0 {
		c.SayID("volunteers.nobody", words.Args{"Subject": subject, "Subjects": subjects(list)})
		return nil
	}
	c.Say(strings.Join(append(rows, c.W("person.who_team", words.Args{"Duty": c.Table.dutyWords(c.Turn, c.Lang())})), "\n"))
	return nil
}

// whoReads says honestly who may read what is written here.
func (c *Call) whoReads(list []VolunteerEntry) error {
	audience := string(c.Room.Audience)
	switch {
	case c.Private():
		audience = "private"
	case audience == "":
		audience = string(Public)
	}
	text := c.W("person.who_"+audience, nil) + " " + c.W("person.who_team", words.Args{"Duty": c.Table.dutyWords(c.Turn, c.Lang())})
	if len(list) > 0 {
		text += "\n" + c.W("volunteers.subjects", words.Args{"Subjects": subjects(list)})
	}
	c.Say(text)
	return nil
}

// volunteer is one line of the directory, with the contact as far as it may be shown to
// whoever asks, here.
func (c *Call) volunteer(v VolunteerEntry) string {
	say := func(m map[string]string) string {
		if s := m[c.Lang()]; s != "" {
			return s
		}
		return m[c.Table.cfg.Language]
	}
	args := words.Args{"Name": chat.Plain(v.Name, 60), "For": strings.Join(v.For, ", "), "When": say(v.When), "About": say(v.About), "Contact": ""}
	if v.Contact != "" && c.maySee(v.Show) {
		args["Contact"] = chat.Plain(v.Contact, 120)
	}
	return c.W("volunteers.row", args)
}

// maySee tells whether a text for an audience may be said here to whoever speaks.
func (c *Call) maySee(a Audience) bool {
	switch a {
	case Members:
		return c.InStaffRoom() || c.Room.Audience == Members || c.Private() && c.Msg.From.Known()
	case Staff:
		return c.InStaffRoom() || c.Private() && (c.Has(Adminsys) || c.Has(Volunteer) || c.Has(Board))
	}
	return true
}

// subjects lists what there is somebody for, each once.
func subjects(list []VolunteerEntry) string {
	var out []string
	for _, v := range list {
		for _, s := range v.For {
			if !slices.ContainsFunc(out, func(o string) bool { return Fold(o) == Fold(s) }) {
				out = append(out, s)
			}
		}
	}
	return strings.Join(out, ", ")
}

// isDate tells whether a text is a day, written 2026-01-31.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
