package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

// join adds a second IRC network and a second homeserver to the bot's configuration, as irc2 and matrix2: their #support and
// #annonces are further places of the same rooms. Nobody there has a role.
func join(t *testing.T, s *story.Stage, other *servers.Lab) {
	t.Helper()
	write(t, filepath.Join(s.Dir, "irc2.password"), []byte(other.IRC.Accounts[servers.Bot].Password+"\n"))
	write(t, filepath.Join(s.Dir, "matrix2.password"), []byte(other.Matrix.Users[servers.Bot].Password+"\n"))
	text, err := os.ReadFile(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	annonces := other.Matrix.Rooms["annonces"].Alias
	config := strings.NewReplacer(
		"\nirc:\n", fmt.Sprintf(`
irc:
  - name: irc2
    servers: [{address: %s, tls_ca: %q, tls_server_name: %s}]
    nick: vigie
    sasl: {account: vigie, password_file: %q}
    channels: [{name: "#support"}, {name: "#annonces"}]
    rate: 2
`, other.IRC.TLSAddr, other.CA.File, servers.ErgoName, filepath.Join(s.Dir, "irc2.password")),
		"\nmatrix:\n", fmt.Sprintf(`
matrix:
  - name: matrix2
    homeserver: %q
    user: %q
    password_file: %q
    data: %q
    recovery_key_file: %q
    rooms: [{room: %q}]
`, other.Matrix.URL, other.Matrix.Users[servers.Bot].ID, filepath.Join(s.Dir, "matrix2.password"), filepath.Join(s.Dir, "device2"),
			filepath.Join(s.Dir, "recovery2.key"), annonces),
		`"irc/#support"`, `"irc/#support", "irc2/#support"`,
		`"irc/#annonces"`, fmt.Sprintf(`"irc/#annonces", "irc2/#annonces", %q`, "matrix2/"+annonces),
	).Replace(string(text))
	write(t, s.Config, []byte(config))
}

// TestTwoOfEachNetwork: one bot on two IRC networks and two homeservers. A ticket opened on any of them is the team's; an
// announcement is read on all four; an account of the same name on another network is another person; and a network that
// goes away takes none of the others with it.
func TestTwoOfEachNetwork(t *testing.T) {
	s, c := stage(t)
	other := labtest.Start(t, servers.Options{})
	join(t, s, other)
	curtain(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	there := func(nick string) *clients.IRC {
		p, err := clients.DialIRC(ctx, clients.IRCOptions{Addr: other.IRC.TLSAddr, CA: other.CA.Pool(), ServerName: servers.ErgoName,
			Nick: nick, Account: nick, Password: other.IRC.Accounts[nick].Password, Join: []string{"#support", "#annonces"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		return p
	}
	reader, err := clients.LoginMatrix(ctx, clients.MatrixOptions{URL: other.Matrix.URL, User: servers.Founder,
		Password: other.Matrix.Users[servers.Founder].Password, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	})
	claire, jean := there("claire"), there(servers.Founder)
	n := opens(ctx, t, claire, "le site met une minute à venir")
	if _, err := c.Jean.Wait(ctx, 0, "the ticket from the other network", clients.Wrote(servers.Bot, c.Adminsys, "Ticket #"+n+" ")); err != nil {
		t.Fatal(err)
	}
	if _, err := jean.Say(ctx, servers.Bot, "!incident ouvrir web 2 usurpation"); err != nil { // an account of that name, elsewhere
		t.Fatal(err)
	}
	if _, err := c.Jean.Say(ctx, c.Adminsys, "!incident ouvrir mail 2 file bloquée"); err != nil {
		t.Fatal(err)
	}
	const words = "Panne en cours : Courriel"
	for name, who := range map[string]*clients.IRC{"irc": c.Watcher, "irc2": claire} {
		if _, err := who.Wait(ctx, 0, "the announcement on "+name, said("#annonces", words)); err != nil {
			t.Error(err)
		}
		if n := who.Count(0, said("", "usurpation")); n != 0 {
			t.Errorf("%s: somebody without a role has opened an incident", name)
		}
	}
	for name, who := range map[string]*clients.Matrix{"matrix": c.Jean, "matrix2": reader} {
		if _, err := who.Wait(ctx, 0, "the announcement on "+name, clients.Wrote(servers.Bot, "", words)); err != nil {
			t.Error(err)
		}
	}
	if err := other.IRC.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := other.Matrix.Stop(); err != nil {
		t.Fatal(err)
	}
	again := opens(ctx, t, c.Members["claire"], "et le courriel aussi")
	if again == n {
		t.Errorf("two tickets have the number %s", n)
	}
	if _, err := c.Jean.Wait(ctx, 0, "the ticket", clients.Wrote(servers.Bot, c.Adminsys, "Ticket #"+again+" ")); err != nil {
		t.Error(err)
	}
}
