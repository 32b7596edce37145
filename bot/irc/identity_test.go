package irc

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// user is somebody on the network, as the server knows it.
type user struct {
	account string
	inside  bool // in #support, where the bot sees it
}

// world is the truth about who is who: nicks change hands, people log in and out,
// come, go and split.
type world struct {
	mu    sync.Mutex
	t     *testing.T
	users map[string]*user // by nick
	wrong []string
	right int
}

var (
	worldNicks    = []string{"ana", "bob", "cleo", "dan"}
	worldAccounts = []string{"", "ana", "bob", "acc"}
)

// hook answers WHOIS and WHO with the truth, and checks who reads what.
func (w *world) hook(whox bool) func(*peer, string) bool {
	return func(p *peer, line string) bool {
		_, bare := untag(line)
		f := strings.Fields(bare)
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case len(f) > 1 && f[0] == "WHOIS":
			if u := w.users[f[1]]; u != nil && u.account != "" {
				p.send(":s.test 330 vigie " + f[1] + " " + u.account + " :is logged in as")
			} else if u == nil {
				p.send(":s.test 401 vigie " + f[1] + " :No such nick")
			}
		case len(f) > 1 && f[0] == "WHO" && whox:
			for nick, u := range w.users {
				if u.inside {
					p.send(fmt.Sprintf(":s.test 354 vigie 617 #Support u h %s H %s", nick, or(u.account, "0")))
				}
			}
		case len(f) > 2 && (f[0] == "NOTICE" || f[0] == "PRIVMSG"):
			_, account, _ := strings.Cut(bare, "pour ")
			if u := w.users[f[1]]; u == nil || u.account != account {
				w.wrong = append(w.wrong, fmt.Sprintf("%q while %s is %+v", bare, f[1], u))
			} else {
				w.right++
			}
		}
		return false
	}
}

// step changes something, and tells the bot what a server would.
func (w *world) step(p *peer, dice *rand.Rand) {
	w.mu.Lock()
	nick := worldNicks[dice.IntN(len(worldNicks))]
	u := w.users[nick]
	var say []string
	from := ":" + nick + "!u@h "
	switch what := dice.IntN(6); {
	case u == nil:
		w.users[nick] = &user{account: worldAccounts[dice.IntN(len(worldAccounts))]}
	case what == 0:
		delete(w.users, nick)
		if u.inside {
			say = append(say, from+"QUIT :*.net *.split")
		}
	case what == 1:
		to := worldNicks[dice.IntN(len(worldNicks))]
		if w.users[to] == nil {
			delete(w.users, nick)
			w.users[to] = u
			if u.inside {
				say = append(say, from+"NICK "+to)
			}
		}
	case what == 2:
		u.account = worldAccounts[dice.IntN(len(worldAccounts))]
		if u.inside {
			say = append(say, from+"ACCOUNT "+or(u.account, "*"))
		}
	case u.inside && what == 3:
		u.inside = false
		say = append(say, from+[]string{"PART #support", "PART #Support :bye"}[dice.IntN(2)])
	case !u.inside:
		u.inside = true
		say = append(say, from+"JOIN #support "+or(u.account, "*")+" :x")
	}
	w.mu.Unlock()
	p.send(say...)
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// However nicks, accounts and splits go, a private text is read by whoever is
// logged in to its account at that moment, or by nobody.
func TestPrivateTextNeverReachesAnother(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(seed, 1))
				w := &world{t: t, users: map[string]*user{"ana": {"ana", true}}}
				b, p := online(t, &network{hook: w.hook(true)}, func(c *Config) { c.Rate = 20 })
				defer b.stop()
				away := 0
				for i := range 150 {
					for range dice.IntN(4) {
						w.step(p, dice)
					}
					account := worldAccounts[1+dice.IntN(3)]
					r := private(fmt.Sprint(i), worldNicks[dice.IntN(4)], account, "pour "+account)
					time.Sleep(4 * time.Second) // an answer to WHOIS is believed for three
					switch err := <-b.send(r); {
					case errors.Is(err, chat.ErrAway):
						away++
					case err != nil:
						t.Errorf("Send = %v", err)
					}
				}
				synctest.Wait()
				w.check(t, b, away)
			})
		})
	}
}

func (w *world) check(t *testing.T, b *bot, away int) {
	t.Helper()
	if len(w.wrong) > 0 {
		t.Errorf("read by another: %q", w.wrong)
	}
	if w.right < 30 || away < 10 {
		t.Errorf("%d arrived, %d away: the test tests nothing", w.right, away)
	}
	var seen, inside []string
	for key, p := range b.session().people {
		if key != "vigie" {
			seen = append(seen, key+"="+p.account)
		}
	}
	for _, nick := range slices.Sorted(maps.Keys(w.users)) {
		if u := w.users[nick]; u.inside {
			inside = append(inside, nick+"="+u.account)
		}
	}
	if slices.Sort(seen); !slices.Equal(seen, inside) {
		t.Errorf("the bot believes that %v are there; it is %v", seen, inside)
	}
}
