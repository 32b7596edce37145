package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// whyHeld tells, room by room, whether a call would be said now.
func whyHeld(c *Call, k store.Campaign) error {
	var rows []string
	for _, room := range c.Table.campaignRooms(k.ID) {
		holds := c.Table.gate(c.Turn, k, room)
		if len(holds) == 0 {
			rows = append(rows, room.String()+" : "+c.W("campaign.may_ask", nil))
			continue
		}
		rows = append(rows, room.String()+" : "+c.W("campaign.not_now", words.Args{"Why": c.Table.holdWords(c.Lang(), holds, c.Now)}))
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

func (t *Table) campaignRooms(id string) []chat.Room {
	for _, s := range t.cfg.Schedules {
		if s.Kind == donation && (s.Campaign == id || s.Campaign == "") {
			return t.scheduleRooms(s)
		}
	}
	return t.cfg.AnnouncementRooms()
}

// holdWords says why asking is not right now.
func (t *Table) holdWords(lang string, holds []store.Hold, now time.Time) string {
	var out []string
	for i, h := range holds {
		same := func(o store.Hold) bool { return o.Code == h.Code && o.N == h.N }
		if slices.IndexFunc(holds, same) < i {
			continue // another room's same reason
		}
		left := ""
		if !h.Until.IsZero() {
			left = t.words.Say(lang, "campaign.still", words.Args{"Time": span(h.Until.Sub(now), lang)})
		}
		out = append(out, t.words.Say(lang, "campaign.hold_"+h.Code, words.Args{"N": h.N, "Left": left}))
	}
	return strings.Join(out, " ; ")
}

// gate gathers what decides, and asks store.Gate.
func (t *Table) gate(turn *bot.Turn, k store.Campaign, room chat.Room) []store.Hold {
	in := store.GateInput{Now: turn.Now, Zone: t.cfg.Location(), Campaign: k, Rules: t.cfg.Campaigns.Gate}
	name, _, _ := t.cfg.RoomOf(room)
	for _, i := range turn.Tx.Incidents() {
		if t.concerns(i.Service, name) {
			in.Incidents = append(in.Incidents, i)
		}
	}
	for _, m := range turn.Tx.Maintenances() {
		if t.concerns(m.Service, name) {
			in.Works = append(in.Works, m)
		}
	}
	if last, err := time.Parse(time.RFC3339, turn.Tx.Note("asked/"+room.String())); err == nil {
		in.LastAsk = last
	}
	in.LastWord, in.Words = t.activity.of(room, turn.Now, in.Rules.BusyWithin)
	return store.Gate(in)
}

// donationCall asks in every room whose gate is open. When one holds, the
// adminsys are told why, once, and it is looked at again.
func (t *Table) donationCall(turn *bot.Turn, k chain, c store.Civil) time.Time {
	camp, ok := t.campaignFor(turn.Tx, k.cfg.Campaign)
	if !ok {
		return time.Time{}
	}
	t.endAtDeadline(turn, &camp)
	if camp.State != store.CampaignRunning || camp.Reached() { // nothing to wait for
		if turn.Tx.Note("schedule-held/"+k.name) == c.String() {
			t.staffSay(turn, "dropped-"+k.name+"-"+c.String(), t.words.Say(t.cfg.Language, "campaign.dropped_over", words.Args{"ID": camp.ID}), false)
			turn.Tx.SetNote("schedule-held/"+k.name, "")
		}
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActDropped, Holds: store.Gate(store.GateInput{Now: turn.Now, Zone: t.cfg.Location(), Campaign: camp})[:1]})
		return time.Time{}
	}
	var again time.Time
	var why []store.Hold
	for _, room := range t.scheduleRooms(k.cfg) {
		if t.unfit(turn, k, room) {
			t.rule(turn, k, c, room, Ruling{Act: ActUnfit})
			continue
		}
		holds := t.gate(turn, camp, room)
		if len(holds) == 0 {
			t.ask(turn, k, c, camp, room)
			continue
		}
		why = append(why, holds...)
		t.rule(turn, k, c, room, Ruling{Act: ActHeld, Holds: holds})
		if next := t.lookAgain(holds, turn.Now); again.IsZero() || next.Before(again) {
			again = next
		}
	}
	if next, _, ok := k.rule.Next(c); ok && k.when(next).Before(again) { // which takes its place
		again = k.when(next)
	}
	start, _ := c.In(k.rule.Zone)
	final := turn.Now.Sub(start) > t.cfg.Campaigns.Hold
	held := turn.Tx.Note("schedule-held/"+k.name) == c.String()
	if len(why) > 0 && final {
		t.rule(turn, k, c, chat.Room{}, Ruling{Act: ActDropped, Holds: why})
	}
	if len(why) > 0 && final && held {
		t.staffSay(turn, "dropped-"+k.name+"-"+c.String(), t.words.Say(t.cfg.Language, "campaign.dropped", words.Args{"ID": camp.ID}), false)
	}
	if len(why) == 0 || final {
		turn.Tx.SetNote("schedule-held/"+k.name, "")
		return time.Time{}
	}
	if !held {
		turn.Tx.SetNote("schedule-held/"+k.name, c.String())
		t.staffSay(turn, "held-"+k.name+"-"+c.String(), t.words.Say(t.cfg.Language, "campaign.held",
			words.Args{"ID": camp.ID, "Why": t.holdWords(t.cfg.Language, why, turn.Now)}), false)
	}
	return again
}

// campaignFor is the campaign that a call asks for: the one named as long as it runs, else
// the running one that ends first.
func (t *Table) campaignFor(tx *store.Tx, id string) (store.Campaign, bool) {
	named, found := tx.Campaign(id)
	if found && named.State == store.CampaignRunning && !named.Reached() {
		return named, true
	}
	best := named
	rank := func(k store.Campaign) (bool, bool, time.Time) {
		return k.State == store.CampaignRunning && !k.Reached(), !k.Deadline.IsZero(), k.Deadline
	}
	for _, k := range tx.Campaigns() {
		runs, dated, until := rank(k)
		bestRuns, bestDated, bestUntil := rank(best)
		better := runs && !bestRuns || runs == bestRuns && (dated && !bestDated || dated && bestDated && until.Before(bestUntil))
		if !found || better {
			best, found = k, true
		}
	}
	if runs, _, _ := rank(best); !runs && named.ID != "" {
		return named, true
	}
	return best, found
}

// endAtDeadline ends a campaign whose last day is over, and tells the staff rooms how far
// it came; once.
func (t *Table) endAtDeadline(turn *bot.Turn, k *store.Campaign) {
	if k.State != store.CampaignRunning || k.Deadline.IsZero() || turn.Now.Before(k.Deadline) {
		return
	}
	k.State = store.CampaignEnded
	turn.Tx.PutCampaign(*k)
	lang := t.cfg.Language
	t.staffSay(turn, "campaign-over-"+k.ID, t.words.Say(lang, "campaign.deadline_over",
		words.Args{"ID": k.ID, "Amount": euros(lang, k.Amount), "Goal": euros(lang, k.Goal), "Percent": k.Percent()}), false)
}

// lookAgain is when a room that holds a call is worth another look: when its reasons
// end, or after a while where nobody knows.
func (t *Table) lookAgain(holds []store.Hold, now time.Time) time.Time {
	if next := store.HoldsUntil(holds); next.After(now) {
		return next
	}
	return now.Add(t.cfg.Campaigns.Retry)
}

// ask says a call in one room, once.
func (t *Table) ask(turn *bot.Turn, k chain, c store.Civil, camp store.Campaign, room chat.Room) {
	if !turn.Tx.SayOnce(k.name, c.String(), k.rule.Zone.String(), room.String()) {
		return
	}
	t.rule(turn, k, c, room, Ruling{Act: ActSaid})
	turn.Tx.SetNote("asked/"+room.String(), turn.Now.Format(time.RFC3339))
	turn.Deliver(chat.Reply{Key: scheduleKey(k.name, c, room), Room: room, Tone: chat.Loud, Priority: chat.News, Text: t.callText(t.roomLang(room), camp),
		Expires: turn.Now.Add(time.Hour)}, bot.Delivery{Once: true, Track: true})
}
