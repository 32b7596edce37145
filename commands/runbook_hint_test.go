package commands

import "testing"

func TestAsksBack(t *testing.T) {
	for text, want := range map[string]bool{
		"c'est quoi une adresse": true, "C'est quoi, l'adresse ?": true, "what is a certificate": true, "euh ça veut dire quoi": true,
		"qu'est-ce que vous appelez un panneau ?": true,
		"rien ne s'affiche":                       false, "c'est le site du club": false, "comment récupérer mes messages": false,
		"what is shown is an old page and then an error and nothing else": false, "": false,
	} {
		if asksBack(text) != want {
			t.Errorf("asksBack(%q) = %v", text, !want)
		}
	}
}
