package story

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

// proposed: the four tickets make one proposal, which nobody but staff sees.
func (p *Player) proposed(ctx context.Context) error {
	e, err := p.Jean.Wait(ctx, 0, "the proposal of an incident", onMatrix(p.Adminsys, "Je propose l'incident 1"))
	if err != nil {
		return err
	}
	p.proposal = e.ID
	if _, err := p.Jean.Wait(ctx, 0, "the fourth ticket in the proposal", onMatrix(p.Adminsys, "(4 tickets)")); err != nil {
		return err
	}
	if n := p.Watcher.Count(0, fromBot("#annonces", "")); n != 0 {
		return fmt.Errorf("%d lines were announced before anybody confirmed", n)
	}
	return nil
}

// confirm: a tick on the proposal, and a power cut.
func (p *Player) confirm(ctx context.Context) error {
	if _, err := p.Jean.React(ctx, p.Adminsys, p.proposal, "✅"); err != nil {
		return err
	}
	if err := p.kill(ctx, "juste après le ✅"); err != nil {
		return err
	}
	return p.announced(ctx, 0, 0, "Panne en cours : Sites web")
}

// announced waits until both networks have said something.
func (p *Player) announced(ctx context.Context, irc, matrix clients.Mark, words string) error {
	if _, err := p.Watcher.Wait(ctx, irc, "the announcement", fromBot("#annonces", words)); err != nil {
		return err
	}
	_, err := p.Jean.Wait(ctx, matrix, "the announcement", onMatrix(p.Annonces, words))
	return err
}

// published: the topic on IRC, the page in both languages, the feed, the JSON.
func (p *Player) published(ctx context.Context) error {
	err := eventually(ctx, func() error {
		topic, err := p.Watcher.Topic(ctx, "#annonces")
		if err == nil && (!strings.Contains(topic, "Panne : Sites web") || !strings.Contains(topic, oldTopic)) {
			err = fmt.Errorf("the topic is %q", topic)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, page := range []struct{ path, language, words string }{
		{"", "fr", "Prochaine info"}, {"", "en", "Next news"}, {"", "fr", "Sites web"}, {"feed.atom", "fr", "Sites web – en cours"}, {"feed.atom", "fr", "Prochaine info"},
	} {
		err := eventually(ctx, func() error {
			text, err := fetch(ctx, p.stage.Info+page.path, page.language)
			if err == nil && !strings.Contains(text, page.words) {
				err = fmt.Errorf("%s%s (%s) does not say %q", p.stage.Info, page.path, page.language, page.words)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return eventually(ctx, func() error { return p.summary(ctx, "major", 1) })
}

// summary reads the info site's JSON.
func (p *Player) summary(ctx context.Context, indicator string, incidents int) error {
	text, err := fetch(ctx, p.stage.Info+"api/v2/summary.json", "")
	if err != nil {
		return err
	}
	var s struct {
		Status    struct{ Indicator string }
		Incidents []struct {
			Updates []struct{ Body string } `json:"incident_updates"`
		}
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("summary.json: %w", err)
	}
	if s.Status.Indicator != indicator || len(s.Incidents) != incidents {
		return fmt.Errorf("summary.json says %q and %d incidents, not %q and %d", s.Status.Indicator, len(s.Incidents), indicator, incidents)
	}
	for _, i := range s.Incidents {
		if len(i.Updates) == 0 || !strings.Contains(i.Updates[0].Body, "Prochaine info") && !strings.Contains(i.Updates[0].Body, "Next news") {
			return fmt.Errorf("summary.json does not say when the next news comes: %+v", i.Updates)
		}
	}
	return nil
}

// nag: the time that was said comes, the adminsys is reminded and gives news.
func (p *Player) nag(ctx context.Context) error {
	if _, err := p.Jean.Wait(ctx, 0, "the reminder", onMatrix(p.Adminsys, "🔔 Incident 1 : la prochaine info")); err != nil {
		return err
	}
	irc, matrix := p.Watcher.Mark(), p.Jean.Mark()
	const news = "Les certificats de web1 ont expiré cette nuit ; nous les renouvelons un par un."
	if _, err := p.Jean.Say(ctx, p.Adminsys, "!incident maj 1 "+news); err != nil {
		return err
	}
	return p.announced(ctx, irc, matrix, news)
}

// held: point 6, a donation call comes due during the outage.
func (p *Player) held(ctx context.Context) error {
	at, err := p.stage.CallAt()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), at.Add(patience))
	defer cancel()
	from := p.Jean.Mark()
	if _, err := p.Jean.Say(ctx, p.Adminsys, "!recharger"); err != nil {
		return err
	}
	if _, err := p.Jean.Wait(ctx, from, "that the configuration was read again", onMatrix(p.Adminsys, "Configuration relue")); err != nil {
		return err
	}
	p.screen.Note("  l'appel à don est prévu pour %s", at.Format("15:04"))
	if _, err := p.Jean.Wait(ctx, from, "that the call is held, and why", onMatrix(p.Adminsys, "n'est pas parti : incident 1 ouvert")); err != nil {
		return err
	}
	from = p.Awa.Mark()
	if _, err := p.Awa.Say(ctx, p.AwaDM, "!campagne pourquoi"); err != nil {
		return err
	}
	if _, err := p.Awa.Wait(ctx, from, "why", onMatrix(p.AwaDM, "incident 1 ouvert")); err != nil {
		return err
	}
	return p.noCall()
}

// call is what the donation call says.
const call = "Notre serveur a dix ans"

func (p *Player) noCall() error {
	if p.Watcher.Count(0, fromBot("#annonces", call))+p.Jean.Count(0, onMatrix(p.Annonces, call)) != 0 {
		return fmt.Errorf("a donation was asked for during the outage")
	}
	return nil
}

// resolved: point 7, everything is repaired; the bot dies while it says so.
func (p *Player) resolved(ctx context.Context) error {
	if err := p.stage.Trouble(world.OK); err != nil {
		return err
	}
	if _, err := p.Jean.Say(ctx, p.Adminsys, "!incident resolu 1 Les certificats sont renouvelés."); err != nil {
		return err
	}
	if err := p.kill(ctx, "pendant qu'il annonce la fin"); err != nil {
		return err
	}
	if err := p.announced(ctx, 0, 0, "Panne résolue : Sites web"); err != nil {
		return err
	}
	for who, m := range p.Members {
		words := "est-ce que cela marche chez vous"
		if who == "paul" {
			words = "does it work for you"
		}
		if _, err := m.Wait(ctx, 0, "the end of the outage, and the question", fromBot(who, words)); err != nil {
			return err
		}
	}
	return eventually(ctx, func() error { return p.summary(ctx, "none", 0) })
}

// replies: yes closes, no opens again; then paul's is settled too.
func (p *Player) replies(ctx context.Context) error {
	for _, r := range []struct{ who, says, reads string }{
		{"claire", "oui", "fermé"}, {"marc", "oui merci", "fermé"}, {"ines", "Oui !", "fermé"}, {"paul", "no", "open again"},
	} {
		if err := p.reply(ctx, r.who, r.says, fmt.Sprintf("#%d %s", p.ticket[r.who], r.reads)); err != nil {
			return err
		}
	}
	n := p.ticket["paul"]
	if _, err := p.Jean.Wait(ctx, 0, "that paul's ticket is open again", onMatrix(p.Adminsys, "Rouvert par le membre")); err != nil {
		return err
	}
	from := p.Members["paul"].Mark()
	if _, err := p.Jean.Say(ctx, p.Adminsys, fmt.Sprintf("!resoudre %d Please clear your browser's cache.", n)); err != nil {
		return err
	}
	if _, err := p.Members["paul"].Wait(ctx, from, "that it should work now", fromBot("paul", "cache")); err != nil {
		return err
	}
	return p.reply(ctx, "paul", "yes", fmt.Sprintf("#%d closed", n))
}

// reply has a member say a word in private, and waits for the bot's.
func (p *Player) reply(ctx context.Context, who, says, reads string) error {
	m := p.Members[who]
	from := m.Mark()
	if _, err := m.Say(ctx, servers.Bot, says); err != nil {
		return err
	}
	_, err := m.Wait(ctx, from, "what became of its ticket", fromBot(who, strings.Replace(reads, " open", " is open", 1)))
	return err
}

// afterwards: the topic is as it was; the call that was held leaves once enough time has passed.
func (p *Player) afterwards(ctx context.Context) error {
	err := eventually(ctx, func() error {
		topic, err := p.Watcher.Topic(ctx, "#annonces")
		if err == nil && topic != oldTopic {
			err = fmt.Errorf("the topic is %q, not %q", topic, oldTopic)
		}
		return err
	})
	if err != nil {
		return err
	}
	p.screen.Note("  l'appel à don peut partir %v après la fin de la panne", p.stage.Pace.AfterIncident)
	return p.announced(ctx, 0, 0, call)
}

// allThere: point 8, every number that a member has read is a ticket with its words.
func (p *Player) allThere(ctx context.Context) error {
	for who, n := range p.ticket {
		from := p.Jean.Mark()
		if _, err := p.Jean.Say(ctx, p.Adminsys, fmt.Sprintf("!ticket %d", n)); err != nil {
			return err
		}
		e, err := p.Jean.Wait(ctx, from, "the ticket", onMatrix(p.Adminsys, fmt.Sprintf("Ticket #%d (", n)))
		if err != nil {
			return err
		}
		if !strings.Contains(e.Text, "fermé") || !strings.Contains(e.Text, who) {
			return fmt.Errorf("ticket #%d of %s reads: %s", n, who, e.Text)
		}
	}
	return nil
}

// once: every announcement stands once in each room. What the homeserver has kept is counted, not what a client saw.
func (p *Player) once(ctx context.Context) error {
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	return p.NothingTwice(ctx, 4)
}

// NothingTwice counts the announcements on both networks: each is there once, and there are at least so many.
func (c *Cast) NothingTwice(ctx context.Context, atLeast int) error {
	history, err := c.Jean.History(ctx, c.Annonces)
	if err != nil {
		return err
	}
	onMatrix, onIRC := map[string]int{}, map[string]int{}
	for _, e := range history {
		if e.Sender == c.BotID() && e.Type == "m.room.message" {
			onMatrix[strings.TrimSpace(e.Text+" "+string(e.Edits))]++ // a change of one post; two outages of one minute end alike
		}
	}
	for _, l := range c.Watcher.Since(0) {
		if fromBot("#annonces", "")(l) {
			onIRC[l.Text()]++
		}
	}
	for network, said := range map[string]map[string]int{"Matrix": onMatrix, "IRC": onIRC} {
		for text, n := range said {
			if n != 1 {
				return fmt.Errorf("said %d times on %s: %s", n, network, text)
			}
		}
		if len(said) < atLeast {
			return fmt.Errorf("only %d announcements on %s: %v", len(said), network, said)
		}
	}
	return nil
}
