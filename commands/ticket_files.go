package commands

import (
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// FilesConfig bounds what people send beside their words. The bot keeps where a file is, never the
// file.
type FilesConfig struct {
	// Max is how many files one ticket may name, Size how many bytes each may have.
	Max  int   `yaml:"max"`
	Size int64 `yaml:"size"`
}

func defaultFiles() FilesConfig { return FilesConfig{Max: 20, Size: 20_000_000} }

// filesFor takes the files of the speaker's message that a ticket may have, and tells them of those
// that it may not. n is how many it names already.
func (c *Call) filesFor(n int) []store.TicketFile {
	var out []store.TicketFile
	c.filesTaken = true
	limits := c.Table.cfg.Tickets.Files
	for _, f := range c.Msg.Files {
		name := chat.Plain(f.Name, 80)
		switch {
		case f.Size > limits.Size:
			c.SayID("ticketfile.too_big", words.Args{"Name": name, "Size": bytesOf(f.Size, c.Lang()), "Max": bytesOf(limits.Size, c.Lang())})
		case n+len(out) >= limits.Max:
			c.SayID("ticketfile.too_many", words.Args{"Name": name, "Max": limits.Max})
		default:
			out = append(out, store.TicketFile{Name: name, Type: chat.Plain(f.Type, 80), Size: max(0, f.Size), Ref: f.Ref})
		}
	}
	return out
}

// fileCount is how many files a ticket names.
func fileCount(tx *store.Tx, n int) int {
	count := 0
	for _, e := range store.AsAmended(tx.TicketEvents(n)) {
		count += len(e.Files)
	}
	return count
}

// ticketFiles is filesFor a ticket that exists.
func (c *Call) ticketFiles(n int) []store.TicketFile {
	if len(c.Msg.Files) == 0 {
		return nil
	}
	return c.filesFor(fileCount(c.Tx, n))
}

// bytesOf is a size for people: 120 ko, 3,4 Mo.
func bytesOf(n int64, lang string) string {
	unit, comma := [2]string{" ko", " Mo"}, ","
	if lang == "en" {
		unit, comma = [2]string{" kB", " MB"}, "."
	}
	if n < 1_000_000 {
		return strconv.FormatInt(max(1, (n+500)/1000), 10) + unit[0]
	}
	return strings.Replace(strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64), ".", comma, 1) + unit[1]
}

// fileWords is what stands for a file where it is not shown; network is where it can be seen, empty
// where it is shown beside the words.
func (t *Table) fileWords(lang string, f store.TicketFile, network string) string {
	id := "ticketfile.here"
	if network != "" {
		id = "ticketfile.elsewhere"
	}
	return t.words.Say(lang, id, words.Args{"Name": f.Name, "Size": bytesOf(f.Size, lang), "Network": networkName(network)})
}

// networkName is a network's name as people write it.
func networkName(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// fileReply shows a file in a room of the network where it was sent, and says of it in others.
// The file itself goes only where few people read.
func (t *Table) fileReply(lang string, f store.TicketFile, from string, room chat.Room, narrow bool) chat.Reply {
	r := chat.Reply{Room: room, Secret: narrow, Priority: chat.Answer, Text: t.fileWords(lang, f, from)}
	if room.Network == from && narrow && len(f.Ref) > 0 {
		r.Text = t.fileWords(lang, f, "")
		r.File = &chat.File{Name: f.Name, Type: f.Type, Size: f.Size, Ref: f.Ref}
	}
	return r
}

// staffFiles shows what came with an event in a ticket's thread in each staff room, but in the
// room where everybody saw it.
func (t *Table) staffFiles(turn *bot.Turn, n int, e store.TicketEvent, except chat.Room) {
	from, _, _ := strings.Cut(e.Room, "/")
	for _, room := range t.cfg.StaffRooms() {
		if room == except {
			continue
		}
		for i, f := range e.Files {
			r := t.fileReply(t.cfg.Language, f, from, room, true)
			r.Key, r.ThreadOf = replyKey(fmt.Sprintf("ticket/%d/file-%d-%d/%s", n, e.Seq, i, room)), rootKey(n, room)
			r.Text, r.Priority = t.numbered(room, n)+r.Text, chat.Urgent
			turn.Deliver(r, bot.Delivery{Track: true})
		}
	}
}

// memberFiles shows what came with staff's words to those who read them.
func (t *Table) memberFiles(turn *bot.Turn, tk store.Ticket, e store.TicketEvent) []store.TicketTold {
	from, _, _ := strings.Cut(e.Room, "/")
	var told []store.TicketTold
	for _, a := range tk.Askers() {
		p, ok := turn.Tx.Person(a.Person)
		if !ok {
			continue
		}
		room, to := t.roomFor(tk, a, p)
		lang := t.langOfAsker(turn.Tx, a)
		for i, f := range e.Files {
			r := t.fileReply(lang, f, from, room, room.Private && room.Account != "")
			if room.Private && room.Account == "" { // see tellAsker
				held := heldFor(p.ID, a.Session)
				turn.Tx.SetNote(held, chat.Cut(join(turn.Tx.Note(held), r.Text), 8000))
				continue
			}
			r.Key, r.To = replyKey(fmt.Sprintf("ticket/%d/member/file-%d-%d/%s", tk.N, e.Seq, i, a.Person)), to
			turn.Deliver(r, bot.Delivery{Track: true})
			told = append(told, store.TicketTold{Key: r.Key, N: tk.N, Lang: lang})
		}
	}
	return told
}

// filesAlone takes a message that is nothing but files: of staff in a ticket's thread they go to
// the member, of a member to the ticket that is being spoken of. Otherwise it is asked what they are for.
// It tells whether the message was one.
func (t *Table) filesAlone(c *Call, l line) (bool, error) {
	if len(c.Msg.Files) == 0 || l.text != "" || l.prefixed {
		return false, nil
	}
	c.filesTaken = true
	if n, ok := c.threadTicket(); ok {
		if !c.Has(Adminsys) {
			return true, nil
		}
		tk, _ := c.Tx.Current(n)
		return true, t.staffAct(c, tk, store.TicketEvent{Act: store.ActReply})
	}
	if d, talking := c.dialog(); talking && d.Kind == dialogTicket {
		if tk, ok := c.Tx.Current(d.Ticket); ok && c.mayRead(tk) {
			return true, t.memberSays(c, tk, "")
		}
	}
	if open := c.current(false); c.Private() && len(open) > 0 && c.mayRead(open[0]) {
		return true, t.memberSays(c, open[0], "")
	}
	if l.addressed {
		c.SayID("ticketfile.what_for", nil)
	}
	return true, nil
}

// filesLeft tells somebody whose words were understood that the files beside them were not kept:
// silence would read as "they have it".
func (c *Call) filesLeft(l line) {
	if len(c.Msg.Files) > 0 && !c.filesTaken && (l.addressed || l.prefixed) {
		c.SayID("ticketfile.not_kept", nil)
	}
}
