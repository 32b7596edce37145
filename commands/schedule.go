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

// ScheduleConfig is something that is announced at its time.
type ScheduleConfig struct {
	ID string `yaml:"id"`
	// Kind is meeting, donation, news or digest: what happens when the time was
	// missed. See misfire.
	Kind string `yaml:"kind"`
	// Rule is "cron: …", "rrule: … at HH:MM" or a date; see store.ParseRule.
	Rule string `yaml:"rule"`
	// Zone is an IANA name; the bot's own when empty.
	Zone string `yaml:"zone"`
	// Except are dates on which it does not come, and Also dates and hours at which it
	// comes besides.
	Except []string `yaml:"except"`
	Also   []string `yaml:"also"`
	// Rooms are logical rooms; the announcement rooms when empty.
	Rooms []string          `yaml:"rooms"`
	Title map[string]string `yaml:"title"`
	Text  map[string]string `yaml:"text"`
	Place string            `yaml:"place"`
	// Reminders are how long before a meeting it is spoken of: 7d, 1d, 2h.
	Reminders []string `yaml:"reminders"`
	// View is the saved search that a digest shows, in staff rooms only.
	View string `yaml:"view"`
	// If is a condition that must hold where and when it would be said; see circumstances.
	If string `yaml:"if"`
	// Campaign is what a donation call asks for; empty: whichever runs.
	Campaign string `yaml:"campaign"`

	// spoken says that it was planned in chat: its text stands alone. everyone calls all
	// who are in the rooms.
	spoken, everyone bool
}

// kinds of schedules.
const (
	meeting  = "meeting"
	donation = "donation"
	news     = "news"
	digest   = "digest"
)

func (c *Config) checkSchedules() []Problem {
	var p []Problem
	seen := map[string]bool{}
	for i, s := range c.Schedules {
		path := fmt.Sprintf("schedules[%d]", i)
		if s.ID == "" || strings.ContainsAny(s.ID, "/|@ ") || seen[s.ID] {
			p = append(p, Problem{path + ".id", fmt.Sprintf("%q cannot be used", s.ID), "a name of its own, without space, / | or @"})
		}
		seen[s.ID] = true
		if !slices.Contains([]string{meeting, donation, news, digest}, s.Kind) {
			p = append(p, Problem{path + ".kind", fmt.Sprintf("%q is not a kind", s.Kind), "write meeting, donation, news or digest"})
		}
		if s.Title["fr"] == "" || s.Title["en"] == "" {
			p = append(p, Problem{path + ".title", "a title is missing", "write title: {fr: …, en: …}"})
		}
		if s.Kind == donation && s.Campaign != "" && !slices.ContainsFunc(c.Campaigns.List, func(k CampaignConfig) bool { return k.ID == s.Campaign }) {
			p = append(p, Problem{path + ".campaign", fmt.Sprintf("there is no campaign %q", s.Campaign), "name one of campaigns.list"})
		}
		p = append(p, c.checkDigest(s, path)...)
		for _, r := range s.Rooms {
			if _, ok := c.Rooms[r]; !ok {
				p = append(p, Problem{path + ".rooms", fmt.Sprintf("there is no room %q", r), "name one of rooms"})
			}
		}
		if _, err := condition(s.If); err != nil {
			p = append(p, Problem{path + ".if", err.Error(), "such as: incidents == 0 && weekday != 'sunday'"})
		}
		if _, err := c.chains(s); err != nil {
			p = append(p, Problem{path, err.Error(), "see the schedules of config.example.yaml"})
		}
	}
	return p
}

const dueSchedule = "schedule"

// plan sets each chain's next occurrence. One that was planned before and not
// yet handled stays: it may have come while the bot was away.
func (t *Table) plan(turn *bot.Turn) {
	keep := map[string]bool{}
	for _, k := range t.changedPlans(turn.Tx).list {
		keep[k.name] = true
		t.planHolidays(turn, k)
		mark := k.mark()
		if turn.Tx.Note("schedule-rule/"+k.name) == mark {
			if at, planned := turn.Tx.DueAt(dueSchedule, k.name); planned {
				t.replace(turn, k, at)
				continue
			}
		}
		turn.Tx.SetNote("schedule-rule/"+k.name, mark)
		t.planNext(turn, k, store.CivilOf(turn.Now, k.rule.Zone))
	}
	for name := range turn.Tx.Notes("schedule-rule/") {
		if !keep[name] {
			turn.Tx.SetNote("schedule-rule/"+name, "")
			turn.Tx.SetNote("schedule-next/"+name, "")
			turn.Tx.ClearDue(dueSchedule, name)
			turn.Tx.DropPlanned(name)
		}
	}
}

// replace puts a planned occurrence where the zone's data of today has it: a country
// that moves its clocks moves the instant, never the name of the occurrence. One that
// is held waits for something else.
func (t *Table) replace(turn *bot.Turn, k chain, at time.Time) {
	note := turn.Tx.Note("schedule-next/" + k.name)
	c, err := store.ParseCivil(note)
	if err != nil || turn.Tx.Note("schedule-held/"+k.name) == note {
		return
	}
	if when := k.when(c); !when.Equal(at) && at.After(turn.Now) {
		turn.Tx.SetDue(dueSchedule, k.name, when)
		start, _ := c.In(k.rule.Zone)
		for _, p := range turn.Tx.AllPlanned() {
			if p.Schedule == k.name {
				p.At = start
				turn.Tx.PutPlanned(p)
			}
		}
	}
}

// planNext finds the first occurrence after a civil time that is still to be spoken of.
func (t *Table) planNext(turn *bot.Turn, k chain, after store.Civil) {
	for range 1000 {
		c, at, ok := k.rule.Next(after)
		if !ok {
			turn.Tx.ClearDue(dueSchedule, k.name)
			turn.Tx.SetNote("schedule-next/"+k.name, "")
			turn.Tx.DropPlanned(k.name)
			t.spoken(turn.Tx, k)
			return
		}
		if when := k.when(c); when.After(turn.Now) {
			turn.Tx.SetNote("schedule-next/"+k.name, c.String())
			turn.Tx.SetDue(dueSchedule, k.name, when)
			if strings.Contains(k.name, "@") {
				return
			}
			turn.Tx.PutPlanned(store.Planned{Schedule: k.name, Kind: k.cfg.Kind, Title: k.cfg.Title, Place: k.cfg.Place,
				Civil: c.String(), Zone: k.rule.Zone.String(), At: at, Hidden: k.cfg.spoken || k.cfg.Kind != meeting && k.cfg.Kind != news})
			return
		}
		after = c
	}
}

// scheduleDue says an occurrence, holds it, or lets it go, and plans the next.
func (t *Table) scheduleDue(turn *bot.Turn, d store.Due) error {
	k, ok := t.changedPlans(turn.Tx).named(d.Key)
	if !ok {
		return nil
	}
	c, err := store.ParseCivil(turn.Tx.Note("schedule-next/" + k.name))
	if err != nil {
		t.planNext(turn, k, store.CivilOf(turn.Now, k.rule.Zone))
		return nil
	}
	// Of several that were missed only the last is considered.
	for {
		next, _, ok := k.rule.Next(c)
		if !ok || k.when(next).After(turn.Now) {
			break
		}
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActMissed})
		c = next
	}
	switch {
	case k.silent:
	case turn.Tx.Note("schedule-paused/"+k.cfg.ID) != "":
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActPaused})
	default:
		if again := t.occurrence(turn, k, c); !again.IsZero() {
			turn.Tx.SetNote("schedule-next/"+k.name, c.String())
			turn.Tx.SetDue(dueSchedule, k.name, again)
			return nil
		}
	}
	t.planNext(turn, k, c)
	t.planHolidays(turn, k)
	return nil
}

// occurrence says one occurrence in its rooms. The result is when to try again,
// zero when it is over, said or not.
func (t *Table) occurrence(turn *bot.Turn, k chain, c store.Civil) time.Time {
	start, _ := c.In(k.rule.Zone)
	held := turn.Tx.Note("schedule-held/"+k.name) == c.String()
	if !held && !k.misfire(turn.Now.Sub(k.when(c)), start, turn.Now) {
		turn.Log.Info("an announcement came too late", "schedule", k.name, "civil", c.String())
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActLate})
		return time.Time{}
	}
	if k.cfg.Kind == donation {
		return t.donationCall(turn, k, c)
	}
	if t.overtaken(turn.Now, k, c) {
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActMissed})
		return time.Time{}
	}
	var again time.Time
	for _, room := range t.scheduleRooms(k.cfg) {
		if t.unfit(turn, k, room) {
			t.rule(turn, k, c, room, Ruling{Act: ActUnfit})
			continue
		}
		if wait := t.crowded(turn, k, c, room); !wait.IsZero() {
			again = wait
			continue
		}
		if !turn.Tx.SayOnce(k.name, c.String(), k.rule.Zone.String(), room.String()) {
			continue
		}
		t.rule(turn, k, c, room, Ruling{Act: ActSaid})
		r := chat.Reply{Key: scheduleKey(k.name, c, room), Room: room, Tone: chat.Loud, Priority: chat.News, Everyone: k.cfg.everyone, Text: t.invitation(turn.Tx, t.roomLang(room), k, c)}
		if k.cfg.View != "" {
			r.Text, r.Secret, r.Priority = t.brief(room, t.viewDigest(turn, t.roomLang(room), k.cfg.View)), true, chat.Digest
		}
		if k.cfg.Kind == meeting && start.After(turn.Now) {
			r.Expires = start
		}
		turn.Deliver(r, bot.Delivery{Once: true, Track: true})
	}
	return again
}

// Catching up after an absence is never a burst: at most catchUp late posts in
// catchUpWithin are said in a room.
const (
	catchUp       = 3
	catchUpWithin = time.Minute
)

// crowded tells when a late occurrence may be said in a room that has just read
// others of them; zero when now. What is on time never waits.
func (t *Table) crowded(turn *bot.Turn, k chain, c store.Civil, room chat.Room) time.Time {
	if turn.Now.Sub(k.when(c)) <= grace {
		return time.Time{}
	}
	note := "caught-up/" + room.String()
	var recent []string
	for _, s := range strings.Fields(turn.Tx.Note(note)) {
		if at, err := time.Parse(time.RFC3339, s); err == nil && turn.Now.Sub(at) < catchUpWithin && !at.After(turn.Now) {
			recent = append(recent, s)
		}
	}
	if len(recent) >= catchUp {
		return turn.Now.Add(catchUpWithin)
	}
	turn.Tx.SetNote(note, strings.Join(append(recent, turn.Now.UTC().Format(time.RFC3339)), " "))
	return time.Time{}
}

// overtaken tells whether a later reminder of the same occurrence is due by now
// too: after an absence the last one alone is said.
func (t *Table) overtaken(now time.Time, k chain, c store.Civil) bool {
	return slices.ContainsFunc(t.plans.of[k.cfg.ID], func(o chain) bool {
		return !o.silent && o.when(c).After(k.when(c)) && !o.when(c).After(now)
	})
}

func scheduleKey(name string, c store.Civil, room chat.Room) string {
	return replyKey(fmt.Sprintf("schedule/%s/%s/%s", name, c, room))
}

func (t *Table) scheduleRooms(s ScheduleConfig) []chat.Room {
	if len(s.Rooms) == 0 {
		return t.cfg.AnnouncementRooms()
	}
	return t.cfg.rooms(func(name string, _ Room) bool { return slices.Contains(s.Rooms, name) })
}

// invitation is what is said of an occurrence; of a meeting, with its agenda where there is a
// transaction to read it from.
func (t *Table) invitation(tx *store.Tx, lang string, k chain, c store.Civil) string {
	if k.cfg.spoken {
		return k.cfg.Text[lang]
	}
	args := words.Args{"Title": k.cfg.Title[lang], "When": civilWords(lang, c), "Place": k.cfg.Place, "Text": strings.TrimSpace(k.cfg.Text[lang])}
	id := "schedule.news"
	if k.cfg.Kind == meeting {
		id = "schedule.meeting"
	}
	text := strings.TrimSpace(t.words.Say(lang, id, args))
	if tx == nil || k.cfg.Kind != meeting {
		return text
	}
	if items := agendaWords(tx.AgendaItems()); items != "" {
		text += "\n" + t.words.Say(lang, "meeting.agenda", words.Args{"Items": items})
	}
	return text
}
