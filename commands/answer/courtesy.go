package answer

import "strings"

// Courtesy is a sentence that only greets, thanks, leaves or scolds. It gets a
// short human answer when addressed, never a list of subjects.
type Courtesy string

// The courtesies.
const (
	Hello  Courtesy = "hello"
	Thanks Courtesy = "thanks"
	Bye    Courtesy = "bye"
	Insult Courtesy = "insult"
)

// courtesyWords says which courtesy a folded word makes; a word with an empty
// value may stand beside it without changing what is meant.
func courtesyWords() map[string]Courtesy {
	m := map[string]Courtesy{}
	for c, words := range map[Courtesy]string{
		Hello:  "bonjour bonsoir salut coucou hello hi hey yo hola",
		Thanks: "merci thanks thank cheers remercie bravo parfait super genial top",
		Bye:    "bye ciao revoir bientot demain goodbye tchao nuit",
		Insult: "nul nulle idiot idiote stupide debile con connard bete inutile stupid useless dumb idiotic crap merde",
		"": "a au la le les l et tout toute tous toutes monde vigie bot beaucoup bien you so much very " +
			"de t es tu vous je te good morning evening afternoon all everyone there bonne journee soiree " +
			"! !! ? a_tous infiniment encore pour ton votre aide your help for the again d avance un une vraiment trop",
	} {
		for _, w := range strings.Fields(words) {
			m[w] = c
		}
	}
	return m
}

// courtesyOf is the last courtesy of a sentence made of nothing else.
func courtesyOf(words []string, known map[string]Courtesy) Courtesy {
	if len(words) == 0 || len(words) > 10 {
		return ""
	}
	var found Courtesy
	for _, w := range words {
		c, ok := known[w]
		if !ok {
			return ""
		}
		if c != "" {
			found = c
		}
	}
	return found
}
