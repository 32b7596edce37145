package commands

import "testing"

func TestVerdict(t *testing.T) {
	for text, want := range map[string]int{
		"oui": 1, "Oui !": 1, "ça marche": 1, "ça remarche, merci": 1, "it works again": 1, "oui tout va bien": 1, "c'est réparé": 1,
		"non": -1, "ça marche pas": -1, "non ça ne marche toujours pas": -1, "toujours en panne": -1, "it still does not work": -1,
		"it doesn't work": -1, "toujours pas": -1,
		"oui mais le formulaire plante": 0, "yes but not the shop": 0, "non le devis plante aussi": 0, "depuis hier": 0, "": 0, "merci": 0,
		"le site marche mais lentement": 0, "ouistiti": 0,
	} {
		if got := verdict(text); got != want {
			t.Errorf("verdict(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestWhatIsSaidOfATicket(t *testing.T) {
	for text, want := range map[string]string{
		"où en est mon ticket ?": "news", "vous êtes là ?": "news", "c'est long": "news", "combien de temps ça va prendre ?": "news",
		"c'est long à charger, notre site": "", "combien de temps gardez-vous les sauvegardes ?": "", "où en est la migration du serveur ?": "",
		"how long are backups kept?": "", "alors, où en êtes-vous ?": "news",
		"how is my ticket going?": "news", "any news?": "news",
		"ferme mon ticket": "close", "close my ticket please": "close", "vous pouvez fermer ma demande": "close", "annulez mon ticket": "close",
		"are you a robot?": "robot", "êtes-vous un robot ?": "robot", "c'est un robot ?": "robot",
		"fermer mon site": "", "is it serious?": "", "mon robot.txt est mauvais": "", "c'est un problème de certificat": "",
	} {
		said, got := asWords(text), ""
		switch {
		case newsForm.MatchString(said):
			got = "news"
		case closeForm.MatchString(said):
			got = "close"
		case robotForm.MatchString(said):
			got = "robot"
		}
		if got != want {
			t.Errorf("%q is taken as %q, want %q", text, got, want)
		}
	}
}

func TestNumeric(t *testing.T) {
	for text, want := range map[string]bool{"0": true, "-1": true, "#99999999999999999999": true, "٣": true, "12,5": false, "3x": false, "#": false, "": false, "un": false} {
		if numeric(text) != want {
			t.Errorf("numeric(%q) = %v", text, !want)
		}
	}
}
