package commands

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"vigie/bot"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// after is a diagnosis that ended: what "and the other domain?" is about.
type after struct {
	Runbook string    `json:"runbook"`
	Domain  string    `json:"domain,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	At      time.Time `json:"at"`
}

const afterNote = "after/"

// remember keeps what a diagnosis was about once it has ended.
func (k *talk) remember() {
	if k.s.Parked || k.site() == "" {
		return
	}
	raw, _ := json.Marshal(after{k.d.Kind, k.site(), k.s.Lang, k.Now}) // strings always encode
	k.Tx.SetNote(afterNote+k.d.Key(), string(raw))
}

// pruneAfter forgets the diagnoses that nobody can speak of any more.
func (t *Table) pruneAfter(turn *bot.Turn) {
	for key, raw := range turn.Tx.Notes(afterNote) {
		var a after
		if json.Unmarshal([]byte(raw), &a) != nil || turn.Now.Sub(a.At) > t.cfg.Learning.FollowUp {
			turn.Tx.SetNote(afterNote+key, "")
		}
	}
}

var (
	otherForm = regexp.MustCompile(`^(?:ok |merci |thanks |super |d accord )*(?:(?:et|and|ou|or) )?(?:(?:pour|for|avec|with|what about|how about|idem pour|pareil pour|meme chose pour|same for|sur|du cote de|verifie|check) )*` +
		`(?:(?:l autre|notre autre|mon autre|notre deuxieme|notre second|mon deuxieme|mon second|the other|our other|my other|our second|my second) (?:domaine|site|adresse|nom de domaine|one|domain|website|address|page)?|domaine)(?: (?:alors|aussi|svp|stp|too|then|please|also))*$`)
	leadForm = regexp.MustCompile(`^(?:et|and|idem|pareil|meme chose|same|what about|how about|ou)\b`)
)

// another reads "et pour l'autre domaine ?" and "et pour monasso.org ?": ok, and the
// domain when it is named.
func another(text string) (domain string, ok bool) {
	if m := domainForm.FindStringSubmatch(text); m != nil && len(strings.Fields(text)) <= 8 {
		rest := asWords(strings.Replace(text, m[0], " domaine ", 1))
		return strings.ToLower(m[1]), leadForm.MatchString(rest) && otherForm.MatchString(rest)
	}
	folded := asWords(text)
	return "", len(folded) < 80 && folded != "domaine" && otherForm.MatchString(folded)
}

// followsUp begins the last diagnosis again on another domain, and tells whether the
// line asked for that. Not put to the bot, it must come soon after.
func (t *Table) followsUp(c *Call, l line) (bool, error) {
	if c.person == nil {
		return false, nil
	}
	domain, ok := another(l.text)
	if !ok {
		return false, nil
	}
	if d, talking := c.dialog(); talking && d.Kind != dialogTicket && d.Kind != dialogChoice {
		return false, nil
	}
	var a after
	key := store.DialogKey(c.person.ID, c.Msg.Room)
	if json.Unmarshal([]byte(c.Tx.Note(afterNote+key)), &a) != nil {
		return false, nil
	}
	within := t.cfg.Learning.FollowUp
	if !l.addressed {
		within = min(within, t.cfg.Answers.Listen)
	}
	rb, known := t.runbook(a.Runbook)
	if !known || c.Now.Sub(a.At) > within {
		return false, nil
	}
	if c.person.Lang == "" && a.Lang != "" {
		c.lang = a.Lang
	}
	if domain == "" {
		domain = t.otherDomain(a.Domain)
	}
	utterance := ""
	if domain != "" {
		utterance = "https://" + domain + "/"
		c.SayID("teach.same_for", words.Args{"Domain": domain})
	}
	return true, t.begin(c, rb, utterance)
}

func (t *Table) runbook(id string) (*runbooks.Runbook, bool) {
	for _, rb := range t.lib.All() {
		if rb.ID == id {
			return rb, true
		}
	}
	return nil, false
}

// otherDomain is the one other domain that the register has for the same
// association; empty when it has none or several.
func (t *Table) otherDomain(domain string) string {
	bare := func(s string) string { return strings.TrimPrefix(strings.ToLower(s), "www.") }
	association := ""
	for _, s := range t.cfg.Sites {
		if bare(s.Domain) == bare(domain) {
			association = s.Association
		}
	}
	other := ""
	for _, s := range t.cfg.Sites {
		if association == "" || s.Association != association || bare(s.Domain) == bare(domain) {
			continue
		}
		if other != "" {
			return ""
		}
		other = bare(s.Domain)
	}
	return other
}
