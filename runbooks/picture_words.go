package runbooks

import "strings"

// stepWords is what a kind of step is called on a picture, and its colour.
func stepWords(k StepKind, lang string) (name, fill string) {
	w := map[StepKind][3]string{
		KindAsk: {"? QUESTION", "? QUESTION", "#dbe7ff"}, KindCheck: {"VÉRIFICATION", "CHECK", "#e6e6e6"},
		KindRoute: {"AIGUILLAGE", "SWITCH", "#f0f0f0"}, KindSay: {"MESSAGE", "MESSAGE", "#eef7ee"},
		KindDo: {"À FAIRE", "TO DO", "#fff0c8"}, KindWait: {"ATTENTE", "WAIT", "#f2ecff"},
		KindCall: {"AUTRE DIAGNOSTIC", "ANOTHER DIAGNOSIS", "#e0f3f3"}, KindEnd: {"FIN", "END", "#eeeeee"},
	}[k]
	return pick(lang, [2]string{w[0], w[1]}), w[2]
}

// endWords is what an outcome is called on a picture, and its colour.
func endWords(o Outcome, lang string) (name, fill string) {
	sign := map[Outcome][2]string{Solved: {"✓", "#d5f0d5"}, KnownIncident: {"!", "#fde9c8"}, NotOurs: {"↗", "#f3e0f7"},
		Ticket: {"✉", "#dbe7ff"}, Escalate: {"!!", "#f9d0d0"}}[o]
	return sign[0] + " " + outcomeName(o, lang), sign[1]
}

// kindWords is what a kind of check looks at.
func kindWords(kind, lang string) string {
	w, ok := map[string][2]string{
		"incident": {"pannes annoncées", "known incidents"}, "inventory": {"liste de nos membres", "our members' list"},
		"rdap": {"registre du nom", "name registry"}, "dns": {"annuaire DNS", "DNS directory"}, "http": {"page web", "web page"},
		"tls": {"certificat", "certificate"}, "tcp": {"porte du serveur", "server's door"}, "ping": {"écho du serveur", "server's echo"},
		"mx": {"adresse du courrier", "mail route"}, "smtp": {"serveur d'envoi", "sending server"}, "imap": {"boîte aux lettres", "mailbox server"},
		"spf": {"règle SPF", "SPF rule"}, "dkim": {"signature DKIM", "DKIM signature"}, "dmarc": {"règle DMARC", "DMARC rule"},
		"ptr": {"nom du serveur", "server's name"}, "dnsbl": {"listes noires", "blocklists"},
	}[kind]
	if !ok {
		return kind
	}
	return pick(lang, w)
}

// verdictWords is a verdict, or a hint about a page, as short as a label. A word
// without one is shown as authors write it.
func verdictWords(v, lang string) string {
	w, ok := map[string][2]string{
		"ok": {"correct", "fine"}, "unknown": {"pas pu tester", "could not test"}, "none": {"rien", "nothing"}, "active": {"en cours", "active"},
		"maintenance": {"travaux", "maintenance"}, "recent": {"tout juste finie", "just over"}, "hosted": {"hébergé chez nous", "hosted here"},
		"not_hosted": {"pas chez nous", "not hosted here"}, "suspended": {"suspendu", "suspended"}, "expires_soon": {"expire bientôt", "expires soon"},
		"expired": {"expiré", "expired"}, "hold": {"mis en pause", "on hold"}, "redemption": {"à récupérer", "to be recovered"},
		"pending_delete": {"bientôt effacé", "about to be deleted"}, "not_registered": {"n'existe pas", "does not exist"},
		"nxdomain": {"nom introuvable", "no such name"}, "no_address": {"sans adresse", "no address"}, "servfail": {"en erreur", "failing"},
		"timeout": {"ne répond pas", "no answer"}, "bogus": {"signature fausse", "bad signature"}, "lame": {"serveur muet", "silent server"},
		"reserved_address": {"adresse privée", "private address"}, "slow": {"lent", "slow"}, "server_error": {"erreur du serveur", "server error"},
		"blank": {"page blanche", "blank page"}, "not_found": {"page absente", "page missing"}, "forbidden": {"accès interdit", "forbidden"},
		"client_error": {"demande refusée", "request refused"}, "redirect_loop": {"tourne en rond", "goes in circles"},
		"redirect_away": {"envoie ailleurs", "sends elsewhere"}, "gateway": {"serveur en panne derrière", "server down behind"},
		"unavailable": {"indisponible", "unavailable"}, "refused": {"connexion refusée", "refused"}, "reset": {"connexion coupée", "cut off"},
		"tls_error": {"https en erreur", "https fails"}, "dns_error": {"nom sans réponse", "name fails"}, "blocked_target": {"adresse privée", "private address"},
		"not_yet_valid": {"pas encore valable", "not valid yet"}, "name_mismatch": {"pour un autre nom", "for another name"},
		"self_signed": {"fait maison", "self-signed"}, "untrusted": {"non reconnu", "not trusted"}, "incomplete_chain": {"incomplet", "incomplete"},
		"old_protocol": {"trop ancien", "too old"}, "handshake_failed": {"échange raté", "handshake failed"}, "unreachable": {"injoignable", "unreachable"},
		"loss": {"pertes", "losses"}, "null_mx": {"courrier refusé", "takes no mail"}, "elsewhere": {"ailleurs", "elsewhere"}, "cname": {"alias", "alias"},
		"unresolvable": {"introuvable", "not found"}, "tempfail": {"refus passager", "refused for now"}, "reject": {"refus", "rejected"},
		"no_starttls": {"sans chiffrement", "no encryption"}, "cert_bad": {"mauvais certificat", "bad certificate"}, "bad_banner": {"réponse étrange", "odd answer"},
		"multiple": {"plusieurs", "several"}, "syntax": {"mal écrite", "badly written"}, "too_many_lookups": {"trop longue", "too long"},
		"not_us": {"sans nous", "without us"}, "missing": {"absente", "missing"}, "bad_key": {"mauvaise clé", "bad key"}, "short_key": {"clé trop courte", "short key"},
		"mismatch": {"ne correspond pas", "does not match"}, "clean": {"rien", "clean"}, "listed": {"inscrit", "listed"},
		"other": {"autre serveur", "another server"}, "ours": {"chez nous", "with us"}, "parking": {"page d'attente", "parking page"},
		"bot_challenge": {"filtre anti-robots", "robot filter"}, "fail": {"en échec", "fails"}, "directory_listing": {"liste de fichiers", "list of files"},
		"apache_default": {"page par défaut", "default page"}, "panel_default": {"page par défaut", "default page"},
		"spip_db": {"SPIP sans base", "SPIP without database"}, "spip_setup": {"SPIP à installer", "SPIP not set up"},
		"drupal_error": {"erreur Drupal", "Drupal error"}, "drupal_maintenance": {"Drupal en travaux", "Drupal maintenance"},
		"wp_critical": {"erreur WordPress", "WordPress error"}, "wp_db": {"WordPress sans base", "WordPress without database"}, "php_fatal": {"erreur PHP", "PHP error"},
	}[v]
	if !ok {
		return strings.ReplaceAll(v, "_", " ")
	}
	return pick(lang, w)
}
