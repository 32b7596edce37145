package commands

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// dialogCampaign is the kind of a dialogue that makes a campaign.
const dialogCampaign = "campaign"

// draft is what a campaign in the making knows so far.
type draft struct {
	Step     int               `json:"step"`
	Title    map[string]string `json:"title"`
	Text     map[string]string `json:"text"`
	Link     string            `json:"link,omitempty"`
	Goal     int64             `json:"goal,omitempty"`
	Deadline time.Time         `json:"deadline,omitzero"`
	Lang     string            `json:"lang"`
}

// question is one step of the dialogue: the sentence that asks, and what takes the answer;
// false asks again.
type question struct {
	id   string
	take func(c *Call, d *draft, text string) bool
}

// questions are the steps, in order; the last one is the yes.
func questions() []question {
	return []question{
		{"campaign.new_title_fr", func(_ *Call, d *draft, s string) bool { d.Title["fr"] = chat.Plain(s, 80); return d.Title["fr"] != "" }},
		{"campaign.new_title_en", func(_ *Call, d *draft, s string) bool { d.Title["en"] = chat.Plain(s, 80); return d.Title["en"] != "" }},
		{"campaign.new_text_fr", func(_ *Call, d *draft, s string) bool { d.Text["fr"] = chat.Plain(s, 300); return d.Text["fr"] != "" }},
		{"campaign.new_text_en", func(_ *Call, d *draft, s string) bool { d.Text["en"] = chat.Plain(s, 300); return d.Text["en"] != "" }},
		{"campaign.new_link", takeLink},
		{"campaign.new_goal", takeGoal},
		{"campaign.new_deadline", takeDeadline},
		{"campaign.new_sure", nil},
	}
}

func takeLink(_ *Call, d *draft, s string) bool {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return false
	}
	d.Link = u.String()
	return true
}

// takeGoal reads euros; 0 or "aucun" is a campaign without a goal.
func takeGoal(_ *Call, d *draft, s string) bool {
	if w := word(s); w == "aucun" || w == "none" {
		d.Goal = 0
		return true
	}
	cents, ok := parseEuros(s)
	d.Goal = cents
	return ok
}

// takeDeadline reads a last day; "permanente" is a campaign without one.
func takeDeadline(c *Call, d *draft, s string) bool {
	if w := word(s); w == "permanente" || w == "permanent" || w == "aucune" || w == "none" {
		d.Deadline = time.Time{}
		return true
	}
	now := store.CivilOf(c.Now, c.Table.cfg.Location())
	day, ok := parseMoment(s, store.Civil{}, now)
	if !ok || !day.After(now.Time) {
		return false
	}
	last, _ := store.Civil{Time: day.Truncate(24*time.Hour).AddDate(0, 0, 1)}.In(c.Table.cfg.Location())
	d.Deadline = last
	return true
}

// parseEuros reads an amount as people write it, in cents.
func parseEuros(text string) (int64, bool) {
	clean := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", "euros", "", "euro", "", ",", ".").Replace(strings.ToLower(strings.TrimSpace(text)))
	f, err := strconv.ParseFloat(clean, 64)
	if err != nil || f < 0 || f > 1e8 || math.IsNaN(f) || cents3(clean) {
		return 0, false
	}
	return int64(math.Round(f * 100)), true
}

// newCampaign begins the dialogue.
func newCampaign(c *Call) error {
	return c.askCampaign(draft{Title: map[string]string{}, Text: map[string]string{}, Lang: c.Lang()}, "")
}

// askCampaign asks the next question; before is said above it.
func (c *Call) askCampaign(d draft, before string) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("keep a campaign in the making: %w", err)
	}
	// Not Person: texts in both languages tell nothing of the speaker's own.
	dialog := store.Dialog{Person: c.personID(), Room: c.Msg.Room, With: c.Msg.From, Kind: dialogCampaign, Session: raw, Thread: c.Msg.Thread}
	c.Tx.PutDialog(dialog)
	c.Tx.SetDue(dueDialog, dialog.Key(), c.Now.Add(c.Table.cfg.Limits.Confirm))
	q := questions()[d.Step]
	args := words.Args{"N": d.Step + 1, "Of": len(questions())}
	if q.take == nil {
		args["Preview"] = c.Table.callText("fr", d.campaign("")) + "\n" + c.Table.callText("en", d.campaign(""))
		args["Until"] = c.W("campaign.permanent", nil)
		if !d.Deadline.IsZero() {
			args["Until"] = civilWords(c.Lang(), store.CivilOf(d.Deadline.Add(-time.Minute), c.Table.cfg.Location()))
		}
	}
	c.Say(strings.TrimSpace(before + "\n" + c.W(q.id, args)))
	return nil
}

// campaign is the draft as a record.
func (d draft) campaign(id string) store.Campaign {
	return store.Campaign{ID: id, State: store.CampaignDraft, Title: d.Title, Text: d.Text, Link: d.Link, Goal: d.Goal, Deadline: d.Deadline, Made: true}
}

// campaignWords takes an answer of the dialogue.
func (t *Table) campaignWords(c *Call, dialog store.Dialog, l line) error {
	var d draft
	if err := json.Unmarshal(dialog.Session, &d); err != nil || d.Step >= len(questions()) {
		return fmt.Errorf("read a campaign in the making: %w", err)
	}
	c.Tx.DropDialog(dialog.Key())
	c.Tx.ClearDue(dueDialog, dialog.Key())
	if c.person == nil || c.person.Lang == "" {
		c.lang = d.Lang
	}
	w := word(l.text)
	q := questions()[d.Step]
	switch {
	case stopped(w), !c.Has(Board), q.take == nil && no(w):
		c.SayID("incident.announce_dropped", nil)
		return nil
	case (w == "retour" || w == "back") && d.Step > 0:
		d.Step--
		return c.askCampaign(d, "")
	case q.take == nil && !yes(w):
		return c.askCampaign(d, c.W("campaign.new_yes_or_no", nil))
	case q.take == nil:
		return c.makeCampaign(d)
	case !q.take(c, &d, l.text):
		return c.askCampaign(d, c.W("campaign.new_again", nil))
	}
	d.Step++
	return c.askCampaign(d, "")
}

// makeCampaign writes the campaign, not yet begun.
func (c *Call) makeCampaign(d draft) error {
	id := slug(d.Title["fr"])
	for n := 2; ; n++ {
		if _, taken := c.Tx.Campaign(id); !taken {
			break
		}
		id = fmt.Sprintf("%s-%d", slug(d.Title["fr"]), n)
	}
	c.Tx.PutCampaign(d.campaign(id))
	c.Tx.Audit(c.Person().ID, "campaign new", id, c.RoomName)
	c.SayID("campaign.made", words.Args{"ID": id})
	return nil
}

// slug is a short name made of a title: letters, digits and dashes.
func slug(title string) string {
	var b strings.Builder
	for _, r := range Fold(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 24 {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "don"
}
