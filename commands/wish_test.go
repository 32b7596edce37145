package commands

import "testing"

func TestWishesAreToldFromTroubles(t *testing.T) {
	for text, want := range map[string]string{
		"supprimez toutes mes données":                          "wish.erase",
		"Please delete all my data":                             "wish.erase",
		"effacez mon historique svp":                            "wish.erase",
		"oubliez mes infos":                                     "wish.erase",
		"comment créer un compte ?":                             "wish.account",
		"how do I register an account here":                     "wish.account",
		"bonjour, comment avoir un compte sur irc ?":            "wish.account",
		"un monsieur au téléphone m'a demandé mon mot de passe": "wish.phishing",
		"on me demande ma carte bancaire par mail":              "wish.phishing",
		"somebody called and asked for our password":            "wish.phishing",
		"qui lit ce que j'écris ici ?":                          "wish.readers",
		"who can read this?":                                    "wish.readers",
		"pouvez-vous m'appeler ?":                               "wish.call",
		"can you call me back please":                           "wish.call",
		"j'ai supprimé mes fichiers":                            "",
		"mes données ont été supprimées":                        "",
		"mes articles sont effacés":                             "",
		"comment créer un compte FTP ?":                         "",
		"comment créer une adresse ?":                           "",
		"le site me demande mon mot de passe":                   "",
		"je demande un nouveau mot de passe":                    "",
		"thunderbird asks for my password again and again":      "",
		"on me demande un mot de passe que j'ai oublié":         "",
		"comment appeler le webmail depuis mon téléphone ?":     "",
		"mon téléphone ne sonne plus":                           "",
		"qui peut m'aider ?":                                    "",
		"le site ne s'ouvre plus":                               "",
	} {
		if got := wishOf(asWords(text)); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestHelpIsHeardWithinADiagnosis(t *testing.T) {
	for text, want := range map[string]bool{"aide": true, "Help!": true, "je ne comprends pas": true, "aidez-moi": true,
		"une page d'aide": false, "help.example": false, "l'aide ne s'ouvre plus": false, "": false} {
		if wantsHelp(text) != want {
			t.Errorf("wantsHelp(%q) = %v", text, !want)
		}
	}
}
