package console

// words are the console's sentences in one language.
type words struct {
	welcome, bye, help            string
	unknown, usage, noNumber      string
	now, as, in, inThread, noTime string
	to, topic, amends, reacts     string
	redacts, pins, unpins         string
	restarted, tooLong, nobody    string
	whoArgs, roomArgs             string
}

var french = words{
	welcome:   "Bonjour. Ici, vous parlez à Vigie depuis votre clavier. /aide dit comment changer de personne, de salon ou d'heure.",
	bye:       "Au revoir.",
	help:      "/qui NOM [compte] : parler au nom de quelqu'un (un tiret enlève le compte)\n/salon réseau/#nom : parler ailleurs ; /salon @ : en privé\n/fil 3 : parler dans le fil du message #3 ; /fil : en sortir\n/reagir ✋ 3 : réagir au message #3\n/heure +15m : laisser passer le temps ; /heure : quelle heure est-il\n/redemarre : Vigie s'arrête et repart avec sa mémoire\n/quitter : finir\n//texte : dire un texte qui commence par une barre",
	unknown:   "Je ne connais pas %s. /aide donne la liste.",
	usage:     "Écrivez : %s",
	noNumber:  "Il n'y a pas de message #%s.",
	now:       "Il est %s.",
	as:        "Vous êtes %s.",
	in:        "Vous êtes dans %s.",
	inThread:  "Vous écrivez dans le fil du message #%s.",
	noTime:    "Le temps ne va qu'en avant : /heure +15m, /heure +2d ou /heure 2026-11-24T18:00:00+01:00.",
	to:        "à %s",
	topic:     "sujet du salon",
	amends:    "corrige #%s",
	reacts:    "réagit à #%s",
	redacts:   "retire #%s",
	pins:      "épingle #%s",
	unpins:    "détache #%s",
	restarted: "Vigie est repartie.",
	tooLong:   "Cette ligne est trop longue : 64 Kio au plus.",
	nobody:    "sans compte",
	whoArgs:   "NOM [compte]",
	roomArgs:  "réseau/#nom",
}

var english = words{
	welcome:   "Hello. Here you talk to Vigie from your keyboard. /help tells how to change person, room or time.",
	bye:       "Goodbye.",
	help:      "/who NAME [account]: speak as somebody (a dash takes the account away)\n/room network/#name: speak elsewhere; /room @: in private\n/thread 3: speak in the thread of message #3; /thread: leave it\n/react ✋ 3: react to message #3\n/time +15m: let time pass; /time: what time is it\n/restart: Vigie stops and starts again with its memory\n/quit: end\n//text: say a text that starts with a slash",
	unknown:   "I do not know %s. /help gives the list.",
	usage:     "Write: %s",
	noNumber:  "There is no message #%s.",
	now:       "It is %s.",
	as:        "You are %s.",
	in:        "You are in %s.",
	inThread:  "You write in the thread of message #%s.",
	noTime:    "Time only goes forward: /time +15m, /time +2d or /time 2026-11-24T18:00:00+01:00.",
	to:        "to %s",
	topic:     "room topic",
	amends:    "corrects #%s",
	reacts:    "reacts to #%s",
	redacts:   "takes back #%s",
	pins:      "pins #%s",
	unpins:    "unpins #%s",
	restarted: "Vigie is back.",
	tooLong:   "This line is too long: 64 KiB at most.",
	nobody:    "no account",
	whoArgs:   "NAME [account]",
	roomArgs:  "network/#name",
}

// wordsFor are the words of a language, French unless English is asked for.
func wordsFor(lang string) words {
	if lang == "en" {
		return english
	}
	return french
}

// command gives each command, in both languages, its one name.
func command(word string) string {
	switch word {
	case "/who", "/qui":
		return "who"
	case "/room", "/salon":
		return "room"
	case "/thread", "/fil":
		return "thread"
	case "/react", "/reagir", "/réagir":
		return "react"
	case "/time", "/heure":
		return "time"
	case "/restart", "/redemarre", "/redémarre":
		return "restart"
	case "/help", "/aide":
		return "help"
	case "/quit", "/quitter":
		return "quit"
	}
	return ""
}
