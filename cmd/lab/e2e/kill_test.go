package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

const (
	shortKills = 20
	// longest is how long the bot may live between two power cuts: what it does at its start falls in it, and a whole round
	// of what people do.
	longest = 5 * time.Second
	// patience is how long a person waits for an answer, cuts included: a bot that lives two seconds at a time says little.
	patience = 3 * time.Minute
	// breath is what somebody takes between two tickets: the bot may say two lines a second.
	breath = time.Second
	// again is how long somebody waits in private before saying it again: words to somebody who is not there are lost.
	again = 12 * time.Second
)

// A chaos is people who go on talking while the power goes off and on.
type chaos struct {
	*testing.T
	stage *story.Stage
	cast  *story.Cast
	over  chan struct{} // closed when the last cut is done

	mu      sync.Mutex
	tickets map[string]string   // the words behind each number that somebody was given
	answers map[string][]string // what staff answered, by the member who has to read it
	public  int                 // announcements made
}

// TestKill cuts the power at random instants (VIGIE_KILLS of them, VIGIE_SEED repeats a run), while members open tickets and
// are guided through a diagnosis, and staff answer, announce, open incidents and end them. Every number that somebody read
// must stand for a ticket with their words; every announcement and every answer must have been said once, on both networks;
// and nobody may be left without an answer.
func TestKill(t *testing.T) {
	kills := fromEnv("VIGIE_KILLS", shortKills)
	seed := uint64(fromEnv("VIGIE_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("%d power cuts, seed %d (VIGIE_KILLS=%d VIGIE_SEED=%d repeats them)", kills, seed, kills, seed)
	s, c := stage(t)
	curtain(t, c)
	k := &chaos{T: t, stage: s, cast: c, over: make(chan struct{}), tickets: map[string]string{}, answers: map[string][]string{}}
	var people sync.WaitGroup
	people.Go(func() { k.opener("claire") })
	people.Go(func() { k.opener("marc") })
	people.Go(func() { k.guided("ines", s.Sites[2].Domain) })
	people.Go(k.staff)
	k.cut(kills, rand.New(rand.NewPCG(seed, 0)))
	close(k.over)
	people.Wait()
	if t.Failed() {
		return
	}
	k.check()
}

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// cut kills the bot and starts it again, at random instants.
func (k *chaos) cut(kills int, r *rand.Rand) {
	for i := range kills {
		time.Sleep(time.Duration(r.Int64N(int64(longest))))
		if k.Failed() {
			return
		}
		if err := k.stage.Bot.Kill(); err != nil {
			k.Errorf("cut %d: the bot had ended by itself: %v", i, err)
			return
		}
		if err := k.stage.Bot.Start(k.Context()); err != nil {
			k.Errorf("cut %d: %v", i, err)
			return
		}
	}
}

// going tells whether there is still something to try.
func (k *chaos) going() bool {
	select {
	case <-k.over:
		return false
	default:
		return !k.Failed()
	}
}

// note keeps what a number stands for. The same number for two texts is a fault.
func (k *chaos) note(n, words string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if other, ok := k.tickets[n]; ok && other != words {
		k.Errorf("ticket #%s was given for %q and for %q; in the channel:\n%s", n, other, words, k.heardOf(n))
	}
	k.tickets[n] = words
}

// heardOf lists what was said of a number in the support channel.
func (k *chaos) heardOf(n string) string {
	time.Sleep(time.Second) // the others read it a little later
	var b strings.Builder
	for _, l := range k.cast.Watcher.Since(0) {
		if clients.Said("", "#support", "")(l) && (strings.Contains(l.Text(), "#"+n+" ") || strings.Contains(l.Text(), "!ticket")) {
			fmt.Fprintf(&b, "  %s\n", l)
		}
	}
	return b.String()
}

// fresh tells whether a line gives a number that nobody was given before: a repeat that says so may come late.
func (k *chaos) fresh(line string) bool {
	n := numbered.FindStringSubmatch(line)
	if n == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !strings.HasPrefix(line, repeatMark) || k.tickets[n[1]] == ""
}

// repeatMark stands in front of what may have been said before.
const repeatMark = "(↻)"

// opener opens tickets in the support channel, where what is said while the bot is away is read by it later.
func (k *chaos) opener(who string) {
	m := k.cast.Members[who]
	for i := 0; k.going(); i++ {
		ctx, cancel := context.WithTimeout(k.Context(), patience)
		words := fmt.Sprintf("mot-%s-%d", who, i)
		from := m.Mark()
		if _, err := m.Say(ctx, "#support", "!ticket le formulaire de contact est muet, "+words); err != nil {
			k.Error(err)
		}
		line, err := m.Wait(ctx, from, "the number of the ticket with "+words, func(l clients.IRCLine) bool {
			return said("#support", who)(l) && k.fresh(l.Text())
		})
		cancel()
		if err != nil {
			k.Error(err)
			return
		}
		k.note(numbered.FindStringSubmatch(line.Text())[1], words)
		time.Sleep(breath)
	}
}

// step is what the bot says in a diagnosis that is this person's turn, or its end.
var step = regexp.MustCompile(`adresse|en une phrase|ticket #(\d+)`)

// guided is led through a diagnosis in private, again and again. Nobody answers words that were said to nobody, so they are
// said again after a while; the bot may then take them for an answer to its question, and go on from there.
func (k *chaos) guided(who, site string) {
	m := k.cast.Members[who]
	for i := 0; k.going(); i++ {
		words := "mot-" + who
		says := "bonjour, notre site ne s'ouvre plus, " + words
		for n := ""; n == ""; {
			line, err := k.insist(m, says)
			if err != nil {
				k.Error(err)
				return
			}
			switch found := step.FindStringSubmatch(line.Text()); {
			case found[1] != "":
				n = found[1]
				k.note(n, words)
			case found[0] == "adresse":
				says = site
			default:
				says = "une alerte de sécurité, " + words
			}
		}
	}
}

// insist says something in private until the bot has gone on from there.
func (k *chaos) insist(m *clients.IRC, text string) (clients.IRCLine, error) {
	from := m.Mark()
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(k.Context(), again)
		_, err := m.Say(ctx, servers.Bot, text)
		if err != nil { // nobody of that name now
			time.Sleep(200 * time.Millisecond)
		}
		var line clients.IRCLine
		if err == nil {
			line, err = m.Wait(ctx, from, "an answer to "+text, func(l clients.IRCLine) bool {
				return said(m.Nick(), "")(l) && step.MatchString(l.Text())
			})
		}
		cancel()
		if err == nil || time.Now().After(deadline) {
			return line, err
		}
	}
}

// staff announces, opens incidents and ends them, and answers tickets in their threads.
func (k *chaos) staff() {
	for i := 0; k.going(); i++ {
		word := fmt.Sprintf("avis-%d", i)
		for _, d := range []struct{ says, reads, public string }{
			{"!annonce Coupure de courant, " + word + ".", word + ". » — est-ce bien cela", ""},
			{"oui", "partie", "Coupure de courant, " + word + "."},
			{"!incident ouvrir mail 2 file bloquée, " + word, "rappellerai", "ile bloquée, " + word + "."},
			{"!incident resolu c'est vidé, " + word, "(résolu)", "'est vidé, " + word + "."},
		} {
			if !k.asks(d.says, d.reads) || d.public != "" && !k.told(d.public) {
				return
			}
		}
		k.mu.Lock()
		k.public += 3
		k.mu.Unlock()
		if !k.answer(i) {
			return
		}
	}
}

// asks has jean write in the staff room, and waits for the bot's answer.
func (k *chaos) asks(text, wants string) bool {
	ctx, cancel := context.WithTimeout(k.Context(), patience)
	defer cancel()
	jean := k.cast.Jean
	from := jean.Mark()
	_, err := jean.Say(ctx, k.cast.Adminsys, text)
	if err == nil {
		_, err = jean.Wait(ctx, from, "an answer to "+text, clients.Wrote(servers.Bot, k.cast.Adminsys, wants))
	}
	if err != nil {
		k.Error(err)
	}
	return err == nil
}

// told waits until IRC, the slower network, has an announcement.
func (k *chaos) told(words string) bool {
	ctx, cancel := context.WithTimeout(k.Context(), patience)
	defer cancel()
	_, err := k.cast.Watcher.Wait(ctx, 0, "the announcement of "+words, said("#annonces", words))
	if err != nil {
		k.Error(err)
	}
	return err == nil
}

// answer answers one of claire's tickets in its thread.
func (k *chaos) answer(i int) bool {
	n := ""
	k.mu.Lock()
	for number, words := range k.tickets {
		if strings.HasPrefix(words, "mot-claire-") {
			n = number
		}
	}
	k.mu.Unlock()
	if n == "" {
		return true
	}
	ctx, cancel := context.WithTimeout(k.Context(), patience)
	defer cancel()
	root, err := k.cast.Jean.Wait(ctx, 0, "ticket #"+n, clients.Wrote(servers.Bot, k.cast.Adminsys, "Ticket #"+n+" "))
	words := fmt.Sprintf("reponse-%d.", i)
	if err == nil {
		_, err = k.cast.Jean.InThread(ctx, k.cast.Adminsys, root.ID, words)
	}
	if err != nil {
		k.Error(err)
		return false
	}
	k.mu.Lock()
	k.answers["claire"] = append(k.answers["claire"], words)
	k.mu.Unlock()
	return true
}

// check counts, once the power stays on.
func (k *chaos) check() {
	ctx, cancel := context.WithTimeout(k.Context(), patience+time.Duration(len(k.tickets))*time.Second)
	defer cancel()
	k.Logf("%d tickets, %d announcements, %d answers", len(k.tickets), k.public, len(k.answers["claire"]))
	claire := k.cast.Members["claire"]
	for _, words := range k.answers["claire"] {
		if _, err := claire.Wait(ctx, 0, "the answer "+words, said("claire", words)); err != nil {
			k.Error(err)
		}
		unmarked := func(l clients.IRCLine) bool {
			return said("claire", words)(l) && !strings.HasPrefix(l.Text(), repeatMark)
		}
		if n := claire.Count(0, unmarked); n > 1 {
			k.Errorf("the answer %s was said %d times:", words, n)
			for _, l := range claire.Since(0) {
				if said("claire", words)(l) {
					k.Logf("  %s", l)
				}
			}
		}
	}
	jean := k.cast.Jean
	for n, words := range k.tickets {
		from := jean.Mark()
		if _, err := jean.Say(ctx, k.cast.Adminsys, "!ticket "+n); err != nil {
			k.Fatal(err)
		}
		shown, err := jean.Wait(ctx, from, "ticket #"+n, clients.Wrote(servers.Bot, k.cast.Adminsys, "Ticket #"+n+" ("))
		if err != nil {
			k.Error(err)
		} else if !strings.Contains(shown.Text, words) {
			k.Errorf("ticket #%s has lost %q: %s", n, words, shown.Text)
		}
	}
	k.settled(ctx)
}

// settled waits until both networks have said as many announcements as were made, and counts each.
func (k *chaos) settled(ctx context.Context) {
	for {
		err := k.cast.NothingTwice(ctx, k.public)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			k.Error(err)
			return
		case <-time.After(time.Second):
		}
		if strings.HasPrefix(err.Error(), "said ") {
			k.Error(err)
			return
		}
	}
}
