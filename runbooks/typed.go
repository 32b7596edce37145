package runbooks

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

var (
	emailForm = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+-]{0,63}@((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]{1,61})`)
	urlForm   = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"'«»]+`)
	nameInUse = regexp.MustCompile(`(?i)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]{1,61}`)
)

// typed understands an answer to a question of one of the typed kinds.
func (l *Library) typed(t AskType, low, high int, text string, now time.Time) reading {
	var found []string
	switch t {
	case AskDomain:
		found = domainsIn(text)
	case AskURL:
		found = urlsIn(text)
	case AskEmail:
		found = emailsIn(text)
	case AskNumber:
		return numberIn(text, low, high)
	case AskSince:
		if when, ok := sinceIn(text, now, l.zone); ok {
			found = []string{when.UTC().Format(time.RFC3339)}
		}
	case AskService:
		found = servicesIn(text)
	}
	switch len(found) {
	case 0:
		return reading{}
	case 1:
		return reading{kind: readValue, value: found[0]}
	}
	r := reading{kind: readAmbiguous}
	for _, f := range found[:min(len(found), 3)] {
		r.between = append(r.between, "« "+f+" »")
	}
	return r
}

// domain makes a host name canonical: small ASCII letters, no dot at the end. It
// refuses addresses, names of one label and what is rather a file.
func domain(s string) (string, bool) {
	s, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(s), "."))
	if err != nil || len(s) > 253 {
		return "", false
	}
	labels := strings.Split(s, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || len(last) < 2 || slices.Contains(strings.Fields("php html htm js css txt pdf jpg jpeg png gif svg zip exe doc docx "+
		"odt ods xls xlsx xml sql log gz tar bak conf ini yaml json local localhost internal lan home"), last) {
		return "", false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return "", false
		}
	}
	if !strings.HasPrefix(last, "xn--") && strings.ContainsAny(last, "0123456789") {
		return "", false
	}
	return s, true
}

func domainsIn(text string) []string {
	var out []string
	for _, u := range urlForm.FindAllString(text, 5) {
		if p, err := url.Parse(u); err == nil {
			if d, ok := domain(p.Hostname()); ok {
				out = append(out, d)
			}
		}
	}
	rest := urlForm.ReplaceAllString(text, " ")
	for _, m := range emailForm.FindAllStringSubmatch(rest, 5) {
		if d, ok := domain(m[1]); ok {
			out = append(out, d)
		}
	}
	rest = emailForm.ReplaceAllString(rest, " ")
	for _, at := range nameInUse.FindAllStringIndex(rest, 5) {
		if at[0] > 0 && strings.ContainsRune("@/.", rune(rest[at[0]-1])) {
			continue // part of a path or of something broken
		}
		if d, ok := domain(rest[at[0]:at[1]]); ok {
			out = append(out, d)
		}
	}
	return distinct(out)
}

// urlsIn gives addresses without what should not be kept: a name and password,
// and the query, where session keys live.
func urlsIn(text string) []string {
	var out []string
	for _, raw := range urlForm.FindAllString(text, 5) {
		u, err := url.Parse(strings.TrimRight(raw, ".,;:!?)"))
		if err != nil {
			continue
		}
		d, ok := domain(u.Hostname())
		if !ok || u.Port() != "" && u.Port() != "80" && u.Port() != "443" {
			continue
		}
		clean := url.URL{Scheme: strings.ToLower(u.Scheme), Host: d, Path: u.Path}
		if clean.Path == "" {
			clean.Path = "/"
		}
		out = append(out, clip(clean.String(), 500))
	}
	if len(out) == 0 {
		for _, d := range domainsIn(text) {
			out = append(out, "https://"+d+"/")
		}
	}
	return distinct(out)
}

func emailsIn(text string) []string {
	var out []string
	for _, m := range emailForm.FindAllStringSubmatch(text, 5) {
		if d, ok := domain(m[1]); ok {
			local, _, _ := strings.Cut(m[0], "@")
			out = append(out, strings.ToLower(local)+"@"+d)
		}
	}
	return distinct(out)
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func numberIn(text string, low, high int) reading {
	var found []string
	for _, w := range strings.Fields(fold(text)) {
		if n, ok := number(w); ok && w != "un" && w != "une" && n >= low && n <= high {
			found = append(found, itoa(n))
		}
	}
	found = distinct(found)
	if folded := fold(text); len(found) == 0 && (folded == "un" || folded == "une") && low <= 1 && high >= 1 {
		found = []string{"1"}
	}
	switch len(found) {
	case 0:
		return reading{}
	case 1:
		return reading{kind: readValue, value: found[0]}
	}
	return reading{kind: readAmbiguous, between: found}
}

// services are the closed list of what a host runs, with the words for it.
func services() map[string][]string {
	return map[string][]string{
		"web":       {"web", "site", "sites", "page", "website", "http", "https"},
		"mail":      {"mail", "mails", "email", "emails", "e mail", "e mails", "courriel", "courriels", "messagerie", "boite mail", "webmail", "smtp", "imap"},
		"dns":       {"dns", "domaine", "domaines", "nom de domaine", "domain"},
		"database":  {"base", "bases", "base de donnees", "mysql", "mariadb", "database", "bdd", "phpmyadmin"},
		"ftp":       {"ftp", "sftp", "ftps"},
		"vps":       {"vps", "serveur virtuel", "machine virtuelle", "vm", "virtual server"},
		"dedicated": {"dedie", "serveur dedie", "baie", "housing", "dedicated", "rack"},
		"nolog":     {"no log", "nolog"},
		"voip":      {"voip", "telephone", "telephonie", "sip", "phone"},
		"lists":     {"liste", "listes", "liste de diffusion", "mailing list", "list", "lists"},
		"panel":     {"panneau", "panel", "bureau alternc", "alternc", "interface"},
		"network":   {"reseau", "internet", "connexion", "network"},
	}
}

func servicesIn(text string) []string {
	folded := fold(text)
	var out []string
	for id, words := range services() {
		if anyWords(folded, words...) {
			out = append(out, id)
		}
	}
	return distinct(out)
}

// known finds a fact's value before anything is asked: given by the caller, or
// in the sentence that started the dialogue.
func (l *Library) known(f Fact, o StartOptions) (string, bool) {
	if v, ok := l.accept(&f, o.Facts[f.Name]); ok {
		return v, true
	}
	if !slices.Contains(f.From, "utterance") || o.Utterance == "" {
		return "", false
	}
	text := clean(o.Utterance, 4000)
	switch f.Type {
	case AskDomain, AskURL:
		return mentioned(f.Type, text)
	case AskChoice, AskYesNo, AskText, AskNumber:
		return "", false
	}
	r := l.typed(f.Type, 0, 0, text, o.Now)
	return r.value, r.kind == readValue
}

// mentioned finds the one address in a running sentence. "plus.merci" is none
// there: only whole URLs and usual endings are.
func mentioned(t AskType, text string) (string, bool) {
	if urls := urlsIn(text); len(urls) == 1 && urlForm.MatchString(text) {
		if t == AskURL {
			return urls[0], true
		}
		return hostOf(urls[0]), true
	}
	list := slices.DeleteFunc(domainsIn(text), func(d string) bool { return !usualEnding(d) })
	if len(list) != 1 {
		return "", false
	}
	if t == AskURL {
		return "https://" + list[0] + "/", true
	}
	return list[0], true
}

func usualEnding(d string) bool {
	last := d[strings.LastIndexByte(d, '.')+1:]
	return strings.HasPrefix(last, "xn--") || slices.Contains(strings.Fields("com org net info biz eu fr be ch lu ca re gp mq gf pf nc yt pm wf tf uk de es it nl pt at pl io "+
		"coop ong ngo asso tv fm cc ovh bzh alsace corsica paris museum app dev online site cloud blog radio media press art example test"), last)
}

// accept takes a value that another runbook or the caller gives, if it is of the
// fact's type.
func (l *Library) accept(f *Fact, v string) (string, bool) {
	v = clean(v, 400)
	var found []string
	switch f.Type {
	case AskDomain:
		found = domainsIn(v)
	case AskURL:
		found = urlsIn(v)
	case AskEmail:
		found = emailsIn(v)
	case AskNumber:
		if n, ok := number(v); ok {
			return itoa(n), true
		}
	case AskYesNo:
		return v, v == "yes" || v == "no"
	case AskChoice:
		return v, slices.Contains(f.options, v)
	case AskService:
		return v, services()[v] != nil
	case AskSince:
		_, err := time.Parse(time.RFC3339, v)
		return v, err == nil
	case AskText:
		return v, v != ""
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}
