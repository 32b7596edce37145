package runbooks

// phrase is a sentence of the engine itself, by language and name. Those of a
// runbook and of its checks are in their own files.
func phrase(lang, name string) string {
	return pick(lang, phrases[name])
}

var phrases = map[string][2]string{
	"busy":        {"Encore un instant, la vérification est en cours.", "One moment, the check is still running."},
	"stop":        {"D'accord, je m'arrête là. Je reste disponible si besoin.", "All right, I stop here. I am around if you need me."},
	"why":         {"Cette réponse m'aide à trouver d'où vient le problème.", "This answer helps me find where the trouble comes from."},
	"first":       {"C'est la première question : on ne peut pas revenir plus loin.", "This is the first question: there is nothing to go back to."},
	"invalid":     {"Je n'ai pas compris cette réponse.", "I did not understand that answer."},
	"between":     {"J'hésite entre", "I am not sure which one you mean:"},
	"or":          {" et ", " or "},
	"between_end": {" : lequel est le bon ?", "?"},
	"remind":      {"Je suis toujours là. Quand vous voulez, on reprend :", "I am still here. Whenever you like, we go on:"},
	"limit":       {"Je tourne en rond : mieux vaut qu'une personne de l'équipe regarde.", "I am going round in circles: a person of the team had better look."},
	"withdrawn":   {"Ce guide vient d'être retiré pour être corrigé. Une personne de l'équipe prend la suite.", "This guide has just been withdrawn to be corrected. A person of the team takes over."},
	"no_language": {"Ce guide n'existe pas dans cette langue.", "This guide does not exist in that language."},
	"yes":         {"oui", "yes"},
	"no":          {"non", "no"},
	"done":        {"c'est fait", "done"},
	"failed":      {"c'est fait, mais ça ne marche toujours pas", "done, but it still does not work"},
	"cannot":      {"je n'y arrive pas", "I cannot do it"},
}
