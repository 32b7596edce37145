package runbooks

import (
	"fmt"
	"slices"
)

// Code explains one kind of finding to an author.
type Code struct {
	Code      string
	Meaning   string
	Why       string
	Bad, Good string // a line or two of YAML each
}

// String is the explanation as `vigie runbook lint --explain` prints it.
func (c Code) String() string {
	severity := Error
	if isWarning(c.Code) {
		severity = Warning
	}
	return fmt.Sprintf("%s (%s): %s\n%s\n\nnot:\n  %s\nbut:\n  %s\n", c.Code, severity, c.Meaning, c.Why, c.Bad, c.Good)
}

// Explain returns the explanation of a code.
func Explain(code string) (Code, bool) {
	list := Codes()
	i := slices.IndexFunc(list, func(c Code) bool { return c.Code == code })
	if i < 0 {
		return Code{}, false
	}
	return list[i], true
}

// Codes lists every code that a lint may give, in order.
func Codes() []Code { return slices.Concat(formCodes, graphCodes, textCodes, careCodes) }

var formCodes = []Code{
	{"RB101", "unknown key, kind or type", "A key that nobody reads is a typing mistake, and the rule that it holds would be lost in silence.",
		`{kind: ask, typ: domain}`, `{kind: ask, type: domain}`},
	{"RB102", "duplicate or missing id", "Of two steps of one name only one could ever be reached.",
		"which: {…}\n  which: {…}", "which: {…}\n  which_again: {…}"},
	{"RB103", "ambiguous YAML scalar", "Some parsers read no, on or 0123 as something else than a text.",
		`en: no`, `en: "no"`},
	{"RB104", "bad duration or limit", "A limit that cannot be read does not limit.",
		`for: 90`, `for: 90s`},
	{"RB105", "a value of the host is missing", "The member would read an empty place where an address should be.",
		`text: "{{host.webmial}}"`, `text: "{{host.webmail}}"   # and webmail set in the configuration`},
}

var graphCodes = []Code{
	{"RB201", "unknown target", "The step, or the check, that is named does not exist.", `next: scna`, `next: scan`},
	{"RB202", "unreachable step", "No member can ever get there.", `old: {kind: say, …}   # nothing leads to old`, `next: old`},
	{"RB203", "dead end", "The dialogue would stop in the middle. Every question needs a way out for “I don't know”.",
		`{kind: ask, type: domain, next: scan}`, `{kind: ask, type: domain, next: scan, unknown: what}`},
	{"RB204", "no path to an end", "Members would go round for ever.", "a: {next: b}\n  b: {next: a}", "a: {next: b}\n  b: {next: end_ticket}"},
	{"RB205", "no else, or else not last", "When no rule holds, there must be a way on.",
		`next: [{if: 'c.web.ok', go: fine}]`, `next: [{if: 'c.web.ok', go: fine}, {go: what}]`},
	{"RB206", "a circle that nothing bounds", "Without max_visits or a wait a circle is only ended by max_steps.",
		`limits: {max_steps: 40}`, `limits: {max_steps: 40, max_visits: 2}`},
	{"RB207", "used before it was always known", "On some path the check has not run, or the question was not asked.",
		`text: "Testing {{domain}}"   # “I don't know” leads here too`, `unknown: another_step`},
	{"RB208", "a condition or placeholder that is not understood", "Conditions are typed when the file is read; they have == != < > in && || ! and len.",
		`if: 'c.web.verdct == "ok"'`, `if: 'c.web.verdict == "ok"'`},
	{"RB209", "value outside its list", "The comparison would never be true.", `if: 'c.web.verdict == "down"'`, `if: 'c.web.verdict == "timeout"'`},
	{"RB210", "argument of the wrong type", "The check could not be made.", `{kind: tls, host: "{{domain}}", port: https}`, `{kind: tls, host: "{{domain}}", port: 443}`},
	{"RB211", "call loop or missing runbook", "A runbook may call another, two deep, never itself.", `{kind: call, runbook: site-eror, else: what}`, `{kind: call, runbook: site-error, else: what}`},
	{"RB212", "two options collide", "One answer would mean both.", `a: {fr: "oui", …}  b: {fr: "Oui !", …}`, `a: {fr: "oui, partout", …}  b: {fr: "oui, chez moi", …}`},
	{"RB213", "rule shadowed by an earlier one", "It can never be taken.", "- {if: 'c.dns.verdict in [\"lame\",\"bogus\"]', go: a}\n  - {if: 'c.dns.verdict == \"lame\"', go: b}",
		"- {if: 'c.dns.verdict == \"lame\"', go: b}\n  - {if: 'c.dns.verdict == \"bogus\"', go: a}"},
	{"RB214", "verdict never named, falls to else", "A rule that was deleted by mistake looks just like this.", `- {if: 'c.dns.verdict == "nxdomain"', go: dns_bad}`,
		`- {if: 'c.dns.verdict in ["nxdomain","servfail",…]', go: dns_bad}`},
	{"RB215", "a long way", "After seven steps, or four questions in a row, people leave.", `ask, ask, ask, ask, ask`, `ask, check, ask`},
	{"RB216", "longest path above max_steps", "Who takes the longest way would be cut off before its end.", `limits: {max_steps: 5}`, `limits: {max_steps: 40}`},
}

var textCodes = []Code{
	{"RB301", "text missing in a language", "Half of the members would read nothing.", `text: {fr: "Bonjour"}`, `text: {fr: "Bonjour", en: "Hello"}`},
	{"RB302", "placeholder differs between languages", "One of the two says less than the other.", `{fr: "Je teste {{domain}}", en: "Testing"}`, `{fr: "Je teste {{domain}}", en: "Testing {{domain}}"}`},
	{"RB303", "no sentence for a verdict", "tell would have nothing to say.", `verdicts/en.yaml without dns: {lame: …}`, `dns: {lame: "…"}`},
	{"RB304", "text longer than an IRC line", "It would be cut in two.", `a text of 400 bytes`, `two say steps`},
	{"RB305", "long sentence or jargon", "Members are not technicians.", `"Le TTL du CNAME n'a pas expiré"`, `"Le changement n'est pas encore visible partout"`},
	{"RB306", "tu and vous mixed", "Vigie says vous.", `"As-tu changé ton mot de passe ?"`, `"Avez-vous changé votre mot de passe ?"`},
}

var careCodes = []Code{
	{"RB401", "text asks for a secret", "Nothing secret is ever typed in a chat; there is no type of question for it.", `"Quel est votre mot de passe ?"`, `"Avez-vous pu changer votre mot de passe ?"`},
	{"RB402", "check target not from a typed answer or the configuration", "Free text must not choose what Vigie connects to.", `{kind: http, url: "{{symptom}}"}`, `{kind: http, url: "https://{{domain}}/"}`},
	{"RB403", "private host", "Vigie does not touch what is behind somebody's router.", `{kind: tcp, host: "192.168.1.1", port: 80}`, `{kind: tcp, host: "{{domain}}", port: 80}`},
	{"RB404", "sensitive fact in a public text", "The dialogue may be in a public room.", `text: "L'adresse {{mailbox}} est pleine"`, `text: "Cette boîte est pleine"`},
	{"RB501", "golden test fails", "The runbook no longer does what its author promised.", `path: [which, scan, end_cert]   # it goes to end_dns`, `path: [which, scan, end_dns]`},
	{"RB502", "step reached by no test", "Nobody would see it break.", `tests: []`, `- {name: …, lang: fr, checks: {…}, say: [...], path: [...], outcome: ticket}`},
	{"RB503", "review date passed", "Registrars, browsers and panels change; advice grows old.", `review_by: 2020-01-01`, `review_by: a date within the year, after reading it again`},
	{"RB504", "no why on an ask", "People answer more readily when they know what for.", `{kind: ask, text: …}`, `{kind: ask, text: …, why: {fr: …, en: …}}`},
	{"RB505", "solved, and nobody has looked", "Check again, or ask, before saying that it works.", `{kind: say, next: end_solved}`, `{kind: ask, type: yesno, if_yes: end_solved, …}`},
	{"RB506", "check slower than its timeout", "It would often end “unknown” for want of time.", `timeout: 2s`, `timeout: 20s`},
}
