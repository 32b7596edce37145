package commands

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// dialogConfirm is the kind of a dialogue that waits for a yes.
const dialogConfirm = "confirm"

// confirmation is what a yes will do.
type confirmation struct {
	Act  string `json:"act"`
	Text string `json:"text"`
	Lang string `json:"lang"`
	// Everyone calls all who are in the rooms.
	Everyone bool `json:"everyone,omitempty"`
	// Rule and If say when, for what is not said at once.
	Rule string `json:"rule,omitempty"`
	If   string `json:"if,omitempty"`
}

// announce shows what would be said everywhere and asks whether to say it.
func announce(c *Call) error {
	if c.Args == "" {
		return c.Usage()
	}
	if c.Sub() == "annuler" {
		n, named := number(strings.TrimSpace(c.Args))
		if last, ok := c.Tx.LastAnnouncement(); ok && !named {
			n = last.N
		}
		return c.takeBack(n)
	}
	bare, everyone := strings.CutPrefix(c.Args+" ", "@room ")
	text := cleanLines(strings.TrimSpace(bare))
	if text == "" {
		return c.Usage()
	}
	places := c.Table.cfg.AnnouncementRooms()
	if len(places) == 0 {
		return c.Refuse("incident.no_rooms", nil)
	}
	if a, later, err := c.planned(strings.TrimSpace(bare)); err != nil {
		return c.Refuse("announce.condition", words.Args{"Err": chat.Plain(err.Error(), 200)})
	} else if later {
		a.Everyone = everyone
		return c.announceLater(a)
	}
	if wasMeantForLater(strings.TrimSpace(bare)) {
		return c.Refuse("announce.when", nil)
	}
	id := "incident.announce_confirm"
	if everyone {
		id = "incident.announce_confirm_all"
	}
	return c.confirm(confirmation{Act: actAnnounce, Text: text, Everyone: everyone}, id,
		words.Args{"Count": len(places), "Text": text, "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

const actAnnounce = "announce"

// confirm asks whether to do something wide or final; a yes within Limits.Confirm does it.
func (c *Call) confirm(what confirmation, id string, args words.Args) error {
	what.Lang = c.Lang()
	raw, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("keep a question: %w", err)
	}
	d := store.Dialog{Person: c.Person().ID, Room: c.Msg.Room, With: c.Msg.From, Kind: dialogConfirm, Session: raw, Thread: c.Msg.Thread}
	c.Tx.PutDialog(d)
	c.Tx.SetDue(dueDialog, d.Key(), c.Now.Add(c.Table.cfg.Limits.Confirm))
	c.SayID(id, args)
	return nil
}

// confirmWords takes the answer to "are you sure".
func (t *Table) confirmWords(c *Call, d store.Dialog, l line) error {
	var conf confirmation
	if err := json.Unmarshal(d.Session, &conf); err != nil {
		return fmt.Errorf("read a confirmation: %w", err)
	}
	c.Tx.DropDialog(d.Key())
	c.Tx.ClearDue(dueDialog, d.Key())
	if c.person == nil || c.person.Lang == "" {
		c.lang = conf.Lang
	}
	change, aboutMeeting := strings.CutPrefix(conf.Act, actMeeting)
	if did, err := t.confirmedErasure(c, conf, yes(word(l.text))); did || err != nil {
		return err
	}
	sub, aboutCampaign := strings.CutPrefix(conf.Act, actCampaign)
	switch k, found := c.Tx.Campaign(conf.Text); {
	case !yes(word(l.text)), (aboutCampaign || aboutMeeting) && !c.Has(Board), !aboutCampaign && !aboutMeeting && !c.Has(Adminsys): // a role may have gone meanwhile
		c.SayID("incident.announce_dropped", nil)
		return nil
	case aboutCampaign && found:
		return steerCampaign(c, k, sub)
	case aboutMeeting:
		return t.changeNow(c, change, conf.Text)
	case conf.Act == actMerge:
		return t.mergeNow(c, conf.Text)
	case conf.Act == actCanned:
		return t.cannedNow(c, conf.Text)
	case conf.Act == actWorks:
		return t.announceWorks(c, conf.Text)
	}
	return c.announceNow(conf)
}

// deliveries tells what became of the announcements, place by place.
func deliveries(c *Call) error {
	list := slices.Concat(c.Tx.Deliveries("incident/"), c.Tx.Deliveries("maintenance/"), c.Tx.Deliveries("announce/"), c.Tx.Deliveries("schedule/"), c.Tx.Deliveries("campaign/"))
	slices.SortFunc(list, func(a, b store.Delivery) int { return b.At.Compare(a.At) })
	want := 12
	if n, ok := number(c.Args); ok {
		list = slices.DeleteFunc(list, func(d store.Delivery) bool {
			return !strings.HasPrefix(d.Key, fmt.Sprintf("incident/%d/", n)) && !strings.HasPrefix(d.Key, fmt.Sprintf("announce/%d/", n))
		})
		want = 60
	}
	if len(list) == 0 {
		c.SayID("incident.no_deliveries", nil)
		return nil
	}
	var rows []string
	for _, d := range list[:min(want, len(list))] {
		row := fmt.Sprintf("%s %s %s : %s", c.Local(d.At).Format("02/01 15:04"), strings.TrimSuffix(d.Key, "/"+d.Room.String()), d.Room, c.W("incident.delivery_"+string(d.State), nil))
		if d.Error != "" {
			row += " (" + d.Error + ")"
		}
		rows = append(rows, row)
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// status says what is wrong now, and what to expect of the team, honestly.
func status(c *Call) error {
	var rows []string
	for _, i := range c.Tx.Incidents() {
		if !i.Open() {
			continue
		}
		last := i.Posts[len(i.Posts)-1]
		rows = append(rows, c.Table.headline(c.Lang(), i, last))
	}
	if len(rows) == 0 {
		rows = append(rows, c.W("incident.all_well", nil))
	}
	for _, m := range c.Tx.Maintenances() {
		if !m.Over() && !m.Subscribers && m.From.Sub(c.Now) < 7*24*time.Hour {
			what := string(m.State)
			rows = append(rows, c.Table.worksWords(c.Lang(), m, what))
		}
	}
	rows = append(rows, c.Table.honestTarget(c))
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// fewest is how many tickets a median is worth saying of.
const fewest = 5

// honestTarget says how long first answers really took, as measured.
func (t *Table) honestTarget(c *Call) string {
	st := statsOf(c.Tx, c.Now.Add(-30*24*time.Hour), c.Now.Add(1))
	duty := t.dutyWords(c.Turn, c.Lang())
	if st.Answered < fewest {
		return c.W("incident.no_measure", words.Args{"Duty": duty})
	}
	return c.W("incident.measure", words.Args{"Median": atMost(st.Median, c.Lang()), "P90": atMost(st.P90, c.Lang()), "Tickets": st.Answered, "Duty": duty})
}
