package story

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
)

// charter: the two adminsys open a private conversation with the bot, and accept.
func (p *Player) charter(ctx context.Context) error {
	if err := p.Converse(ctx); err != nil {
		return err
	}
	p.screen.WatchMatrix(p.Jean, map[id.RoomID]string{p.JeanDM: "en privé, jean"})
	p.screen.WatchMatrix(p.Awa, map[id.RoomID]string{p.AwaDM: "en privé, awa"})
	return p.AcceptCharter(ctx)
}

// question: point 1, and the bot asks for the address.
func (p *Player) question(ctx context.Context) error {
	return p.ask(ctx, "claire", "vigie: bonjour, notre site ne s'ouvre plus", "adresse")
}

// ask has a member put a question in the support channel, and waits until the bot asks for the site.
func (p *Player) ask(ctx context.Context, who, question, wants string) error {
	m := p.Members[who]
	from := m.Mark()
	if _, err := m.Say(ctx, "#support", question); err != nil {
		return err
	}
	_, err := m.Wait(ctx, from, "the question for the address", fromBot("#support", wants))
	return err
}

// number reads the number out of the sentence that tells it.
var number = regexp.MustCompile(`ticket #(\d+)`)

// site has a member give the address, and waits for the finding and for the ticket's number.
func (p *Player) site(ctx context.Context, who, domain, finding string) error {
	m := p.Members[who]
	from := m.Mark()
	if _, err := m.Say(ctx, "#support", domain); err != nil {
		return err
	}
	if _, err := m.Wait(ctx, from, "what the checks have found", fromBot("#support", finding)); err != nil {
		return err
	}
	line, err := m.Wait(ctx, from, "the ticket's number", func(l clients.IRCLine) bool {
		return fromBot("#support", "")(l) && number.MatchString(l.Text())
	})
	if err != nil {
		return err
	}
	p.ticket[who], err = strconv.Atoi(number.FindStringSubmatch(line.Text())[1])
	return err
}

// diagnosis: point 2, the site is really visited, and the finding said; the ticket opens.
func (p *Player) diagnosis(ctx context.Context) error {
	site := p.stage.Sites[0].Domain
	before := len(p.stage.World.DNS.Asked())
	if err := p.site(ctx, "claire", site, "certificat"); err != nil {
		return err
	}
	if len(p.stage.World.DNS.Asked()) == before {
		return errors.New("the bot has asked the name servers nothing: it has not tested")
	}
	if p.ticket["claire"] != 1 {
		return fmt.Errorf("the first ticket is #%d", p.ticket["claire"])
	}
	return nil
}

// thread: point 3, the staff room sees the ticket, encrypted, with the diagnosis in its thread.
func (p *Player) thread(ctx context.Context) error {
	if err := p.seeTicket(ctx, 1); err != nil {
		return err
	}
	e, err := p.Jean.Wait(ctx, 0, "the diagnosis in the ticket's thread", func(e clients.MatrixEvent) bool {
		return onMatrix(p.Adminsys, "")(e) && e.Thread == p.root[1]
	})
	if err == nil && !e.Encrypted {
		err = errors.New("the diagnosis travelled in clear")
	}
	return err
}

// seeTicket waits for the message that starts a ticket's thread.
func (p *Player) seeTicket(ctx context.Context, n int) error {
	e, err := p.Jean.Wait(ctx, 0, fmt.Sprintf("ticket #%d in the staff room", n), onMatrix(p.Adminsys, fmt.Sprintf("Ticket #%d ", n)))
	if err != nil {
		return err
	}
	if !e.Encrypted {
		return fmt.Errorf("ticket #%d travelled in clear", n)
	}
	p.root[n] = e.ID
	return nil
}

// take: an adminsys takes the ticket, and its member is told.
func (p *Player) take(ctx context.Context) error {
	from, claire := p.Jean.Mark(), p.Members["claire"].Mark()
	asked, err := p.Jean.Say(ctx, p.Adminsys, "!prendre 1")
	if err != nil {
		return err
	}
	if _, err := p.Jean.Wait(ctx, from, "the tick on its command", func(e clients.MatrixEvent) bool { return e.React != "" && e.Target == asked }); err != nil {
		return err
	}
	_, err = p.Members["claire"].Wait(ctx, claire, "that somebody takes care of it", fromBot("claire", "ticket #1"))
	return err
}

// answer: point 4, words in the thread are read on IRC.
func (p *Player) answer(ctx context.Context) error {
	m := p.Members["claire"]
	from := m.Mark()
	const words = "Bonjour Claire, le certificat a expiré cette nuit : je le renouvelle."
	if _, err := p.Jean.InThread(ctx, p.Adminsys, p.root[1], words); err != nil {
		return err
	}
	_, err := m.Wait(ctx, from, "the answer", fromBot("claire", words))
	return err
}

// away: she leaves; the answer waits; she reads it when she is back, and what she adds reaches the thread.
func (p *Player) away(ctx context.Context) error {
	from := p.Watcher.Mark()
	p.Members["claire"].Close()
	left := func(l clients.IRCLine) bool { return l.Command == "QUIT" && l.From == "claire" }
	if _, err := p.Watcher.Wait(ctx, from, "claire's departure", left); err != nil {
		return err
	}
	p.screen.Note("  claire quitte IRC")
	const words = "Il me faut un accès que je n'ai pas ce soir, je reviens vers vous."
	said := p.Jean.Mark()
	id, err := p.Jean.InThread(ctx, p.Adminsys, p.root[1], words)
	if err != nil {
		return err
	}
	if _, err := p.Jean.Wait(ctx, said, "the tick on its answer", func(e clients.MatrixEvent) bool { return e.React != "" && e.Target == id }); err != nil {
		return err
	}
	p.screen.Note("  claire revient")
	if err := p.Arrive(ctx, "claire"); err != nil {
		return err
	}
	claire := p.Members["claire"]
	p.screen.WatchIRC(claire, false)
	if _, err := claire.Wait(ctx, 0, "the answer that had waited", fromBot("claire", words)); err != nil {
		return err
	}
	said = p.Jean.Mark()
	if _, err := claire.Say(ctx, servers.Bot, "merci, nous avons une projection ce soir"); err != nil {
		return err
	}
	_, err = p.Jean.Wait(ctx, said, "claire's words in the thread", func(e clients.MatrixEvent) bool {
		return onMatrix(p.Adminsys, "projection ce soir")(e) && e.Thread == p.root[1]
	})
	return err
}

// others: point 5, three more members report the same; the bot dies while one of them is being asked.
func (p *Player) others(ctx context.Context) error {
	for n, r := range []struct{ who, question, wants, finding string }{
		{"marc", "vigie: le site du théâtre ne s'ouvre plus depuis ce matin", "adresse", "certificat"},
		{"ines", "vigie: bonsoir, notre site ne s'ouvre plus", "adresse", "certificat"},
		{"paul", "vigie: hello, our website does not open any more", "address", "certificate"},
	} {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err := p.ask(ctx, r.who, r.question, r.wants); err != nil {
			return err
		}
		if r.who == "marc" {
			if err := p.kill(ctx, "alors qu'il attend l'adresse de marc"); err != nil {
				return err
			}
		}
		if err := p.site(ctx, r.who, p.stage.Sites[n+1].Domain, r.finding); err != nil {
			return err
		}
	}
	return nil
}

// pause waits without a condition to wait for: only where nothing must happen.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
