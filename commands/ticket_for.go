package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// CannedConfig is an answer that staff give often, under a short name.
type CannedConfig struct {
	Name string `yaml:"name"`
	// Text is by language. It may name {{ticket}}, {{member}}, {{site}}, {{service}}, {{me}} and
	// the host's values, {{host.x}}.
	Text map[string]string `yaml:"text"`
}

// blankForm is a placeholder of a canned answer.
var blankForm = regexp.MustCompile(`\{\{\s*([\w.]+)\s*\}\}`)

// checkCanned finds canned answers that could not be given.
func (c *TicketsConfig) checkCanned() []Problem {
	var p []Problem
	seen := map[string]bool{}
	for i, m := range c.Canned {
		path := fmt.Sprintf("tickets.canned[%d]", i)
		if name := Fold(m.Name); name == "" || strings.ContainsAny(name, " #") || numeric(name) || seen[name] {
			p = append(p, Problem{path + ".name", fmt.Sprintf("%q cannot be used", m.Name), "one word of its own, not a number"})
		}
		seen[Fold(m.Name)] = true
		for _, lang := range words.Languages() {
			if strings.TrimSpace(m.Text[lang]) == "" {
				p = append(p, Problem{path + ".text", "the answer is missing in one language", "write text: {fr: …, en: …}"})
				break
			}
			for _, b := range blankForm.FindAllStringSubmatch(m.Text[lang], -1) {
				if !slices.Contains([]string{"ticket", "member", "site", "service", "me"}, b[1]) && !strings.HasPrefix(b[1], "host.") {
					p = append(p, Problem{path + ".text", fmt.Sprintf("{{%s}} is nothing that can be filled in", b[1]), "one of ticket, member, site, service, me, host.NAME"})
				}
			}
		}
	}
	return p
}

// actCanned is what a confirmed canned answer is called.
const actCanned = "canned"

// cannedCommand lists the canned answers, shows one, or shows it as it would be said in a ticket and asks
// whether to say it.
func cannedCommand(c *Call) error {
	list := c.Table.cfg.Tickets.Canned
	if len(list) == 0 {
		c.SayID("ticketact.canned_none", nil)
		return nil
	}
	if c.Args == "" {
		var names []string
		for _, m := range list {
			names = append(names, m.Name)
		}
		c.SayID("ticketact.canned_list", words.Args{"Names": strings.Join(names, ", ")})
		return nil
	}
	first, rest := cutWord(c.Args)
	n, numbered := number(first)
	if name, tail := first, rest; !numbered {
		if n, numbered = number(tail); !numbered {
			n, numbered = c.threadTicket()
		}
		rest = name
	}
	i := slices.IndexFunc(list, func(m CannedConfig) bool { return Fold(m.Name) == Fold(rest) })
	if i < 0 {
		return c.Refuse("ticketact.canned_unknown", words.Args{"Name": chat.Plain(rest, 30)})
	}
	if !numbered {
		c.SayID("ticketact.canned_shown", words.Args{"Name": list[i].Name, "Text": strings.TrimSpace(list[i].Text[c.Lang()])})
		return nil
	}
	tk, ok := c.Tx.Current(n)
	if !ok {
		return c.Refuse("ticket.not_found_staff", words.Args{"N": n})
	}
	text, missing := c.Table.filled(c, list[i], tk)
	if missing != "" {
		return c.Refuse("ticketact.canned_blank", words.Args{"N": tk.N, "Name": list[i].Name, "What": missing})
	}
	return c.confirm(confirmation{Act: actCanned, Text: fmt.Sprintf("%d %s", tk.N, text)}, "ticketact.canned_confirm",
		words.Args{"N": tk.N, "Text": text, "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

// filled is a canned answer in the language of a ticket's member; missing names what is not
// known and would leave a hole.
func (t *Table) filled(c *Call, m CannedConfig, tk store.Ticket) (text, missing string) {
	lang := t.langOfTicket(c.Tx, tk)
	member, _ := c.Tx.Person(tk.Requester)
	values := map[string]string{"ticket": fmt.Sprintf("#%d", tk.N), "member": member.Name, "site": tk.Site, "me": c.Person().Name, "service": ""}
	if tk.Service != "" {
		values["service"] = t.serviceTitle(lang, tk.Service)
	}
	for k, v := range t.cfg.Host {
		values["host."+k] = v
	}
	text = blankForm.ReplaceAllStringFunc(strings.TrimSpace(m.Text[lang]), func(s string) string {
		name := blankForm.FindStringSubmatch(s)[1]
		if values[name] == "" {
			missing = name
		}
		return chat.Plain(values[name], 200)
	})
	return text, missing
}

// cannedNow gives a canned answer that was confirmed.
func (t *Table) cannedNow(c *Call, what string) error {
	first, text, _ := strings.Cut(what, " ")
	n, _ := number(first)
	tk, ok := c.Tx.Current(n)
	if !ok {
		return c.Refuse("ticket.not_found_staff", words.Args{"N": n})
	}
	return t.staffAct(c, tk, store.TicketEvent{Act: store.ActReply, Text: cleanLines(text)})
}

// forCommand opens a ticket for a member, who is told and may answer at once.
func forCommand(c *Call) error {
	name, text := cutWord(c.Args)
	if text == "" {
		return c.Usage()
	}
	p, err := c.someone(name)
	if err != nil {
		return err
	}
	if !p.Known() {
		return c.Refuse("ticketact.no_account", words.Args{"Name": chat.Plain(p.Name, 40)})
	}
	t, me := c.Table, c.Person()
	room := p.Rooms[slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Account != "" })]
	o := t.classified(store.Opening{Subject: chat.Plain(text, 140), Private: true, Requester: p.ID, Lang: t.langOf(p), Origin: room, For: me.ID, Site: site(text)}, text)
	o.Association = t.association(o.Site)
	tk, err := c.Tx.OpenTicket(o, store.TicketEvent{By: me.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text)})
	if err != nil {
		return fmt.Errorf("open a ticket for somebody: %w", err)
	}
	c.Tx.Audit(me.ID, "open for", fmt.Sprintf("ticket %d", tk.N), c.RoomName)
	t.postTicket(c.Turn, tk, p, text)
	args := words.Args{"N": tk.N, "Name": chat.Plain(me.Name, 40), "Member": chat.Plain(p.Name, 40), "Text": tk.Subject}
	told := t.tellMember(c.Turn, tk, "for", "ticketact.member_for", args)
	c.keepOp(store.TicketOp{Act: store.ActOpen, Made: tk.N, Told: told})
	c.SayID("ticketact.done_for", args)
	return t.considerIncident(c.Turn, tk)
}

// classified gives an opening its kind, and the service that is surely meant: a complaint is an
// outage, a wish for something of the host's is a request, everything else a question.
func (t *Table) classified(o store.Opening, text string) store.Opening {
	o.Kind = store.KindQuestion
	if o.Service = t.outageOf(text); o.Service != "" {
		o.Kind = store.KindOutage
		return o
	}
	if wishForm.MatchString(" " + asWords(text) + " ") {
		o.Kind = store.KindRequest
	}
	return o
}

// wishForm is how people ask for something that somebody has to make for them.
var wishForm = regexp.MustCompile(` (?:(?:je|nous|on) (?:voudr(?:ais|ions|ait)|souhait(?:e|ons|erais|erions|erait)|aimer(?:ais|ions|ait)|demand(?:e|ons)) (?:(?:avoir|obtenir|creer|ouvrir|ajouter|commander|demander|heberger|disposer|installer) )?(?:d |de )?(?:un|une|des|deux|trois|plus|l|la|le)|(?:pouvez vous|peux tu|pourriez vous|merci de|svp|could you|can you|please) (?:nous |me |us |m )?(?:creer|ouvrir|ajouter|installer|activer|heberger|augmenter|create|open|add|install|host|set up|enable|increase)|(?:we|i) (?:would like|d like|want|need) (?:to (?:have|get|order|create|host) )?(?:a|an|another|one|two|more)|demande d?e? ?(?:creation|ouverture|hebergement|vps|compte)|(?:ouverture|creation) d un|nouveau (?:vps|serveur|compte|domaine)|nouvelle (?:adresse|boite|liste)|new (?:vps|server|account|mailbox|domain|list)) `)
