package commands

import (
	"regexp"
	"slices"
	"time"

	"vigie/commands/words"
	"vigie/runbooks"
)

// wish is something that members ask for in words of their own and that no runbook
// and no FAQ entry answers: guessing at the nearest subject would frighten or
// mislead them.
type wish struct {
	form *regexp.Regexp // on the text as asWords gives it
	id   string         // the sentence that answers
}

// wishes are looked through in this order; the first that fits counts.
var wishes = []wish{
	{regexp.MustCompile(`\b(?:supprim\w*|effac\w*|delet\w*|eras\w*|remov\w*|oubli\w*) (?:(?:svp|stp|please|moi|tout|toutes|all|of) )*(?:mes|mon|my|our|nos) (?:donnees(?: personnelles)?|infos?|informations?|historique|(?:personal )?data|history)\b`), "wish.erase"},
	{regexp.MustCompile(`^(?:(?:bonjour|hello|salut) )?(?:comment|how|ou|where)(?: (?:est ce que|je|j|on|peut|puis|peux|do|can|i|to|dois|faut il|faire|pour))* (?:creer|cree|ouvrir|avoir|obtenir|enregistrer|create|make|register|open|get)(?: moi)? (?:un|mon|a|an|my) (?:compte|account|pseudo|nick)(?: (?:ici|here|irc|matrix|sur (?:irc|matrix|le chat|le tchat|ce salon|ce reseau)|on (?:irc|matrix|this chat)|de chat))?$`), "wish.account"},
	{regexp.MustCompile(`(?:\b(?:m a|me|nous a|nous|lui a|asked|asks|asking|wants|want|veut|veulent|wanted)\b.* )?\b(?:demande|demandent|demandait|reclame|reclament|asked|asks|asking|wants)\b.*\b(?:mot de passe|mdp|password|identifiants?|code (?:secret|de la carte|par sms)|carte bancaire|bank card|card number)\b`), "wish.phishing"},
	{regexp.MustCompile(`^(?:(?:et|but|and|mais) )?(?:qui (?:lit|voit|peut lire|peut voir|nous lit)|who (?:reads|sees|can read|can see))\b`), "wish.readers"},
	{regexp.MustCompile(`\b(?:(?:vous )?(?:pouvez|pourriez|peux tu|peut on) (?:vous )?(?:m |me |nous )?(?:appeler|rappeler|telephoner)|rappelez moi|appelez moi|can you (?:call|phone|ring)|call me(?: back)?|please call)\b`), "wish.call"},
}

// phishingTold are those who speak: "on me demande" is somebody else's asking, "je
// demande" and "the site asks" are not.
var phishingTold = regexp.MustCompile(`\b(?:un|une|des|quelqu un|on|monsieur|madame|dame|homme|femme|type|gens|courriel|mail|sms|message|somebody|someone|a man|a woman|a caller|they|he|she|il|elle|ils|inconnu|stranger)\b`)

// siteAsks tells that a log-in page asks, which is what such pages do.
var siteAsks = regexp.MustCompile(`\b(?:site|page|panneau|panel|webmail|spip|wordpress|thunderbird|outlook|logiciel|program|telephone portable|ftp|filezilla|oublie|perdu|forgot|lost|nouveau)\b`)

// wishOf is the sentence that answers what was said, as asWords gives it; "" for none.
func wishOf(said string) string {
	for _, w := range wishes {
		if w.form.MatchString(said) && (w.id != "wish.phishing" || phishingTold.MatchString(said) && !siteAsks.MatchString(said)) {
			return w.id
		}
	}
	return ""
}

// sentAlready answers "back" right after a diagnosis has ended in a ticket: that end is
// not taken back.
func (t *Table) sentAlready(c *Call, l line) bool {
	if runbooks.MoveOf(l.text) != runbooks.MoveBack || c.person == nil {
		return false
	}
	for _, tk := range c.current(false) {
		if len(tk.Runbook) > 0 && c.Now.Sub(tk.Opened) <= time.Hour {
			c.SayID("runbook.already_sent", words.Args{"N": tk.N})
			return true
		}
	}
	return false
}

// wished answers such a wish, put to the bot, and tells whether it did.
func (t *Table) wished(c *Call, l line) (bool, error) {
	d, talking := c.dialog()
	if l.prefixed || !l.addressed || c.InStaffRoom() || len(l.text) > 300 || talking && !own(d.Kind) {
		return false, nil
	}
	if t.sentAlready(c, l) {
		return true, nil
	}
	said := asWords(l.text)
	if id := wishOf(said); id != "" {
		if id == "wish.erase" && t.table.find("oubliezmoi") == nil {
			id = "wish.erase_human"
		}
		c.SayID(id, nil)
		return true, nil
	}
	idle := []runbooks.Move{runbooks.MoveStop, runbooks.MoveBack, runbooks.MoveSkip, runbooks.MoveRestart}
	if !talking && slices.Contains(idle, runbooks.MoveOf(l.text)) {
		c.SayID("wish.nothing_runs", nil)
		return true, nil
	}
	return false, nil
}
