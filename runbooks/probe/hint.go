package probe

import (
	"html"
	"strings"
)

// signature is how a well-known page is recognised. All texts are lower case.
type signature struct {
	hint string
	any  []string // one of these in the page's text
	// when narrows it down: words that occur in articles too count only there.
	when func(status int, title string) bool
}

// anyPage is no condition.
func anyPage(int, string) bool { return true }

// untitled is a condition: a message shown in the place of a page, which has
// either no title or one that speaks of the error.
func untitled(status int, title string) bool {
	return status >= 400 || title == "" || strings.Contains(title, "error") || strings.Contains(title, "erreur")
}

// closed is a condition: the answer is "come back later", by status or by title.
func closed(status int, title string) bool {
	return status == 503 || strings.Contains(title, "maintenance") || strings.Contains(title, "travaux")
}

// titled makes a condition: the title begins with one of these.
func titled(starts ...string) func(int, string) bool {
	return func(_ int, title string) bool {
		for _, s := range starts {
			if strings.HasPrefix(title, s) {
				return true
			}
		}
		return false
	}
}

// signatures are tried in order, the more telling first.
func signatures() []signature {
	return []signature{
		{"spip_db", []string{"problème technique (serveur sql)", "probleme technique (serveur sql)", "technical problem (sql server)"}, anyPage},
		{"spip_setup", []string{"ce site n'est pas encore configuré", "ce site n’est pas encore configuré", "this site is not configured yet", "installation du système de publication"}, anyPage},
		{"wp_db", []string{"error establishing a database connection", "erreur lors de la connexion à la base de données", "erreur de connexion à la base de données"}, untitled},
		{"wp_critical", []string{"there has been a critical error on this website", "there has been a critical error on your website", "il y a eu une erreur critique sur ce site", "il y a eu une erreur critique sur votre site"}, untitled},
		{"drupal_error", []string{"the website encountered an unexpected error", "le site web a rencontré une erreur inattendue"}, untitled},
		{"drupal_maintenance", []string{"is currently under maintenance. we should be back shortly", "est actuellement en maintenance. nous devrions être de retour", "est en cours de maintenance. nous serons de retour"}, anyPage},
		{"php_fatal", []string{"<b>fatal error</b>:", "<b>parse error</b>:", "php fatal error:", "php parse error:", "fatal error: uncaught "}, anyPage},
		{"maintenance", []string{"briefly unavailable for scheduled maintenance", "brièvement indisponible pour cause de maintenance", "indisponible brièvement pour cause de maintenance"}, anyPage},
		{"maintenance", []string{"maintenance", "en travaux", "under construction"}, closed},
		{"bot_challenge", []string{"cf-chl", "challenge-platform", "checking your browser", "ddos-guard", "not a bot", "pas un robot"}, titled("just a moment", "un instant", "ddos-guard", "attention required", "making sure", "vérification", "checking your browser", "one moment")},
		{"apache_default", []string{"apache2 debian default page", "apache2 ubuntu default page", "<h1>it works!</h1>", "<h1>welcome to nginx!</h1>", "test page for the apache http server"}, anyPage},
		{"panel_default", []string{"alternc", "plesk", "cpanel", "ispconfig", "virtualmin", "vesta", "default index page of your website"}, titled("default web site page", "default page", "domain default page", "web server's default page", "welcome to your website", "bienvenue sur votre nouvel hébergement", "alternc", "site en construction")},
		{"directory_listing", []string{"<h1>index of /", "parent directory", "[to parent directory]"}, titled("index of /")},
		{"parking", []string{"sedoparking", "parkingcrew.net", "bodis.com", "this domain is for sale", "this domain may be for sale", "this domain is parked", "ce domaine est à vendre", "ce nom de domaine est à vendre", "ce domaine est parqué", "domain parking"}, anyPage},
	}
}

// hintOf names the well-known page that this one is, or "none".
func hintOf(p *page) string {
	if strings.EqualFold(p.header.Get("Cf-Mitigated"), "challenge") {
		return "bot_challenge"
	}
	text := strings.ToLower(html.UnescapeString(decodeText(p.body[:min(len(p.body), 64<<10)])))
	title := strings.ToLower(titleOf(p.body))
	for _, s := range signatures() {
		if !s.when(p.status, title) {
			continue
		}
		for _, words := range s.any {
			if strings.Contains(text, words) {
				return s.hint
			}
		}
	}
	return "none"
}

// showsError says that a page of this kind is an error whatever its status: several
// systems send it with 200.
func showsError(hint string) bool {
	switch hint {
	case "spip_db", "wp_db", "wp_critical", "drupal_error", "php_fatal":
		return true
	}
	return false
}
