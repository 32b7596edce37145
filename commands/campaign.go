package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// CampaignsConfig says what may be asked for, and when asking is right.
type CampaignsConfig struct {
	Gate store.GateRules `yaml:"gate"`
	// Person bounds what one person hears.
	Person PersonCaps `yaml:"person"`
	// Hold is how long a call that was held stays alive; then it is let go.
	Hold time.Duration `yaml:"hold"`
	// Retry is how long until a held call is looked at again when nobody knows.
	Retry time.Duration    `yaml:"retry"`
	List  []CampaignConfig `yaml:"list"`
}

// CampaignConfig is one campaign as it begins; amounts and states live in the store.
type CampaignConfig struct {
	ID    string            `yaml:"id"`
	Title map[string]string `yaml:"title"`
	Text  map[string]string `yaml:"text"`
	Link  string            `yaml:"link"`
	// Goal is in whole euros.
	Goal     int64  `yaml:"goal"`
	Deadline string `yaml:"deadline"`
	// Running starts it by itself; otherwise "!campagne lancer".
	Running bool `yaml:"running"`
}

func defaultCampaigns() CampaignsConfig {
	return CampaignsConfig{
		Gate: store.GateRules{After: 72 * time.Hour, Every: 14 * 24 * time.Hour, QuietFrom: "22:00", QuietUntil: "08:00",
			ActiveWithin: 24 * time.Hour, Busy: 20, BusyWithin: 5 * time.Minute},
		Person: defaultPersonCaps(),
		Hold:   7 * 24 * time.Hour, Retry: time.Hour,
	}
}

func (c *CampaignsConfig) check(*Config) []Problem {
	var p []Problem
	for i, k := range c.List {
		p = append(p, k.check(fmt.Sprintf("campaigns.list[%d]", i))...)
	}
	for _, q := range []string{c.Gate.QuietFrom, c.Gate.QuietUntil} {
		if _, err := time.Parse("15:04", q); q != "" && err != nil {
			p = append(p, Problem{"campaigns.gate", fmt.Sprintf("%q is not an hour", q), "write it as 22:00"})
		}
	}
	if c.Retry <= 0 || c.Hold <= 0 {
		p = append(p, Problem{"campaigns", "hold and retry must be longer than nothing", "write hold: 168h, retry: 1h"})
	}
	return p
}

func (k CampaignConfig) check(path string) []Problem {
	var p []Problem
	if k.ID == "" || strings.ContainsAny(k.ID, "/| ") {
		p = append(p, Problem{path + ".id", fmt.Sprintf("%q cannot be used", k.ID), "a name without space, / or |"})
	}
	if k.Goal < 0 || k.Link == "" || k.Text["fr"] == "" || k.Text["en"] == "" || k.Title["fr"] == "" || k.Title["en"] == "" {
		p = append(p, Problem{path, "something is missing", "a campaign needs title and text in both languages, a link, and a goal in euros"})
	}
	if _, err := time.Parse(time.DateOnly, k.Deadline); k.Deadline != "" && err != nil {
		p = append(p, Problem{path + ".deadline", fmt.Sprintf("%q is not a date", k.Deadline), "write it as 2026-12-31"})
	}
	return p
}

// campaignCommands are about donations.
func campaignCommands() []*Command {
	return []*Command{
		{Name: "don", English: "donate", Role: Anyone, Run: donate, Subs: []Sub{{"moins", "less"}}},
		{Name: "campagne", English: "campaign", Role: Board, Where: StaffOnly, Run: campaign, Subs: []Sub{
			{"liste", "list"}, {"creer", "new"}, {"lancer", "start"}, {"pause", "pause"}, {"montant", "amount"}, {"pourquoi", "why"}, {"finir", "end"}}},
	}
}

// seedCampaigns puts configured campaigns in the store, and brings their words
// up to date; amounts and states are never touched.
func (t *Table) seedCampaigns(turn *bot.Turn) {
	for _, k := range t.cfg.Campaigns.List {
		c, ok := turn.Tx.Campaign(k.ID)
		if !ok {
			c = store.Campaign{ID: k.ID, State: store.CampaignDraft}
			if k.Running {
				c.State, c.Started = store.CampaignRunning, turn.Now
			}
		}
		c.Title, c.Text, c.Link, c.Goal = k.Title, k.Text, k.Link, k.Goal*100
		c.Deadline = time.Time{}
		if d, err := time.ParseInLocation(time.DateOnly, k.Deadline, t.cfg.Location()); err == nil {
			c.Deadline = d.AddDate(0, 0, 1)
		}
		turn.Tx.PutCampaign(c)
	}
	for _, c := range turn.Tx.Campaigns() { // nobody asks for what was taken out
		known := slices.ContainsFunc(t.cfg.Campaigns.List, func(k CampaignConfig) bool { return k.ID == c.ID })
		if !known && !c.Made && c.State == store.CampaignRunning {
			c.State = store.CampaignPaused
			turn.Tx.PutCampaign(c)
		}
	}
}

// donate says how to give, and where the running campaigns stand.
func donate(c *Call) error {
	if c.Sub() == "moins" {
		return fewerAsks(c)
	}
	var rows []string
	for _, k := range c.Tx.Campaigns() {
		if k.State == store.CampaignRunning {
			rows = append(rows, c.Table.callText(c.Lang(), k))
		}
	}
	if len(rows) == 0 {
		rows = append(rows, c.W("campaign.none", words.Args{"Link": c.Table.cfg.Host["donate"]}))
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// callText is a campaign's words, with how far it is.
func (t *Table) callText(lang string, k store.Campaign) string {
	text := strings.TrimSpace(k.Text[lang])
	if k.Goal > 0 {
		text += " " + t.words.Say(lang, "campaign.progress", words.Args{"Bar": bar(k.Percent()), "Percent": k.Percent(), "Amount": euros(lang, k.Amount), "Goal": euros(lang, k.Goal)})
	}
	return text + " " + k.Link
}

// bar draws how far a campaign is, in ten squares.
func bar(percent int) string {
	full := percent / 10
	return strings.Repeat("█", full) + strings.Repeat("░", 10-full)
}

// euros writes cents as people of the language do.
func euros(lang string, cents int64) string {
	s := strconv.FormatInt(cents/100, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	point := ","
	if lang == "en" {
		s, point = strings.ReplaceAll(s, "\u202f", ","), "."
	}
	if cents%100 != 0 {
		s += fmt.Sprintf("%s%02d", point, cents%100)
	}
	if lang == "en" {
		return "€" + s
	}
	return s + "\u00a0€"
}

func campaign(c *Call) error {
	sub := c.Sub()
	word, rest := cutWord(c.Args)
	k, found := c.Tx.Campaign(word)
	// The only campaign need not be named; a name that is not its own is a mistake.
	if all := c.Tx.Campaigns(); !found && len(all) == 1 && (word == "" || sub == "montant" && strings.ContainsAny(word[:1], "+-0123456789")) {
		k, found, rest = all[0], true, c.Args
	}
	if sub == "" || sub == "liste" || sub == "creer" {
		if sub == "creer" {
			return newCampaign(c)
		}
		return listCampaigns(c)
	}
	if !found {
		return c.Refuse("campaign.which", words.Args{"IDs": campaignIDs(c.Tx)})
	}
	switch sub {
	case "pourquoi":
		return whyHeld(c, k)
	case "montant":
		return setAmount(c, k, rest)
	case "lancer", "finir":
		if k.State == store.CampaignEnded {
			return c.Refuse("campaign.over", words.Args{"ID": k.ID})
		}
		return c.confirm(confirmation{Act: actCampaign + sub, Text: k.ID}, "campaign.sure_"+sub, words.Args{"ID": k.ID, "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
	}
	return steerCampaign(c, k, sub)
}

// actCampaign begins the acts of campaigns that wait for a yes.
const actCampaign = "campaign "

func campaignIDs(tx *store.Tx) string {
	var ids []string
	for _, k := range tx.Campaigns() {
		ids = append(ids, k.ID)
	}
	return strings.Join(ids, ", ")
}

// steerCampaign starts, pauses or ends a campaign.
func steerCampaign(c *Call, k store.Campaign, sub string) error {
	state := map[string]store.CampaignState{"lancer": store.CampaignRunning, "pause": store.CampaignPaused, "finir": store.CampaignEnded}[sub]
	if k.State == store.CampaignEnded {
		return c.Refuse("campaign.over", words.Args{"ID": k.ID})
	}
	if k.State = state; state == store.CampaignRunning && k.Started.IsZero() {
		k.Started = c.Now
	}
	c.Tx.PutCampaign(k)
	c.Tx.Audit(c.Person().ID, "campaign "+sub, k.ID, c.RoomName)
	c.SayID("campaign.state_"+string(k.State), words.Args{"ID": k.ID})
	return nil
}

func listCampaigns(c *Call) error {
	var rows []string
	for _, k := range c.Tx.Campaigns() {
		rows = append(rows, fmt.Sprintf("%s : %s — %s %d %% (%s / %s)", k.ID, k.Title[c.Lang()], bar(k.Percent()), k.Percent(), euros(c.Lang(), k.Amount), euros(c.Lang(), k.Goal)))
	}
	if len(rows) == 0 {
		c.SayID("campaign.none_at_all", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// cents3 tells whether an amount has more decimals than money has: an English
// 12,345 would otherwise be read as twelve euros.
func cents3(amount string) bool {
	_, decimals, ok := strings.Cut(amount, ".")
	return ok && len(decimals) > 2
}

// setAmount notes what has been given so far; "+50" adds. At the goal the rooms
// are thanked, once, and asking stops.
func setAmount(c *Call, k store.Campaign, text string) error {
	add := strings.HasPrefix(text, "+")
	cents, ok := parseEuros(strings.TrimPrefix(text, "+"))
	if !ok {
		return c.Usage()
	}
	if add {
		cents += k.Amount
	}
	k.Amount = cents
	c.Tx.Audit(c.Person().ID, "campaign amount", k.ID, c.RoomName)
	if k.Reached() && !k.Thanked && k.State == store.CampaignRunning {
		k.Thanked, k.State = true, store.CampaignEnded
		for _, room := range c.Table.cfg.AnnouncementRooms() {
			lang := c.Table.roomLang(room)
			c.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("campaign/%s/thanks/%s", k.ID, room)), Room: room, Tone: chat.Loud, Priority: chat.News,
				Text: c.Table.words.Say(lang, "campaign.thanks", words.Args{"Title": k.Title[lang], "Amount": euros(lang, k.Amount)})}, bot.Delivery{Once: true, Track: true})
		}
	}
	c.Tx.PutCampaign(k)
	c.SayID("campaign.amount", words.Args{"ID": k.ID, "Amount": euros(c.Lang(), k.Amount), "Percent": k.Percent()})
	return nil
}
