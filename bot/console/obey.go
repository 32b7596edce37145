package console

import (
	"fmt"
	"strings"
	"time"

	"vigie/bot/chat"
)

// obey does one of the console's own commands.
func (c *console) obey(word string, args []string) {
	switch command(word) {
	case "who":
		c.who(word, args)
	case "room":
		c.enter(word, args)
	case "thread":
		c.follow(args)
	case "react":
		c.react(word, args)
	case "time":
		c.pass(args)
	case "restart":
		c.tell(c.words.restarted)
		c.try(c.driver.Restart(c.now, c.said))
	case "help":
		c.tell(c.words.help)
	case "quit":
		c.done = true
	default:
		c.tell(fmt.Sprintf(c.words.unknown, word))
	}
}

func (c *console) who(word string, args []string) {
	if len(args) == 0 || len(args) > 2 {
		c.tell(fmt.Sprintf(c.words.usage, word+" "+c.words.whoArgs))
		return
	}
	c.name = args[0]
	if len(args) == 2 {
		c.accounts[c.room.Network+"/"+c.name] = strings.TrimPrefix(args[1], "-")
	}
	account := c.identity().Account
	if account == "" {
		account = c.words.nobody
	}
	c.tell(fmt.Sprintf(c.words.as, c.name+" ("+account+")"))
}

// enter goes to a room; without a network in its name, on the same network.
func (c *console) enter(word string, args []string) {
	if len(args) != 1 {
		c.tell(fmt.Sprintf(c.words.usage, word+" "+c.words.roomArgs))
		return
	}
	network, id, ok := strings.Cut(args[0], "/")
	if !ok {
		network, id = c.room.Network, args[0]
	}
	if network == "" || id == "" {
		c.tell(fmt.Sprintf(c.words.usage, word+" "+c.words.roomArgs))
		return
	}
	c.thread, c.private = "", id == "@"
	c.room.Network = network
	if !c.private {
		c.room = chat.Room{Network: network, ID: id}
	}
	c.tell(fmt.Sprintf(c.words.in, c.roomName(c.place())))
	c.speak(chat.Message{Kind: chat.Join})
}

func (c *console) follow(args []string) {
	if len(args) == 0 {
		c.thread = ""
		c.tell(fmt.Sprintf(c.words.in, c.roomName(c.place())))
		return
	}
	if id, ok := c.find(args[0]); ok {
		c.thread = id
		c.tell(fmt.Sprintf(c.words.inThread, strings.TrimPrefix(args[0], "#")))
	}
}

// find is the message of that number; it tells when there is none.
func (c *console) find(number string) (string, bool) {
	number = strings.TrimPrefix(number, "#")
	id, ok := c.ids[number]
	if !ok {
		c.tell(fmt.Sprintf(c.words.noNumber, number))
	}
	return id, ok
}

func (c *console) react(word string, args []string) {
	if len(args) != 2 {
		c.tell(fmt.Sprintf(c.words.usage, word+" ✋ 3"))
		return
	}
	if id, ok := c.find(args[1]); ok {
		c.speak(chat.Message{Kind: chat.Reaction, Text: args[0], Target: id})
	}
}

// pass lets time pass: by a duration, until an instant, or not at all.
func (c *console) pass(args []string) {
	until := c.now
	if len(args) > 0 {
		var ok bool
		if until, ok = c.until(args[0]); !ok {
			c.tell(c.words.noTime)
			return
		}
	}
	c.advance(until)
	c.tell(fmt.Sprintf(c.words.now, c.now.Format("2006-01-02 15:04:05 MST")))
}

// until reads "+15m", "+3d" or an instant; neither may lead back.
func (c *console) until(s string) (time.Time, bool) {
	if wait, ok := strings.CutPrefix(s, "+"); ok {
		days := 0
		if before, ok := strings.CutSuffix(wait, "d"); ok {
			if _, err := fmt.Sscanf(before, "%d", &days); err != nil || fmt.Sprint(days) != before {
				return c.now, false
			}
			return c.now.AddDate(0, 0, days), days >= 0 && days <= 3660
		}
		d, err := time.ParseDuration(wait)
		return c.now.Add(d), err == nil && d >= 0
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.In(c.now.Location()), err == nil && !t.Before(c.now)
}
