package story

import (
	"strings"
	"testing"

	"vigie/cmd/lab/servers"
)

func TestHowToJoinSaysAll(t *testing.T) {
	s := &Stage{Info: "http://127.0.0.1:8480/", Sites: []HostedSite{{"a.test", "A"}, {"b.test", "B"}},
		Lab: &servers.Lab{IRC: &servers.Ergo{Addr: "127.0.0.1:6667"}, Matrix: &servers.Dendrite{URL: "http://127.0.0.1:8008",
			Users: map[string]servers.MatrixUser{"jean": {ID: "@jean:lab.test", Password: "secret"}, servers.Bot: {ID: "@vigie:lab.test", Password: "the bot's"}},
			Rooms: map[string]servers.Room{"support": {Alias: "#support:lab.test"}}}},
		Bot: servers.NewServer("vigie", "/tmp/vigie.log", "", nil, "vigie"), settings: settings{Bot: servers.Bot}}
	text := s.howToJoin()
	for _, want := range []string{"http://127.0.0.1:8480/feed.atom", "irssi -c 127.0.0.1 -p 6667", "a.test b.test", "http://127.0.0.1:8008",
		"#support:lab.test", "@jean:lab.test  mot de passe secret", "/tmp/vigie.log", "Ctrl-C"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "the bot's") {
		t.Error("it tells the bot's own password")
	}
}
