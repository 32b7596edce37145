package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks/bounded"
	"vigie/store"
)

// regret is how long an announcement may be taken back after it was said.
const regret = time.Minute

// circumstances are what a condition of an announcement may ask about, at the instant and
// in the room where it would be said.
type circumstances struct {
	// Weekday is monday … sunday, Day and Month are numbers, Hour is 0 to 23; all local.
	Weekday string `expr:"weekday"`
	Day     int    `expr:"day"`
	Month   int    `expr:"month"`
	Hour    int    `expr:"hour"`
	// Incidents are those open that concern the room.
	Incidents int `expr:"incidents"`
	// Campaign tells whether one is running, and Percent how far the next to end is.
	Campaign bool `expr:"campaign"`
	Percent  int  `expr:"percent"`
	// Idle is for how many minutes nobody has spoken in the room, -1 when that is not known; Lines
	// how many lines there were within the time that "busy" looks at.
	Idle  int `expr:"idle"`
	Lines int `expr:"lines"`
}

// circumstances gathers them for a room.
func (t *Table) circumstances(turn *bot.Turn, room chat.Room) circumstances {
	local := turn.Now.In(t.cfg.Location())
	out := circumstances{Weekday: strings.ToLower(local.Weekday().String()), Day: local.Day(), Month: int(local.Month()), Hour: local.Hour(), Idle: -1}
	name, _, _ := t.cfg.RoomOf(room)
	for _, i := range turn.Tx.Incidents() {
		if i.Open() && t.concerns(i.Service, name) {
			out.Incidents++
		}
	}
	if k, ok := t.campaignFor(turn.Tx, ""); ok && k.State == store.CampaignRunning {
		out.Campaign, out.Percent = true, k.Percent()
	}
	last, lines := t.activity.of(room, turn.Now, t.cfg.Campaigns.Gate.BusyWithin)
	if out.Lines = lines; !last.IsZero() {
		out.Idle = int(turn.Now.Sub(last).Minutes())
	}
	return out
}

// condition compiles what follows "if"; nil when there is none.
func condition(src string) (*bounded.Condition, error) {
	if src == "" {
		return nil, nil
	}
	return bounded.Compile(src, circumstances{})
}

// unfit tells whether the condition of an occurrence does not hold in a room. One that
// breaks is taken as false: better silent than wrong.
func (t *Table) unfit(turn *bot.Turn, k chain, room chat.Room) bool {
	if k.cond == nil {
		return false
	}
	holds, err := k.cond.Holds(t.circumstances(turn, room))
	if err != nil {
		turn.Log.Warn("the condition of an announcement broke", "schedule", k.name, "err", err)
	}
	return !holds
}

// planned reads "tous les lundis à 9:00 si incidents == 0 : texte": a rule, a condition, and
// what is to be said. ok is false when it does not begin with a rule.
func (c *Call) planned(args string) (a store.Announcement, ok bool, err error) {
	zone := c.Table.cfg.Location()
	for i := len(args) - 1; i > 0; i-- {
		if args[i] != ':' {
			continue
		}
		head, text := strings.TrimSpace(args[:i]), strings.TrimSpace(args[i+1:])
		when, cond := cutCondition(head)
		if _, failed := store.ParseRule("x", news, when, zone, nil, nil); failed != nil || text == "" {
			continue
		}
		a = store.Announcement{Rule: when, If: cond, Text: cleanLines(text)}
		_, err = condition(cond)
		return a, true, err
	}
	return a, false, nil
}

// timeLike finds words of time at the beginning of an announcement: somebody who writes them
// before a colon means later, not now.
var timeLike = regexp.MustCompile(`(?i)^(?:(?:le|les|un|the|on|every|each|chaque|tous les|toutes les|at|[aà]) )?` +
	`(?:\d|demain|apr[eè]s-demain|ce soir|tomorrow|tonight|jours?\b|days?\b|other\b|premier|dernier|first|last|` +
	`(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday))`)

// wasMeantForLater tells whether a text begins with a time that could not be read, and a colon
// behind it.
func wasMeantForLater(text string) bool {
	head, _, ok := strings.Cut(text, ":")
	return ok && len([]rune(head)) <= 60 && timeLike.MatchString(text) && strings.ContainsAny(hourDigits.ReplaceAllString(text, ""), ":")
}

// hourDigits are hours of the day, whose colon separates nothing.
var hourDigits = regexp.MustCompile(`\d{1,2}:\d{2}`)

// cutCondition cuts "… si COND" or "… if COND" off a rule.
func cutCondition(head string) (when, cond string) {
	for _, w := range []string{" si ", " if "} {
		if a, b, ok := strings.Cut(head, w); ok {
			return strings.TrimSpace(a), strings.TrimSpace(b)
		}
	}
	return head, ""
}

// announceLater asks whether to plan an announcement.
func (c *Call) announceLater(a store.Announcement) error {
	s, err := store.ParseRule("x", news, a.Rule, c.Table.cfg.Location(), nil, nil)
	if err != nil {
		return c.Usage()
	}
	now := store.CivilOf(c.Now, s.Zone)
	next, _, ok := s.Next(now)
	if !ok {
		return c.Refuse("announce.past", nil)
	}
	return c.confirm(confirmation{Act: actAnnounce, Text: a.Text, Rule: a.Rule, If: a.If, Everyone: a.Everyone}, "announce.sure_planned",
		words.Args{"Text": a.Text, "Rule": RuleWords(c.Table.words, c.Lang(), s, now), "Next": civilWords(c.Lang(), next), "If": a.If,
			"Rooms": len(c.Table.cfg.AnnouncementRooms()), "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

// announceNow says or plans what was confirmed.
func (c *Call) announceNow(conf confirmation) error {
	a := c.Tx.AddAnnouncement(store.Announcement{Text: conf.Text, Rule: conf.Rule, If: conf.If, Everyone: conf.Everyone, By: c.Person().ID})
	c.Tx.Audit(c.Person().ID, "announce", strconv.Itoa(a.N), c.RoomName)
	if a.Rule != "" {
		c.Table.plan(c.Turn)
		c.SayID("announce.planned", words.Args{"N": a.N})
		return nil
	}
	for _, room := range c.Table.cfg.AnnouncementRooms() {
		c.Turn.Deliver(chat.Reply{Key: announceKey(a.N, room), Room: room, Text: a.Text, Everyone: a.Everyone, Tone: chat.Loud, Priority: chat.News},
			bot.Delivery{Track: true})
	}
	c.SayID("incident.announced", words.Args{"N": a.N})
	return nil
}

func announceKey(n int, room chat.Room) string {
	return replyKey(fmt.Sprintf("announce/%d/%s", n, room))
}

// takeBack takes an announcement off the plan, or, within a minute, back from where it was
// said: on a network with redactions it disappears, elsewhere a line corrects it.
func (c *Call) takeBack(n int) error {
	a, ok := c.Tx.Announcement(n)
	switch {
	case !ok || a.Off:
		return c.Refuse("announce.none", words.Args{"N": n})
	case a.Rule == "" && c.Now.Sub(a.At) > regret:
		return c.Refuse("announce.too_late", words.Args{"N": n, "Time": span(regret, c.Lang())})
	}
	a.Off = true
	c.Tx.PutAnnouncement(a)
	c.Tx.Audit(c.Person().ID, "announce off", strconv.Itoa(n), c.RoomName)
	if a.Rule != "" {
		c.Table.plan(c.Turn)
		c.SayID("announce.off_plan", words.Args{"N": n})
		return nil
	}
	for _, room := range c.Table.cfg.AnnouncementRooms() {
		r := chat.Reply{Key: replyKey(fmt.Sprintf("announce/%d/off/%s", n, room)), Room: room, Kind: chat.Redact, TargetOf: announceKey(n, room), Priority: chat.Answer}
		if c.Table.lines(room.Network) > 0 { // lines that were said stay on the screens
			r = chat.Reply{Key: r.Key, Room: room, Tone: chat.Loud, Priority: chat.Answer, Text: c.Table.words.Say(c.Table.roomLang(room), "announce.mistake", nil)}
		}
		c.Turn.Deliver(r, bot.Delivery{Track: true})
	}
	c.SayID("announce.taken_back", words.Args{"N": n})
	return nil
}

// chatSchedules are the announcements planned in chat, as schedules.
func chatSchedules(list []store.Announcement) []ScheduleConfig {
	var out []ScheduleConfig
	for _, a := range list {
		out = append(out, ScheduleConfig{ID: fmt.Sprintf("annonce-%d", a.N), Kind: news, Rule: a.Rule, If: a.If, Text: map[string]string{"fr": a.Text, "en": a.Text}, spoken: true, everyone: a.Everyone})
	}
	return out
}

// spoken takes an announcement that was planned in chat and comes no more off the list.
func (t *Table) spoken(tx *store.Tx, k chain) {
	n, err := strconv.Atoi(strings.TrimPrefix(k.cfg.ID, "annonce-"))
	if a, ok := tx.Announcement(n); k.cfg.spoken && err == nil && ok && !strings.Contains(k.name, "@") {
		a.Off = true
		tx.PutAnnouncement(a)
	}
}
