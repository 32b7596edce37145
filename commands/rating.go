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

// ratingKey names the message that asks a member what they thought of the help.
func ratingKey(n, seq int) string { return replyKey(fmt.Sprintf("ticket/%d/rate/%d", n, seq)) }

// ratingNote keeps which ticket somebody was asked about last, when, and in which
// room: without naming the room, which may name them.
func ratingNote(person string) string { return "rate/" + person }

// sayClosed tells a member that their ticket is closed, and asks those whom a person
// has helped what they thought of it: once, and no answer is an answer too.
func (t *Table) sayClosed(c *Call, tk store.Ticket) {
	text := c.W("ticket.closed", words.Args{"N": tk.N})
	if !tk.AskedBy(c.personID()) || tk.FirstReply.IsZero() || tk.Rating != "" {
		c.Say(text)
		return
	}
	c.Tx.SetNote(ratingNote(c.personID()), fmt.Sprintf("%d %s %s", tk.N, c.Now.Format(time.RFC3339), shortHash(c.Msg.Room.String())))
	c.SayWith(text+" "+c.W("rating.asked", nil), chat.Reply{Key: ratingKey(tk.N, tk.Seq)})
}

// ratingOf reads what somebody thought: RatedGood, RatedBad, or nothing.
func ratingOf(text string) string {
	w := strings.Trim(Fold(gesture(strings.TrimSpace(text))), " .!")
	good := []string{"👍", "+1", "😀", "🙂", "❤", "bien", "tres bien", "super", "parfait", "top", "nickel", "content", "contente", "satisfait", "satisfaite", "good", "very good", "great", "perfect", "happy"}
	bad := []string{"👎", "-1", "🙁", "😞", "bof", "nul", "mal", "pas bien", "pas content", "pas contente", "decu", "decue", "bad", "poor", "unhappy", "not good"}
	switch {
	case slices.Contains(good, w):
		return store.RatedGood
	case slices.Contains(bad, w):
		return store.RatedBad
	}
	return ""
}

// rated takes the answer to "how was the help?", as long as it is fresh.
func (t *Table) rated(c *Call, l line) (bool, error) {
	opinion := ratingOf(l.text)
	if opinion == "" || l.prefixed || c.personID() == "" {
		return false, nil
	}
	note := strings.Fields(c.Tx.Note(ratingNote(c.personID())))
	if len(note) != 3 || note[2] != shortHash(c.Msg.Room.String()) {
		return false, nil
	}
	within := t.cfg.Learning.Judge
	if !l.addressed && !c.Private() { // people also talk to each other
		within = t.cfg.Answers.Listen
	}
	if asked, err := time.Parse(time.RFC3339, note[1]); err != nil || c.Now.Sub(asked) > within {
		return false, nil
	}
	if d, talking := c.dialog(); talking && d.Kind == dialogTicket {
		if other, ok := c.Tx.Ticket(d.Ticket); ok && other.State == store.TicketSolved {
			return false, nil // it answers whether that one works
		}
	}
	number, _ := strconv.Atoi(note[0])
	return t.rate(c, number, opinion)
}

// ratedByReaction takes a thumb put on the question itself.
func (t *Table) ratedByReaction(c *Call) bool {
	opinion := ratingOf(c.Msg.Text)
	n, err := strconv.Atoi(c.Tx.Note("rate-message/" + c.Msg.Room.Network + "/" + c.Msg.Target))
	if opinion == "" || err != nil {
		return false
	}
	did, err := t.rate(c, n, opinion)
	return did && err == nil
}

// rate notes what a ticket's requester thought, and tells the team.
func (t *Table) rate(c *Call, n int, opinion string) (bool, error) {
	tk, ok := c.Tx.Ticket(n)
	if !ok || !tk.AskedBy(c.personID()) || tk.Rating == opinion {
		return false, nil
	}
	tk, err := c.Tx.ActOnTicket(n, store.TicketEvent{Act: store.ActRate, By: c.personID(), Room: c.Msg.Room.String(), Text: opinion})
	if err != nil {
		return false, nil // it went on meanwhile
	}
	c.Tx.SetNote(ratingNote(c.personID()), "")
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("rated-%d", tk.Seq), t.words.Say(t.cfg.Language, "rating.staff_"+opinion, nil), chat.Room{})
	c.SayID("rating."+opinion, words.Args{"N": tk.N})
	return true, nil
}

// settledRating learns which message asks for an opinion, so that a reaction finds it.
func (t *Table) settledRating(turn *bot.Turn, e bot.Settled) {
	parts := strings.Split(e.Row.Reply.Key, "/")
	if len(parts) == 4 && parts[0] == "ticket" && parts[2] == "rate" && e.State == store.Proven && e.Proof != "" {
		turn.Tx.SetNote("rate-message/"+e.Row.Reply.Room.Network+"/"+e.Proof, parts[1])
	}
}
