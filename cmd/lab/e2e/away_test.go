package e2e

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

// numbered is how every sentence that opens a ticket tells its number.
var numbered = regexp.MustCompile(`ticket #(\d+)`)

// said matches what the bot says on IRC.
func said(target, words string) func(clients.IRCLine) bool {
	return clients.Said(servers.Bot, target, words)
}

// opens has a member open a ticket in the support channel, and returns its number as it was read.
func opens(ctx context.Context, t *testing.T, m *clients.IRC, text string) string {
	t.Helper()
	from := m.Mark()
	if _, err := m.Say(ctx, "#support", "!ticket "+text); err != nil {
		t.Fatal(err)
	}
	line, err := m.Wait(ctx, from, "the ticket's number", func(l clients.IRCLine) bool {
		return said("#support", m.Nick())(l) && numbered.MatchString(l.Text())
	})
	if err != nil {
		t.Fatal(err)
	}
	return numbered.FindStringSubmatch(line.Text())[1]
}

// TestIRCServerRestarts: the bot comes back by itself, and what was to be said meanwhile is said then, once.
func TestIRCServerRestarts(t *testing.T) {
	s, c := stage(t)
	curtain(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	claire := c.Members["claire"]
	n := opens(ctx, t, claire, "le formulaire de contact n'envoie plus rien")
	root, err := c.Jean.Wait(ctx, 0, "the ticket", clients.Wrote(servers.Bot, c.Adminsys, "Ticket #"+n+" "))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Lab.IRC.Stop(); err != nil {
		t.Fatal(err)
	}
	const answer = "Le formulaire remarche depuis ce midi."
	asked, err := c.Jean.InThread(ctx, c.Adminsys, root.ID, answer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jean.Wait(ctx, 0, "the tick on the answer", func(e clients.MatrixEvent) bool { return e.React != "" && e.Target == asked }); err != nil {
		t.Error(err)
	}
	if page(t, ctx, s.Info) == "" {
		t.Error("the info page is empty while IRC is away")
	}
	if err := s.Lab.IRC.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := claire.Wait(ctx, 0, "the answer, after the restart", said("claire", answer)); err != nil {
		t.Fatal(err)
	}
	again := opens(ctx, t, claire, "et la lettre d'information ne part plus non plus")
	if again == n {
		t.Errorf("two tickets have the number %s", n)
	}
	if got := claire.Count(0, said("claire", answer)); got != 1 {
		t.Errorf("the answer was said %d times", got)
	}
}

// TestHomeserverStops: IRC and the page go on telling, and the Matrix rooms read the backlog afterwards, once.
func TestHomeserverStops(t *testing.T) {
	s, c := stage(t)
	curtain(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	jean := onIRC(ctx, t, c)
	if err := s.Lab.Matrix.Stop(); err != nil {
		t.Fatal(err)
	}
	n := opens(ctx, t, c.Members["marc"], "le courriel arrive avec deux heures de retard")
	if _, err := jean.Say(ctx, servers.Bot, "!incident ouvrir mail 2 file d'attente bloquée"); err != nil {
		t.Fatal(err)
	}
	const words = "Panne en cours : Courriel"
	if _, err := c.Watcher.Wait(ctx, 0, "the announcement on IRC", said("#annonces", words)); err != nil {
		t.Fatal(err)
	}
	if text := page(t, ctx, s.Info); !strings.Contains(text, "bloquée") {
		t.Errorf("the info page does not tell of the incident:\n%s", text)
	}
	if err := s.Lab.Matrix.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for room, text := range map[string]string{c.Annonces.String(): words, c.Adminsys.String(): "Ticket #" + n + " "} {
		_, err := c.Jean.Wait(ctx, 0, "the backlog", func(e clients.MatrixEvent) bool {
			return e.Room.String() == room && e.Sender == c.BotID() && strings.Contains(e.Text, text)
		})
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := jean.Say(ctx, servers.Bot, "!incident resolu 1 la file est vidée"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jean.Wait(ctx, 0, "the end", clients.Wrote(servers.Bot, c.Annonces, "file est vidée")); err != nil {
		t.Error(err)
	}
	if _, err := c.Watcher.Wait(ctx, 0, "the end", said("#annonces", "file est vidée")); err != nil {
		t.Error(err)
	}
	if err := c.NothingTwice(ctx, 2); err != nil {
		t.Error(err)
	}
}

// onIRC brings jean to IRC too, where the charter binds him as well.
func onIRC(ctx context.Context, t *testing.T, c *story.Cast) *clients.IRC {
	t.Helper()
	jean, err := c.Dial(ctx, servers.Founder, servers.Founder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jean.Say(ctx, servers.Bot, "!charte accepte"); err != nil {
		t.Fatal(err)
	}
	if _, err := jean.Wait(ctx, 0, "that the charter is accepted", said(servers.Founder, "rôle est actif")); err != nil {
		t.Fatal(err)
	}
	return jean
}

// page reads a page of the info site.
func page(t *testing.T, ctx context.Context, url string) string {
	t.Helper()
	text, err := fetchText(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fetchText is what a page of the info site answers.
func fetchText(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}
