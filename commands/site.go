package commands

import (
	"fmt"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
)

// sitePushFailed is the note that the info site's copy could not be published; empty when
// it was.
const sitePushFailed = "site-push-failed"

// pushed tells the adminsys once that the info site's copy does not reach its readers, and
// once that it does again.
func (t *Table) pushed(turn *bot.Turn, e bot.Pushed) {
	failed := turn.Tx.Note(sitePushFailed) != ""
	switch {
	case e.Err != "":
		turn.Tx.SetNote(sitePushFailed, chat.Plain(e.Err, 300))
		t.staffSay(turn, fmt.Sprintf("site-push-%d", turn.Now.UnixNano()), t.words.Say(t.cfg.Language, "site.push_failed",
			words.Args{"Error": chat.Plain(e.Err, 300)}), true)
	case failed:
		turn.Tx.SetNote(sitePushFailed, "")
		t.staffSay(turn, fmt.Sprintf("site-push-again-%d", turn.Now.UnixNano()), t.words.Say(t.cfg.Language, "site.push_again", nil), false)
	}
}
