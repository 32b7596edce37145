package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// dueHoliday asks what to do about a meeting that falls on a public holiday.
const dueHoliday = "meeting-holiday"

// lookAhead is how far ahead meetings are held against the calendar.
const lookAhead = 70 * 24 * time.Hour

// actMeeting begins the acts about meetings that wait for a yes.
const actMeeting = "meeting "

// changedPlans are the configured chains with what was decided in chat: meetings moved and
// called off, announcements planned. They are made anew only when a decision was.
func (t *Table) changedPlans(tx *store.Tx) plans {
	changes, spoken := tx.MeetingChanges(), tx.PlannedAnnouncements()
	sum := fmt.Sprint(changes, spoken)
	if t.changes == sum || len(changes)+len(spoken) == 0 && t.changes == "" {
		return t.plans
	}
	t.changes, t.plans = sum, t.cfg.allPlans(chatSchedules(spoken)...)
	for i, k := range t.plans.list {
		also, except, mark := changesOf(changes, k.cfg.ID)
		if mark == "" {
			continue
		}
		k.rule.Rule, k.changed = k.rule.Rule.With(also, except), mark
		t.plans.list[i] = k
		of := t.plans.of[k.cfg.ID]
		of[slices.IndexFunc(of, func(o chain) bool { return o.name == k.name })] = k
	}
	return t.plans
}

// changesOf are the dates that a schedule gains and loses by decisions.
func changesOf(list []store.MeetingChange, schedule string) (also []time.Time, except map[string]bool, mark string) {
	except = map[string]bool{}
	for _, c := range list {
		old, err := store.ParseCivil(c.Civil)
		if c.Schedule != schedule || err != nil || c.To == "" && !c.Off {
			continue
		}
		except[old.Format(time.DateOnly)] = true
		if to, err := store.ParseCivil(c.To); err == nil {
			also = append(also, to.Time)
		}
		mark += c.Civil + ">" + c.To + ";"
	}
	return also, except, mark
}

// original is the occurrence, as the rule has it, that now takes place at a civil time.
func original(tx *store.Tx, schedule, civil string) string {
	for _, c := range tx.MeetingChanges() {
		if c.Schedule == schedule && c.To == civil {
			return c.Civil
		}
	}
	return civil
}

// planHolidays sets when to ask about the meetings to come that fall on a holiday.
func (t *Table) planHolidays(turn *bot.Turn, k chain) {
	if k.cfg.Kind != meeting || strings.Contains(k.name, "@") {
		return
	}
	cal, after := t.cfg.Calendar(), store.CivilOf(turn.Now, k.rule.Zone)
	for c, at, ok := k.rule.Next(after); ok && at.Before(turn.Now.Add(lookAhead)); c, at, ok = k.rule.Next(c) {
		key := k.cfg.ID + "|" + c.String()
		_, holiday := cal.HolidayOn(c)
		_, decided := turn.Tx.MeetingChange(k.cfg.ID, original(turn.Tx, k.cfg.ID, c.String()))
		if !holiday || decided || turn.Tx.Note("holiday-asked/"+key) != "" {
			continue
		}
		if _, planned := turn.Tx.DueAt(dueHoliday, key); !planned {
			turn.Tx.SetDue(dueHoliday, key, later(turn.Now, at.Add(-t.cfg.Meetings.AskBefore)))
		}
	}
}

// holidayDue asks the board about one meeting; once more when nobody answers.
func (t *Table) holidayDue(turn *bot.Turn, d store.Due) error {
	at, ok := t.undecided(turn.Tx, d.Key, turn.Now)
	if !ok {
		turn.Tx.SetNote("holiday-asked/"+d.Key, "")
		return nil
	}
	times := turn.Tx.Note("holiday-asked/" + d.Key)
	turn.Tx.SetNote("holiday-asked/"+d.Key, times+"x")
	if again := turn.Now.Add(at.Sub(turn.Now) / 2); times == "" && again.Before(at.Add(-24*time.Hour)) {
		turn.Tx.SetDue(dueHoliday, d.Key, again)
	} else {
		turn.Tx.SetDue(dueHoliday, d.Key, at) // then the question is over
	}
	t.staffSay(turn, "holiday-"+d.Key+"-"+strconv.Itoa(len(times)), t.holidayQuestion(t.cfg.Language, d.Key), times == "")
	return nil
}

// undecided tells when the meeting of a question begins, as long as it is still to be
// decided.
func (t *Table) undecided(tx *store.Tx, key string, now time.Time) (time.Time, bool) {
	schedule, civil, _ := strings.Cut(key, "|")
	c, err := store.ParseCivil(civil)
	of := t.changedPlans(tx).of[schedule]
	if err != nil || len(of) == 0 {
		return time.Time{}, false
	}
	if _, decided := tx.MeetingChange(schedule, original(tx, schedule, civil)); decided {
		return time.Time{}, false
	}
	at, _ := c.In(of[0].rule.Zone)
	return at, at.After(now)
}

// holidayQuestion is "keep, move, cancel?".
func (t *Table) holidayQuestion(lang, key string) string {
	schedule, civil, _ := strings.Cut(key, "|")
	c, err := store.ParseCivil(civil)
	of := t.plans.of[schedule]
	h, ok := t.cfg.Calendar().HolidayOn(c)
	if err != nil || len(of) == 0 || !ok {
		return ""
	}
	return t.words.Say(lang, "meeting.holiday", words.Args{"Title": of[0].cfg.Title[lang], "When": civilWords(lang, c), "Holiday": h.Name[lang],
		"Next": c.AddDate(0, 0, 1).Format("02/01") + " " + c.Format("15:04")})
}

// askedMeeting is the first meeting about which the board was asked and has not answered.
func (t *Table) askedMeeting(tx *store.Tx, now time.Time) (key string, ok bool) {
	var first time.Time
	for note := range tx.Notes("holiday-asked/") {
		if at, open := t.undecided(tx, note, now); open && (first.IsZero() || at.Before(first)) {
			first, key, ok = at, note, true
		}
	}
	return key, ok
}

// changeMeeting keeps, moves or calls off the meeting that was asked about, else the next.
func changeMeeting(c *Call, sub string) error {
	key, asked := c.Table.askedMeeting(c.Tx, c.Now)
	if !asked {
		p, ok := c.Table.plannedMeeting(c.Tx, c.Now)
		if !ok {
			return c.Refuse("meeting.none_planned", nil)
		}
		key = p.Schedule + "|" + p.Civil
	}
	schedule, civil, _ := strings.Cut(key, "|")
	old, err := store.ParseCivil(civil)
	if err != nil {
		return fmt.Errorf("a meeting's name: %w", err)
	}
	of := c.Table.changedPlans(c.Tx).of[schedule]
	args := words.Args{"When": civilWords(c.Lang(), old), "Title": of[0].cfg.Title[c.Lang()], "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())}
	switch sub {
	case "maintenir":
		c.Tx.PutMeetingChange(store.MeetingChange{Schedule: schedule, Civil: original(c.Tx, schedule, civil), To: movedTo(c.Tx, schedule, civil), By: c.Person().ID})
		c.Tx.ClearDue(dueHoliday, key)
		c.Tx.Audit(c.Person().ID, "meeting keep", key, c.RoomName)
		c.SayID("meeting.kept", args)
		return nil
	case "supprimer":
		return c.confirm(confirmation{Act: actMeeting + "off", Text: key}, "meeting.sure_off", args)
	}
	to, ok := parseMoment(c.Args, old, store.CivilOf(c.Now, of[0].rule.Zone))
	if !ok {
		return c.Refuse("meeting.when", nil)
	}
	if at, _ := to.In(of[0].rule.Zone); !at.After(c.Now) || to.Equal(old.Time) {
		return c.Refuse("meeting.past", nil)
	}
	args["To"] = civilWords(c.Lang(), to)
	return c.confirm(confirmation{Act: actMeeting + "move", Text: key + "|" + to.String()}, "meeting.sure_move", args)
}

// movedTo is the civil time itself when it is one that something was moved to.
func movedTo(tx *store.Tx, schedule, civil string) string {
	if original(tx, schedule, civil) != civil {
		return civil
	}
	return ""
}

// momentForm is "15/07", "15/07/2026 20:30", "2026-07-15 20h".
var momentForm = regexp.MustCompile(`^(?:au |le |to |on )?(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})(?:/(\d{4}))?)(?:[ ,T]+(?:a |à |at )?(\d{1,2})(?:[:h](\d{2})?)?)?$`)

// parseMoment reads a date, and an hour where one is given; otherwise the hour of old. A
// date without a year is the next one.
func parseMoment(text string, old, now store.Civil) (store.Civil, bool) {
	m := momentForm.FindStringSubmatch(strings.TrimSpace(strings.ToLower(text)))
	if m == nil {
		return store.Civil{}, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	year, month, day := n(1), n(2), n(3)
	if m[4] != "" {
		year, month, day = n(6), n(5), n(4)
	}
	hour, minute := old.Hour(), old.Minute()
	if m[7] != "" {
		hour, minute = n(7), n(8)
	}
	next := year == 0
	if next {
		year = now.Year()
	}
	at := time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	if at.Month() != time.Month(month) || at.Day() != day || hour > 23 || minute > 59 {
		return store.Civil{}, false
	}
	if next && at.Before(now.Time) {
		at = at.AddDate(1, 0, 0)
	}
	return store.Civil{Time: at}, true
}

// changeNow does what was confirmed, plans anew, and tells every room of the schedule.
func (t *Table) changeNow(c *Call, act, text string) error {
	part := strings.Split(text, "|")
	schedule, civil := part[0], part[1]
	change := store.MeetingChange{Schedule: schedule, Civil: original(c.Tx, schedule, civil), Off: act == "off", By: c.Person().ID}
	if act == "move" {
		change.To = part[2]
	}
	c.Tx.PutMeetingChange(change)
	c.Tx.ClearDue(dueHoliday, schedule+"|"+civil)
	c.Tx.Audit(c.Person().ID, "meeting "+act, text, c.RoomName)
	old, err := store.ParseCivil(civil)
	if err != nil {
		return fmt.Errorf("a meeting's name: %w", err)
	}
	of := t.changedPlans(c.Tx).of[schedule]
	if len(of) == 0 {
		return c.Refuse("meeting.none_planned", nil)
	}
	t.plan(c.Turn)
	id := "meeting.tell_off"
	to, err := store.ParseCivil(change.To)
	if err == nil {
		id = "meeting.tell_move"
	}
	for _, room := range t.scheduleRooms(of[0].cfg) {
		lang := t.roomLang(room)
		args := words.Args{"Title": of[0].cfg.Title[lang], "When": civilWords(lang, old), "To": civilWords(lang, to), "Place": of[0].cfg.Place}
		c.Turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("schedule/change/%s/%s/%s", text, act, room)), Room: room, Text: t.words.Say(lang, id, args),
			Tone: chat.Loud, Priority: chat.News}, bot.Delivery{Once: true, Track: true})
	}
	c.SayID("meeting.changed", nil)
	return nil
}
