package commands

import (
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/store"
)

// personCommands are what people say about themselves.
func personCommands() []*Command {
	return append([]*Command{
		{Name: "langue", English: "lang", Aliases: []string{"language"}, Role: Anyone, Run: setLanguage,
			Takes: func(_ *Table, word string) bool { return languageNamed(word) != "" }},
		{Name: "quisuisje", English: "whoami", Role: Anyone, Run: whoAmI},
		{Name: "charte", English: "charter", Role: Anyone, Where: PrivateOnly,
			Subs: []Sub{{"accepte", "accept"}}, Run: charter},
		{Name: "suite", English: "more", Role: Anyone, Run: more},
		{Name: "qui", English: "who", Role: Anyone, Run: who},
		{Name: "lier", English: "link", Role: Anyone, Where: PrivateOnly, Subs: []Sub{{"defaire", "undo"}}, Run: link},
	}, privacyCommands()...)
}

// setLanguage takes the choice in either language's own words.
func setLanguage(c *Call) error {
	word, _ := cutWord(strings.TrimPrefix(Fold(c.Args), "en "))
	lang := languageNamed(word)
	if lang == "" {
		return c.Usage()
	}
	p := c.Person()
	p.Lang = lang
	c.Tx.PutPerson(p)
	c.person, c.lang = &p, lang
	c.SayID("person.language", nil)
	return nil
}

// languageNamed is the language that a word means, in either language.
func languageNamed(word string) string {
	switch Fold(word) {
	case "fr", "francais", "french":
		return "fr"
	case "en", "anglais", "english":
		return "en"
	}
	return ""
}

// whoAmI says what the bot believes, and why: the account that the network
// vouches for, the roles that are active, those that wait for the charter.
func whoAmI(c *Call) error {
	if !c.Msg.From.Known() {
		c.SayID("person.unknown", nil)
		return nil
	}
	var active, waiting []string
	now := c.Table.active(c.Msg.From, c.person)
	for _, r := range c.Table.granted(c.Msg.From) {
		if r == Member {
			continue
		}
		name := c.W("role."+string(r), nil)
		if slices.Contains(now, r) {
			active = append(active, name)
		} else {
			waiting = append(waiting, name)
		}
	}
	args := words.Args{"Account": c.Msg.From.Account, "Roles": strings.Join(active, ", ")}
	id := "person.known"
	if len(active) > 0 {
		id = "person.known_roles"
	}
	text := c.W(id, args)
	if linked := c.linkedTo(); linked != "" {
		text += " " + c.W("linking.whoami", words.Args{"Accounts": linked})
	}
	if of := c.associations(); of != "" {
		text += " " + c.W("linking.associations", words.Args{"Associations": of})
	}
	if len(waiting) > 0 {
		text += " " + c.W("core.charter_first", words.Args{"Role": strings.Join(waiting, ", ")})
	}
	c.Say(text)
	return nil
}

// charter shows the confidentiality charter and records that it was accepted.
// Only somebody to whom the configuration gives a role has anything to accept.
func charter(c *Call) error {
	if !slices.ContainsFunc(c.Table.granted(c.Msg.From), func(r Role) bool { return r != Member }) {
		return c.Refuse("person.charter_nothing", nil)
	}
	accepted := c.person != nil && c.person.Accepted(c.Msg.From.Key())
	switch {
	case c.Sub() == "accepte" && !accepted:
		p := c.Person().AcceptCharter(c.Msg.From.Key(), c.Now)
		c.Tx.PutPerson(p)
		c.Tx.Audit(p.ID, "charter", "", "")
		c.person = &p
		c.SayID("person.charter_accepted", nil)
	case accepted:
		c.SayID("person.charter_date", words.Args{"Date": c.Local(c.person.Charter).Format("02/01/2006")})
	default:
		c.SayID("person.charter_text", nil)
	}
	return nil
}

// more gives the rest of the last long answer here.
func more(c *Call) error {
	key := store.DialogKey(c.personID(), c.Msg.Room)
	lines := c.Tx.More(key)
	if len(lines) == 0 {
		c.SayID("core.no_more", nil)
		return nil
	}
	c.Tx.SetMore(key, nil)
	c.Say(strings.Join(lines, "\n"))
	return nil
}

// langOf is the language to write to somebody in, when they are not speaking.
func (t *Table) langOf(p store.Person) string {
	switch {
	case p.Lang != "":
		return p.Lang
	case p.Heard != "":
		return p.Heard
	}
	return t.cfg.Language
}
