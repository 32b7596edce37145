package runbooks

import "slices"

// Move is something that a member may say at any time, in either language,
// whatever the question: no runbook has to provide for it.
type Move string

// The moves.
const (
	MoveBack     Move = "back"
	MoveStop     Move = "stop"
	MoveHuman    Move = "human"
	MoveRepeat   Move = "repeat"
	MoveWhy      Move = "why"
	MoveRestart  Move = "restart"
	MoveSkip     Move = "skip"
	MoveDontKnow Move = "dont_know"
	MoveFrench   Move = "fr"
	MoveEnglish  Move = "en"
)

// MoveOf is the move that a text is, whatever is asked; "" when it is none. For a
// text within a session see Judge.
func MoveOf(text string) Move { return moveIn(clean(text, 400)) }

// moveIn reads a text that is a move and nothing else: a sentence that happens
// to hold the word "stop" is an answer, not an order.
func moveIn(text string) Move {
	folded := trimCourtesy(fold(text))
	for _, m := range moves {
		if slices.Contains(m.words, folded) {
			return m.move
		}
	}
	return ""
}

// trimCourtesy takes away what people say around an order.
func trimCourtesy(s string) string {
	for _, w := range []string{"s il vous plait", "s il te plait", "svp", "stp", "please", "merci", "thanks", "thank you"} {
		if len(s) > len(w) && s[len(s)-len(w)-1:] == " "+w {
			s = s[:len(s)-len(w)-1]
		}
	}
	return s
}

type moveWords struct {
	move  Move
	words []string
}

// moves are compared after folding, so they are written without accents.
var moves = []moveWords{
	{MoveBack, []string{"retour", "retourner", "revenir", "precedent", "question precedente", "en arriere", "annule ma reponse", "je me suis trompe",
		"je me suis trompee", "back", "go back", "previous", "undo", "je veux revenir en arriere", "revenir en arriere"}},
	{MoveStop, []string{"stop", "arret", "arrete", "arretez", "arreter", "on arrete", "j arrete", "laisse tomber", "laissez tomber", "quitter", "annuler",
		"quit", "exit", "cancel", "abort", "abandon", "abandonner", "never mind", "nevermind", "forget it", "drop it", "bye", "bye bye", "goodbye",
		"au revoir", "tant pis", "c est bon", "ca ira", "oubliez", "oublie", "laisse", "laissez", "c est tout", "that s all", "that is all", "i give up",
		"j abandonne", "plus besoin", "no longer needed"}},
	{MoveHuman, []string{"humain", "un humain", "une humaine", "je veux un humain", "je veux parler a un humain", "parler a un humain", "parler a quelqu un",
		"je veux parler a quelqu un", "une personne", "une vraie personne", "quelqu un", "adminsys", "human", "a human", "a person", "talk to a human",
		"i want a human", "i want to talk to a human", "talk to someone", "real person", "someone"}},
	{MoveRepeat, []string{"repete", "repetez", "repeter", "encore", "redis", "redites", "pardon", "quoi", "comment", "hein", "repeat", "again", "say again",
		"what", "pardon me", "sorry", "la question", "quelle question"}},
	{MoveWhy, []string{"pourquoi", "pourquoi cette question", "pourquoi ca", "a quoi ca sert", "pour quoi faire", "why", "what for", "why do you ask",
		"why this question"}},
	{MoveRestart, []string{"recommencer", "recommence", "recommencez", "on recommence", "depuis le debut", "reprendre au debut", "restart", "start over",
		"start again", "from the start"}},
	{MoveSkip, []string{"passer", "passe", "passez", "je passe", "sauter", "suivant", "suivante", "question suivante", "skip", "skip it", "next", "pass"}},
	{MoveDontKnow, dontKnowWords},
	{MoveFrench, []string{"fr", "francais", "en francais", "parle francais", "parlez francais", "french", "in french"}},
	{MoveEnglish, []string{"en", "anglais", "en anglais", "english", "in english", "speak english", "english please"}},
}

var dontKnowWords = []string{"je sais pas", "je ne sais pas", "sais pas", "j sais pas", "jsais pas", "chais pas", "jsp", "aucune idee", "je n en ai aucune idee",
	"pas la moindre idee", "je n en sais rien", "j en sais rien", "aucune", "je ne sais pas trop", "je sais pas trop", "je suis pas sur", "pas sur",
	"pas sure", "je ne suis pas sur", "je ne suis pas sure", "don t know", "dont know", "i don t know", "i dont know", "i do not know", "do not know",
	"dunno", "idk", "no idea", "i have no idea", "not sure", "i m not sure", "i am not sure", "unknown", "inconnu"}
