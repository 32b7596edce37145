package story

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// howToJoin says how to come and see.
func (s *Stage) howToJoin() string {
	var b strings.Builder
	host, port, _ := strings.Cut(s.Lab.IRC.Addr, ":")
	fmt.Fprintf(&b, "\nTout reste en marche, jusqu'à Ctrl-C. Venez voir — everything stays up, until Ctrl-C. Come and see:\n\n")
	fmt.Fprintf(&b, "  page d'info   %s  (%sfeed.atom, %sapi/v2/summary.json)\n", s.Info, s.Info, s.Info)
	fmt.Fprintf(&b, "  IRC           irssi -c %s -p %s -n passant      puis /join #support, et « vigie: bonjour, notre site ne s'ouvre plus »\n", host, port)
	fmt.Fprintf(&b, "                sites à lui donner : %s\n", strings.Join(s.domains(), " "))
	fmt.Fprintf(&b, "  Matrix        %s  (Element : « Autre serveur d'accueil » ; salons %s)\n", s.Lab.Matrix.URL, strings.Join(s.aliases(), " "))
	for _, name := range slices.Sorted(maps.Keys(s.Lab.Matrix.Users)) {
		if name != s.settings.Bot {
			fmt.Fprintf(&b, "                %s  mot de passe %s\n", s.Lab.Matrix.Users[name].ID, s.Lab.Matrix.Users[name].Password)
		}
	}
	fmt.Fprintf(&b, "  journal       %s\n", s.Bot.LogFile)
	return b.String()
}

func (s *Stage) aliases() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.Lab.Matrix.Rooms)) {
		out = append(out, s.Lab.Matrix.Rooms[name].Alias)
	}
	return out
}

func (s *Stage) domains() []string {
	var out []string
	for _, site := range s.Sites {
		out = append(out, site.Domain)
	}
	return out
}
