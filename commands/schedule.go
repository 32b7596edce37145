package commands

import (
	"fmt"
	"hash/fnv"
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
	// Except are dates on which it does not come.
	Except []string `yaml:"except"`
	// Rooms are logical rooms; the announcement rooms when empty.
	Rooms []string          `yaml:"rooms"`
	Title map[string]string `yaml:"title"`
	Text  map[string]string `yaml:"text"`
	Place string            `yaml:"place"`
	// Reminders are how long before a meeting it is spoken of: 7d, 1d, 2h.
	Reminders []string `yaml:"reminders"`
	// Campaign is what a donation call asks for.
	Campaign string `yaml:"campaign"`
}

// kinds of schedules.
const (
	meeting  = "meeting"
	donation = "donation"
	news     = "news"
	digest   = "digest"
)

// chain is one line of occurrences: a schedule, or one of its reminders.
type chain struct {
	cfg    ScheduleConfig
	rule   store.Schedule
	days   int           // before, in calendar days
	before time.Duration // before, by the clock
	name   string        // id, or id@7d
	// silent says nothing: it keeps the next occurrence known until it begins, when
	// the reminders look ahead to another already.
	silent bool
}

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
		if s.Kind == donation && !slices.ContainsFunc(c.Campaigns.List, func(k CampaignConfig) bool { return k.ID == s.Campaign }) {
			p = append(p, Problem{path + ".campaign", fmt.Sprintf("there is no campaign %q", s.Campaign), "name one of campaigns.list"})
		}
		for _, r := range s.Rooms {
			if _, ok := c.Rooms[r]; !ok {
				p = append(p, Problem{path + ".rooms", fmt.Sprintf("there is no room %q", r), "name one of rooms"})
			}
		}
		if _, err := c.chains(s); err != nil {
			p = append(p, Problem{path, err.Error(), "see the schedules of config.example.yaml"})
		}
	}
	return p
}

// chains are the lines of occurrences that a schedule makes.
func (c *Config) chains(s ScheduleConfig) ([]chain, error) {
	zone := s.Zone
	if zone == "" {
		zone = c.TimeZone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone", zone)
	}
	rule, err := store.ParseRule(s.ID, s.Kind, s.Rule, loc, s.Except)
	if err != nil {
		return nil, err
	}
	if len(s.Reminders) == 0 {
		return []chain{{cfg: s, rule: rule, name: s.ID}}, nil
	}
	out := []chain{{cfg: s, rule: rule, name: s.ID, silent: true}}
	for _, r := range s.Reminders {
		k := chain{cfg: s, rule: rule, name: s.ID + "@" + r}
		var n int
		switch {
		case strings.HasSuffix(r, "d") || strings.HasSuffix(r, "j"):
			_, err = fmt.Sscanf(r[:len(r)-1], "%d", &n)
			k.days = n
		default:
			k.before, err = time.ParseDuration(r)
		}
		if err != nil || n < 0 || k.before < 0 {
			return nil, fmt.Errorf("%q is not a time before: write 7d, 1d or 2h", r)
		}
		out = append(out, k)
	}
	return out, nil
}

// allChains are those of the whole configuration.
func (c *Config) allChains() []chain {
	var out []chain
	for _, s := range c.Schedules {
		list, err := c.chains(s)
		if err == nil { // Check has refused the others
			out = append(out, list...)
		}
	}
	return out
}

// when is the instant at which the occurrence is spoken of.
func (k chain) when(c store.Civil) time.Time {
	at, _ := store.Civil{Time: c.AddDate(0, 0, -k.days)}.In(k.rule.Zone)
	if k.before > 0 {
		at, _ = c.In(k.rule.Zone)
		at = at.Add(-k.before)
	}
	return at
}

const dueSchedule = "schedule"

// plan sets each chain's next occurrence. One that was planned before and not
// yet handled stays: it may have come while the bot was away.
func (t *Table) plan(turn *bot.Turn) {
	keep := map[string]bool{}
	for _, k := range t.cfg.allChains() {
		keep[k.name] = true
		mark := k.mark()
		if turn.Tx.Note("schedule-rule/"+k.name) == mark {
			if _, planned := turn.Tx.DueAt(dueSchedule, k.name); planned {
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

// mark changes when the rule does.
func (k chain) mark() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, k.cfg.Rule, "|", k.rule.Zone, "|", k.cfg.Except, "|", k.name)
	return fmt.Sprintf("%x", h.Sum64())
}

// planNext finds the first occurrence after a civil time that is still to be spoken of.
func (t *Table) planNext(turn *bot.Turn, k chain, after store.Civil) {
	for range 1000 {
		c, at, ok := k.rule.Next(after)
		if !ok {
			turn.Tx.ClearDue(dueSchedule, k.name)
			turn.Tx.SetNote("schedule-next/"+k.name, "")
			turn.Tx.DropPlanned(k.name)
			return
		}
		if when := k.when(c); when.After(turn.Now) {
			turn.Tx.SetNote("schedule-next/"+k.name, c.String())
			turn.Tx.SetDue(dueSchedule, k.name, when)
			if strings.Contains(k.name, "@") {
				return
			}
			turn.Tx.PutPlanned(store.Planned{Schedule: k.name, Kind: k.cfg.Kind, Title: k.cfg.Title, Place: k.cfg.Place,
				Civil: c.String(), Zone: k.rule.Zone.String(), At: at, Hidden: k.cfg.Kind != meeting && k.cfg.Kind != news})
			return
		}
		after = c
	}
}

// scheduleDue says an occurrence, holds it, or lets it go, and plans the next.
func (t *Table) scheduleDue(turn *bot.Turn, d store.Due) error {
	i := slices.IndexFunc(t.cfg.allChains(), func(k chain) bool { return k.name == d.Key })
	if i < 0 {
		return nil
	}
	k := t.cfg.allChains()[i]
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
		c = next
	}
	if !k.silent && turn.Tx.Note("schedule-paused/"+k.cfg.ID) == "" {
		if again := t.occurrence(turn, k, c); !again.IsZero() {
			turn.Tx.SetNote("schedule-next/"+k.name, c.String())
			turn.Tx.SetDue(dueSchedule, k.name, again)
			return nil
		}
	}
	t.planNext(turn, k, c)
	return nil
}

// grace is how late a tick may be and still count as on time.
const grace = 2 * time.Minute

// misfire tells whether an occurrence that comes late is still said: a meeting
// until it begins, a donation call not at all, news within a day, a digest always.
func (k chain) misfire(late time.Duration, start, now time.Time) bool {
	switch k.cfg.Kind {
	case meeting:
		return now.Before(start) || late <= grace
	case donation:
		return late <= grace
	case news:
		return late < 24*time.Hour
	}
	return true
}

// occurrence says one occurrence in its rooms. The result is when to try again,
// zero when it is over, said or not.
func (t *Table) occurrence(turn *bot.Turn, k chain, c store.Civil) time.Time {
	start, _ := c.In(k.rule.Zone)
	held := turn.Tx.Note("schedule-held/"+k.name) == c.String()
	if !held && !k.misfire(turn.Now.Sub(k.when(c)), start, turn.Now) {
		turn.Log.Info("an announcement came too late", "schedule", k.name, "civil", c.String())
		return time.Time{}
	}
	if k.cfg.Kind == donation {
		return t.donationCall(turn, k, c)
	}
	if t.overtaken(turn.Now, k, c) {
		return time.Time{}
	}
	for _, room := range t.scheduleRooms(k.cfg) {
		if !turn.Tx.SayOnce(k.name, c.String(), k.rule.Zone.String(), room.String()) {
			continue
		}
		r := chat.Reply{Key: scheduleKey(k.name, c, room), Room: room, Tone: chat.Loud, Priority: chat.News, Text: t.invitation(t.roomLang(room), k, c)}
		if k.cfg.Kind == meeting && start.After(turn.Now) {
			r.Expires = start
		}
		turn.Deliver(r, bot.Delivery{Once: true, Track: true})
	}
	return time.Time{}
}

// overtaken tells whether a later reminder of the same occurrence is due by now
// too: after an absence the last one alone is said.
func (t *Table) overtaken(now time.Time, k chain, c store.Civil) bool {
	list, err := t.cfg.chains(k.cfg)
	return err == nil && slices.ContainsFunc(list, func(o chain) bool {
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

// invitation is what is said of an occurrence.
func (t *Table) invitation(lang string, k chain, c store.Civil) string {
	args := words.Args{"Title": k.cfg.Title[lang], "When": civilWords(lang, c), "Place": k.cfg.Place, "Text": strings.TrimSpace(k.cfg.Text[lang])}
	id := "schedule.news"
	if k.cfg.Kind == meeting {
		id = "schedule.meeting"
	}
	return strings.TrimSpace(t.words.Say(lang, id, args))
}
