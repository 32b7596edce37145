package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// teachCommands are how staff teach answers in chat.
func teachCommands() []*Command {
	return []*Command{
		{Name: "apprendre", English: "learn", Role: Adminsys, Where: StaffOnly, Run: teach, Subs: []Sub{
			{"ok", "ok"}, {"alias", "alias"}, {"verrouiller", "lock"}, {"deverrouiller", "unlock"}, {"historique", "history"},
			{"diff", "diff"}, {"annuler", "undo"}, {"garder", "keep"}, {"liste", "list"}, {"exporter", "export"}, {"spontane", "ambient"}}},
		{Name: "oublier", English: "unlearn", Role: Adminsys, Where: StaffOnly, Run: unteach},
		{Name: "faq", English: "faq", Role: Adminsys, Where: StaffOnly, Run: faqCommand, Subs: []Sub{
			{"depuis", "from"}, {"questions", "questions"}, {"avis", "votes"}}},
	}
}

// Bounds of what is taught, in runes.
const (
	maxTaughtWord = 60
	maxTaughtText = 2000
	maxAliases    = 12
)

// teach reads "mot = réponse" and "mot =~ s/a/b/", else one of the subcommands.
func teach(c *Call) error {
	first, rest := cutWord(c.Args)
	if head, tail, ok := strings.Cut(c.Args, "="); ok && (Fold(first) != "alias" || strings.HasPrefix(rest, "=")) {
		n, err := c.taughtName(head)
		switch sub, isEdit := strings.CutPrefix(tail, "~"); {
		case err != nil:
			return err
		case isEdit:
			return editTaught(c, n, strings.TrimSpace(sub))
		default:
			return teachWord(c, n, strings.TrimSpace(tail))
		}
	}
	sub := c.Sub()
	switch sub {
	case "liste":
		return listTaught(c)
	case "exporter":
		return exportTaught(c)
	case "spontane":
		return ambientSwitch(c)
	case "alias":
		return aliasTaught(c)
	case "":
		return c.Usage()
	}
	n, err := c.taughtName(c.Args)
	if err != nil {
		return err
	}
	return map[string]func(*Call, taughtName) error{"ok": reviewTaught, "verrouiller": lockTaught, "deverrouiller": unlockTaught,
		"historique": taughtHistory, "diff": taughtDiff, "annuler": undoTaught, "garder": keepTaught}[sub](c, n)
}

// taughtName is the left side of what is taught: a word of one or several parts,
// and where it holds.
type taughtName struct {
	shown, word string
	lang, room  string
	until       time.Time
	// anyLang, anyRoom: the person did not say which.
	anyLang, anyRoom bool
}

// taughtName reads "code wifi langue:en salon:support expire:2027-05-31".
func (c *Call) taughtName(s string) (taughtName, error) {
	n := taughtName{lang: c.taughtLang(), anyLang: true, anyRoom: true}
	var parts []string
	for _, w := range strings.Fields(s) {
		field, value, ok := strings.Cut(w, ":")
		if !ok {
			parts = append(parts, w)
			continue
		}
		switch Fold(field) {
		case "langue", "lang", "language":
			if n.lang, n.anyLang = Fold(value), false; n.lang != "fr" && n.lang != "en" {
				return n, c.Refuse("teach.bad_lang", nil)
			}
		case "salon", "room":
			if _, known := c.Table.cfg.Rooms[value]; !known {
				return n, c.Refuse("teach.bad_room", words.Args{"Room": chat.Plain(value, 40), "Rooms": strings.Join(c.Table.roomNames(), ", ")})
			}
			n.room, n.anyRoom = value, false
		case "expire", "expires", "until":
			day, err := time.ParseInLocation(time.DateOnly, value, c.Table.cfg.Location())
			if err != nil || !day.After(c.Now) {
				return n, c.Refuse("teach.bad_date", nil)
			}
			n.until = day
		default:
			parts = append(parts, w)
		}
	}
	n.shown = strings.Join(parts, " ")
	n.word = taughtWord(n.shown)
	if n.word == "" || len([]rune(n.word)) > maxTaughtWord {
		return n, c.Refuse("teach.bad_word", words.Args{"Max": maxTaughtWord})
	}
	return n, nil
}

// taughtLang is the language that is taught: that of the command's name.
func (c *Call) taughtLang() string {
	if Fold(c.Word) == Fold(c.Cmd.English) && c.Cmd.English != c.Cmd.Name {
		return "en"
	}
	if c.Cmd.English == c.Cmd.Name {
		return c.Lang()
	}
	return "fr"
}

// taughtWord is how a word is compared: folded, without "!" before it or "?" after.
func taughtWord(s string) string {
	return strings.Join(strings.Fields(Fold(strings.Trim(chat.Clean(s), " !?\"«»“”"))), " ")
}

func (t *Table) roomNames() []string {
	var names []string
	for name := range t.cfg.Rooms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// named finds the taught answer that somebody speaks of: by its word, else by an
// alias; in the command's language and for every room first.
func (c *Call) named(n taughtName) (store.Taught, error) {
	var best store.Taught
	bestAt := 0
	for _, e := range c.Tx.TaughtAll() {
		if !n.anyLang && e.Lang != n.lang || !n.anyRoom && e.Room != n.room {
			continue
		}
		at := 0
		switch {
		case e.Word == n.word:
			at = 5
		case slices.Contains(e.Aliases, n.word):
			at = 1
		default:
			continue
		}
		if e.Lang == n.lang {
			at += 2
		}
		if e.Room == "" {
			at++
		}
		if at > bestAt {
			best, bestAt = e, at
		}
	}
	if bestAt == 0 {
		return best, c.Refuse("teach.unknown", words.Args{"Word": chat.Plain(n.shown, maxTaughtWord)})
	}
	return best, nil
}

// teachWord teaches an answer, or another one in the place of what was known.
func teachWord(c *Call, n taughtName, text string) error {
	if text == "" {
		return c.Usage()
	}
	old, known := c.Tx.Taught(store.TaughtKey(n.lang, n.room, n.word))
	if known {
		if err := c.unlocked(old); err != nil {
			return err
		}
	}
	e := store.Taught{Word: n.word, Lang: n.lang, Room: n.room, Aliases: old.Aliases, Locked: old.Locked,
		Text: chat.Cut(text, maxTaughtText), Expires: n.until}
	if e.Expires.IsZero() {
		e.Expires = c.Now.Add(c.Table.cfg.Learning.Keep)
	}
	e = c.change(store.TaughtTeach, e.Rewritten(c.Person().ID, c.Now))
	id := "teach.learnt"
	if known {
		id = "teach.replaced"
	}
	c.SayID(id, c.taughtArgs(e))
	c.tellOthers(e)
	return nil
}

// unlocked refuses changes to what somebody else has locked. An operator may.
func (c *Call) unlocked(e store.Taught) error {
	if e.Locked == "" || e.Locked == c.personID() || c.Has(Operator) {
		return nil
	}
	return c.Refuse("teach.locked", words.Args{"Word": chat.Plain(e.Word, maxTaughtWord), "Ref": c.Table.taughtRef(c.Lang(), e), "Name": c.nameOf(e.Locked)})
}

// change writes a version of a taught answer, its deadline and the audit.
func (c *Call) change(act store.TaughtAct, e store.Taught) store.Taught {
	p := c.Person()
	e = c.Tx.ChangeTaught(p.ID, act, e)
	c.Table.watchTaught(c.Tx, e)
	c.Tx.Audit(p.ID, "learn "+string(act), e.Key(), c.RoomName)
	return e
}

// tellOthers lets the staff rooms know of words to be reviewed that were taught in
// private.
func (c *Call) tellOthers(e store.Taught) {
	if !c.Private() {
		return
	}
	t := c.Table
	t.staffSay(c.Turn, taughtKey("new", e), t.words.Say(t.cfg.Language, "teach.to_review", t.taughtArgs(c.Tx, t.cfg.Language, e)), false)
}

// nameOf is how somebody was last called.
func (c *Call) nameOf(person string) string { return c.Table.nameOf(c.Tx, c.Lang(), person) }

func (t *Table) nameOf(tx *store.Tx, lang, person string) string {
	if p, ok := tx.Person(person); ok && p.Name != "" {
		return chat.Plain(p.Name, 40)
	}
	return t.words.Say(lang, "teach.somebody", nil)
}

func (c *Call) taughtArgs(e store.Taught) words.Args {
	return c.Table.taughtArgs(c.Tx, c.Lang(), e)
}

// taughtArgs are what sentences say of a taught answer, to staff.
func (t *Table) taughtArgs(tx *store.Tx, lang string, e store.Taught) words.Args {
	where := t.words.Say(lang, "teach.everywhere", nil)
	if e.Room != "" {
		where = t.words.Say(lang, "teach.in_room", words.Args{"Room": e.Room})
	}
	return words.Args{"Word": chat.Plain(e.Word, maxTaughtWord), "Ref": t.taughtRef(lang, e), "Lang": e.Lang, "Where": where, "Name": t.nameOf(tx, lang, e.By),
		"Date": t.day(e.At), "Until": t.day(e.Expires), "Text": chat.Plain(e.Text, 300), "Seq": e.Seq, "Aliases": chat.Plain(strings.Join(e.Aliases, ", "), 300)}
}

// taughtRef is how to name an answer in a command of a language, so that no other is
// meant.
func (t *Table) taughtRef(lang string, e store.Taught) string {
	ref := chat.Plain(e.Word, maxTaughtWord)
	if e.Lang != lang {
		ref += " " + t.words.Say(lang, "teach.field_lang", nil) + ":" + e.Lang
	}
	if e.Room != "" {
		ref += " " + t.words.Say(lang, "teach.field_room", nil) + ":" + e.Room
	}
	return ref
}

func (t *Table) day(at time.Time) string { return at.In(t.cfg.Location()).Format("02/01/2006") }
