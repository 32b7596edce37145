package story

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
)

// A Cast is the people of the story, each with a real client.
type Cast struct {
	stage *Stage
	// Watcher sees the IRC channels and says nothing, from before the bot's first word to the end.
	Watcher *clients.IRC
	// Members are on IRC, by account: claire, marc, ines, and paul who speaks English.
	Members map[string]*clients.IRC
	// Jean founded the rooms and is an adminsys; Awa is an adminsys and of the board. Both are on Matrix, with devices that
	// encrypt, and have a private conversation with the bot.
	Jean, Awa     *clients.Matrix
	JeanDM, AwaDM id.RoomID
	// Support, Adminsys and Annonces are the rooms on Matrix.
	Support, Adminsys, Annonces id.RoomID
	closers                     []func() error
}

// oldTopic is the topic of #annonces on IRC before anything happens.
const oldTopic = "Annonces de l'hébergeur : réunion le 2e mardi du mois"

// Gather brings the people to a stage whose bot does not run yet.
func Gather(ctx context.Context, s *Stage) (_ *Cast, err error) {
	c := &Cast{stage: s, Members: map[string]*clients.IRC{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err = c.setTopic(ctx); err != nil {
		return nil, err
	}
	if c.Watcher, err = c.Dial(ctx, "temoin", ""); err != nil {
		return nil, err
	}
	for _, name := range []string{"claire", "marc", "ines", "paul"} {
		if err = c.Arrive(ctx, name); err != nil {
			return nil, err
		}
	}
	rooms := s.Lab.Matrix.Rooms
	c.Support, c.Adminsys, c.Annonces = id.RoomID(rooms["support"].ID), id.RoomID(rooms["adminsys"].ID), id.RoomID(rooms["annonces"].ID)
	if c.Jean, err = c.login(ctx, servers.Founder); err != nil {
		return nil, err
	}
	if c.Awa, err = c.login(ctx, "awa"); err != nil {
		return nil, err
	}
	return c, c.enter(ctx)
}

// setTopic has the founder give the announcement channel a topic, as a host's would have.
func (c *Cast) setTopic(ctx context.Context) error {
	jean, err := c.Dial(ctx, servers.Founder, servers.Founder)
	if err != nil {
		return err
	}
	defer jean.Close()
	from := jean.Mark()
	if err := jean.Send("TOPIC #annonces :" + oldTopic); err != nil {
		return err
	}
	_, err = jean.Wait(ctx, from, "the topic that it has set", func(l clients.IRCLine) bool { return l.Command == "TOPIC" || strings.HasPrefix(l.Command, "4") })
	return err
}

// Dial brings somebody to IRC; without an account when account is empty.
func (c *Cast) Dial(ctx context.Context, nick, account string) (*clients.IRC, error) {
	irc := c.stage.Lab.IRC
	opts := clients.IRCOptions{Addr: irc.TLSAddr, CA: c.stage.Lab.CA.Pool(), ServerName: servers.ErgoName, Nick: nick,
		Join: []string{"#support", "#annonces"}}
	if account != "" {
		opts.Account, opts.Password = account, irc.Accounts[account].Password
	}
	p, err := clients.DialIRC(ctx, opts)
	if err == nil {
		c.closers = append(c.closers, func() error { p.Close(); return nil })
	}
	return p, err
}

// Arrive brings a member to IRC, for the first time or back again with a new client.
func (c *Cast) Arrive(ctx context.Context, name string) error {
	p, err := c.Dial(ctx, name, name)
	if err != nil {
		return err
	}
	c.Members[name] = p
	return nil
}

func (c *Cast) login(ctx context.Context, name string) (*clients.Matrix, error) {
	u := c.stage.Lab.Matrix.Users[name]
	p, err := clients.LoginMatrix(ctx, clients.MatrixOptions{URL: c.stage.Lab.Matrix.URL, User: u.Local, Password: u.Password,
		Dir: filepath.Join(c.stage.Lab.Dir, "device-"+name)})
	if err == nil {
		c.closers = append(c.closers, p.Close)
	}
	return p, err
}

// enter has the adminsys join their rooms.
func (c *Cast) enter(ctx context.Context) error {
	if err := c.Jean.Invite(ctx, c.Adminsys, c.Awa.UserID()); err != nil {
		return err
	}
	for _, p := range []*clients.Matrix{c.Jean, c.Awa} {
		for _, room := range []id.RoomID{c.Support, c.Adminsys, c.Annonces} {
			if _, err := p.Join(ctx, room.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// BotID is the bot's Matrix id.
func (c *Cast) BotID() id.UserID { return id.UserID(c.stage.Lab.Matrix.Users[servers.Bot].ID) }

// AwaitBot starts the bot and waits until it is in every room on both networks.
func (c *Cast) AwaitBot(ctx context.Context) error {
	if err := c.stage.Bot.Start(ctx); err != nil {
		return err
	}
	for _, channel := range []string{"#support", "#annonces"} {
		_, err := c.Watcher.Wait(ctx, 0, "the bot's arrival in "+channel, func(l clients.IRCLine) bool {
			return l.Command == "JOIN" && l.From == servers.Bot && l.Target() == channel
		})
		if err != nil {
			return err
		}
	}
	for _, room := range []id.RoomID{c.Support, c.Adminsys, c.Annonces} {
		if err := c.Jean.Arrived(ctx, 0, room, c.BotID()); err != nil {
			return err
		}
	}
	return nil
}

// Converse opens the private conversations of the two adminsys with the bot.
func (c *Cast) Converse(ctx context.Context) (err error) {
	if c.JeanDM, err = c.Jean.Direct(ctx, c.BotID()); err != nil {
		return err
	}
	c.AwaDM, err = c.Awa.Direct(ctx, c.BotID())
	return err
}

// AcceptCharter has both accept the confidentiality charter, without which they are nobody to the bot.
func (c *Cast) AcceptCharter(ctx context.Context) error {
	for p, room := range map[*clients.Matrix]id.RoomID{c.Jean: c.JeanDM, c.Awa: c.AwaDM} {
		from := p.Mark()
		if _, err := p.Say(ctx, room, "!charte accepte"); err != nil {
			return err
		}
		if _, err := p.Wait(ctx, from, "that the charter is accepted", clients.Wrote(servers.Bot, room, "rôle est actif")); err != nil {
			return err
		}
	}
	return nil
}

// Close sends everybody home.
func (c *Cast) Close() error {
	var errs []error
	for _, end := range c.closers {
		errs = append(errs, end())
	}
	c.closers = nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the cast leaves: %w", err)
	}
	return nil
}
