package commands

import (
	"hash/fnv"
	"strconv"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

const dueLink = "link"

// linkGrace is how long a network may be away before the adminsys hear of it: a
// server that restarts is back by then.
const linkGrace = time.Minute

// linked follows the networks' connections. One that stays away, or that needs a
// hand, is told to the adminsys by the others.
func (t *Table) linked(turn *bot.Turn, e bot.Link) error {
	switch {
	case e.Up && e.Err != nil:
		turn.Log.Warn("a network needs a hand", "network", e.Network, "err", e.Err)
		t.linkSay(turn, "trouble-"+turn.Now.Format(time.DateOnly)+"-"+shortHash(e.Err.Error()), e.Network, "link.trouble", e.Err)
	case e.Up:
		turn.Log.Info("network up", "network", e.Network)
		turn.Tx.ClearDue(dueLink, e.Network)
		if turn.Tx.Note("link-told/"+e.Network) != "" {
			turn.Tx.SetNote("link-told/"+e.Network, "")
			t.linkSay(turn, "up-"+turn.Now.Format(time.RFC3339), e.Network, "link.up", nil)
		}
	default:
		turn.Log.Warn("network down", "network", e.Network, "err", e.Err)
		if _, waiting := turn.Tx.DueAt(dueLink, e.Network); !waiting && turn.Tx.Note("link-told/"+e.Network) == "" {
			turn.Tx.SetDue(dueLink, e.Network, turn.Now.Add(linkGrace))
		}
		if e.Err != nil {
			turn.Tx.SetNote("link-why/"+e.Network, chat.Plain(e.Err.Error(), 200))
		}
	}
	return nil
}

// shortHash tells two texts apart in a key, without holding either.
func shortHash(s string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return strconv.FormatUint(h.Sum64(), 36)
}

// linkDue tells that a network is still away.
func (t *Table) linkDue(turn *bot.Turn, d store.Due) error {
	turn.Tx.SetNote("link-told/"+d.Key, turn.Now.Format(time.RFC3339))
	why := turn.Tx.Note("link-why/" + d.Key)
	for _, room := range t.cfg.StaffRooms() {
		if room.Network == d.Key {
			continue // it would only be read once it is no longer true
		}
		turn.Deliver(chat.Reply{Key: "staff/link-down-" + turn.Now.Format(time.RFC3339) + "/" + room.String(), Room: room, Tone: chat.Loud, Secret: true,
			Priority: chat.Urgent, Expires: turn.Now.Add(time.Hour),
			Text: t.words.Say(t.cfg.Language, "link.down", words.Args{"Network": d.Key, "Why": why})}, bot.Delivery{Stored: true})
	}
	return nil
}

func (t *Table) linkSay(turn *bot.Turn, key, network, id string, err error) {
	why := ""
	if err != nil {
		why = chat.Plain(err.Error(), 300)
	}
	t.staffSay(turn, "link-"+network+"-"+key, t.words.Say(t.cfg.Language, id, words.Args{"Network": network, "Why": why}), false)
}

// fullNotice tells the staff rooms, without touching the store, that nothing can
// be written: at most once in ten minutes.
func (t *Table) fullNotice(turn *bot.Turn) {
	if turn.Now.Sub(t.fullTold) < 10*time.Minute {
		return
	}
	t.fullTold = turn.Now
	for _, room := range t.cfg.StaffRooms() {
		turn.Say(chat.Reply{Room: room, Tone: chat.Loud, Secret: true, Priority: chat.Urgent, Text: t.words.Say(t.cfg.Language, "link.full", nil)})
	}
}
