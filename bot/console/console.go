package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
)

// Driver is the bot behind the console. Each method handles what happens to its
// end and calls said for every reply, in order, with the instant at which it was said and
// the id under which the network proves it. An error ends the console.
type Driver interface {
	// Restart begins a process on the store: first of all, and at /restart.
	Restart(now time.Time, said func(at time.Time, id string, r chat.Reply)) error
	// Take is something that a person did.
	Take(now time.Time, in chat.Inbound, said func(at time.Time, id string, r chat.Reply)) error
	// Advance lets the deadlines up to now come, in order.
	Advance(now time.Time, said func(at time.Time, id string, r chat.Reply)) error
}

// Options says where and when a console begins.
type Options struct {
	// Lang is the console's own language: fr or en.
	Lang string
	// Room is where the person is at first, and Name who. Zero: irc/#support, membre.
	Room chat.Room
	Name string
	// Start is the clock's first instant. It is shown in its own zone.
	Start time.Time
	// Prompt shows who speaks where before each line.
	Prompt bool
	// Bold writes bold text as terminals do; otherwise its marks are left out.
	Bold bool
}

// Run talks until the input ends, /quit is typed or ctx ends. Where reading in cannot be
// interrupted, one goroutine stays behind in it after ctx has ended.
func Run(ctx context.Context, in io.Reader, out io.Writer, d Driver, o Options) error {
	if o.Room.ID == "" {
		o.Room = chat.Room{Network: "irc", ID: "#support"}
	}
	c := &console{out: out, driver: d, options: o, words: wordsFor(o.Lang), now: o.Start, room: o.Room,
		accounts: map[string]string{}, ids: map[string]string{}, numbers: map[string]int{}}
	if c.name = o.Name; c.name == "" {
		c.name = "membre"
	}
	c.tell(c.words.welcome)
	if err := d.Restart(c.now, c.said); err != nil {
		return err
	}
	lines, failed := read(ctx, in)
	for !c.done && c.failed == nil {
		c.prompt()
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return c.end(<-failed)
			}
			c.line(line)
		}
	}
	return c.end(c.failed)
}

// read brings lines from a goroutine of its own, then says why there are no more.
func read(ctx context.Context, in io.Reader) (lines chan string, failed chan error) {
	lines, failed = make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, 64<<10)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				failed <- nil
				return
			}
		}
		failed <- scanner.Err()
	}()
	return lines, failed
}

// console is one conversation.
type console struct {
	out     io.Writer
	driver  Driver
	options Options
	words   words
	now     time.Time
	done    bool
	failed  error // of the driver or of the terminal

	name     string
	accounts map[string]string // by network/name
	room     chat.Room
	private  bool
	thread   string // id of the root, empty outside

	count   int
	ids     map[string]string // by number, as typed
	numbers map[string]int    // by id
}

func (c *console) end(err error) error {
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		c.tell(c.words.tooLong)
	case err == nil:
		c.tell(c.words.bye)
	}
	return errors.Join(err, c.failed)
}

// number counts messages and replies together, for people to refer to.
func (c *console) number(id string) int {
	c.count++
	c.ids[strconv.Itoa(c.count)], c.numbers[id] = id, c.count
	return c.count
}

// line does what one typed line says.
func (c *console) line(s string) {
	s = strings.TrimRight(s, "\r")
	if strings.TrimSpace(s) == "" {
		return
	}
	text, escaped := strings.CutPrefix(s, "//")
	switch {
	case escaped:
		c.speak(chat.Message{Text: "/" + text})
	case strings.HasPrefix(s, "/"):
		words := strings.Fields(s)
		c.obey(words[0], words[1:])
	default:
		c.speak(chat.Message{Text: s})
	}
}

// speak makes the current person do something, a second after the last thing.
func (c *console) speak(m chat.Message) {
	c.advance(c.now.Add(time.Second))
	m.From = c.identity()
	m.Room, m.Addressed, m.Thread = c.place(), c.private, c.thread
	m.At, m.Received = c.now, c.now
	m.ID = fmt.Sprintf("console-%d-%d", c.options.Start.UnixNano(), c.count+1)
	c.number(m.ID)
	c.try(c.driver.Take(c.now, m, c.said))
}

func (c *console) advance(until time.Time) {
	c.try(c.driver.Advance(until, c.said))
	c.now = until
}

func (c *console) try(err error) {
	if c.failed == nil {
		c.failed = err
	}
}

// identity is the current person, as the room's network vouches for them.
func (c *console) identity() chat.Identity {
	id := chat.Identity{Network: c.room.Network, Nick: c.name, Account: c.accounts[c.room.Network+"/"+c.name]}
	if strings.HasPrefix(id.Network, "matrix") {
		if id.Account == "" {
			id.Account = "@" + c.name + ":example.org"
		}
		return id
	}
	id.Host = c.name + "!" + c.name + "@console.invalid"
	return id
}

// place is where the current person speaks.
func (c *console) place() chat.Room {
	if !c.private {
		return c.room
	}
	id := c.identity()
	room := chat.Room{Network: id.Network, ID: id.Nick, Private: true, Account: id.Account}
	if id.Host == "" {
		room.ID = id.Account
	}
	return room
}
