package irc

import (
	"strings"
	"testing"
)

// BenchmarkSplit cuts an answer of 2 kB, with accents, bold and a URL, into lines.
func BenchmarkSplit(b *testing.B) {
	text := strings.Repeat("Votre site répond, mais son \x02certificat\x02 est périmé depuis trois jours ; "+
		"voyez https://www.example.org/guide/https puis réessayez. ", 16)
	room := textRoom(len("vigie!~vigie@lab-1234.example.org"), "PRIVMSG", "#support")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if len(split(text, room)) < 4 {
			b.Fatal("the text was not cut")
		}
	}
}
