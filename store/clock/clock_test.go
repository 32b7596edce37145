package clock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/store"
	"vigie/store/calendar"
)

const hour = time.Hour

func paris(t interface{ Fatal(...any) }) *time.Location {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// policy is the one that PRODUCT.md gives, in ordinary opening hours: a day has
// ten of them, a week fifty.
func policy(t interface{ Fatal(...any) }) Policy {
	cal, err := calendar.New(calendar.Defaults(), paris(t))
	if err != nil {
		t.Fatal(err)
	}
	steps := Steps{Remind: hour, Name: 0, All: 2 * hour, Again: 10 * hour}
	return Policy{Calendar: cal, Targets: map[store.TicketKind]Target{
		store.KindOutage:   {Answer: hour, Loop: 4 * hour},
		store.KindQuestion: {Answer: 3 * hour, Loop: 20 * hour},
		store.KindRequest:  {Answer: 3 * hour, Loop: 50 * hour, Resolve: 100 * hour},
	}, Steps: map[store.TicketKind]Steps{store.KindOutage: {Remind: 30 * time.Minute, All: hour, Again: -1}, store.KindQuestion: steps, store.KindRequest: steps}}
}

// script reads "Mo10:00 open; Mo11:30 reply": what happened to ticket 1 in the weeks
// from a Monday on ("Tu2" is the second Tuesday), by the clock of Paris.
func script(t *testing.T, monday, kind, text string) []store.TicketEvent {
	var events []store.TicketEvent
	for _, part := range strings.Split(text, ";") {
		at, act, _ := strings.Cut(strings.TrimSpace(part), " ")
		e := deed(t, act)
		e.At, e.Seq = moment(t, monday, at), len(events)+1
		switch e.Act {
		case store.ActOpen:
			e.Opening = &store.Opening{Kind: store.TicketKind(kind), Requester: "claire"}
		case store.ActUndo:
			e.To = fmt.Sprint(len(events)) // what was done last
		}
		events = append(events, e)
	}
	return events
}

// deed is one act by its name in a script.
func deed(t *testing.T, name string) store.TicketEvent {
	name, arg, _ := strings.Cut(name, ":")
	deeds := map[string]store.TicketEvent{
		"open": {Act: store.ActOpen, By: "claire"}, "for": {Act: store.ActOpen, By: "jean"},
		"say": {Act: store.ActSay, By: "claire"}, "other": {Act: store.ActSay, By: "kate"}, "thank": {Act: store.ActThank, By: "claire"},
		"reply": {Act: store.ActReply, By: "jean"}, "bot": {Act: store.ActReply}, "self": {Act: store.ActReply, By: "claire"},
		"note": {Act: store.ActNote, By: "jean"}, "take": {Act: store.ActTake, By: "jean"}, "release": {Act: store.ActRelease, By: "jean"},
		"assign": {Act: store.ActAssign, By: "jean", To: "lea"}, "wait": {Act: store.ActWait, By: "jean"}, "third": {Act: store.ActWait, By: "jean", To: "gandi"},
		"botwait": {Act: store.ActWait}, "wake": {Act: store.ActWake}, "solve": {Act: store.ActSolve, By: "jean"}, "botsolve": {Act: store.ActSolve},
		"close": {Act: store.ActClose, By: "claire"}, "silence": {Act: store.ActClose}, "reopen": {Act: store.ActReopen, By: "claire"},
		"again": {Act: store.ActReopen, By: "jean"}, "reject": {Act: store.ActReject, By: "jean"}, "spam": {Act: store.ActSpam, By: "jean"},
		"kind": {Act: store.ActKind, By: "jean", Text: arg}, "priority": {Act: store.ActPriority, By: "jean", Text: "urgent"},
		"tag": {Act: store.ActTag, By: "jean", Text: "dns"}, "edit": {Act: store.ActEdit, By: "claire"}, "redact": {Act: store.ActRedact, By: "claire"},
		"link": {Act: store.ActLink, By: "jean", To: "3"}, "watch": {Act: store.ActWatch, By: "jean", To: "lea"}, "private": {Act: store.ActPrivate, By: "claire"},
		"merge": {Act: store.ActMerge, By: "jean", To: "2"}, "absorb": {Act: store.ActAbsorb, By: "jean", To: arg}, "undo": {Act: store.ActUndo, By: "jean"},
	}
	e, ok := deeds[name]
	if !ok {
		t.Fatalf("%q is no deed", name)
	}
	return e
}

var days = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

// moment reads "Mo10:00", "Tu2 09:00:01" without the space: "Tu2.09:00:01".
func moment(t *testing.T, monday, s string) time.Time {
	start, err := time.Parse(time.DateOnly, monday)
	day := slices.Index(days, s[:2])
	rest, week := s[2:], 1
	if w, clock, ok := strings.Cut(rest, "."); ok {
		_, _ = fmt.Sscan(w, &week)
		rest = clock
	}
	if len(rest) == 5 {
		rest += ":00"
	}
	c, err2 := time.Parse("15:04:05", rest)
	if err != nil || err2 != nil || day < 0 {
		t.Fatalf("%q is no moment", s)
	}
	civil := start.AddDate(0, 0, day+7*(week-1)).Add(time.Duration(c.Hour())*hour + time.Duration(c.Minute())*time.Minute + time.Duration(c.Second())*time.Second)
	at, _ := store.Civil{Time: civil}.In(paris(t))
	return at.UTC()
}

// show writes clocks as the table does: "answer Mo10:00>Mo13:00!".
func show(t *testing.T, monday string, s store.ClockState) string {
	start, _ := time.Parse(time.DateOnly, monday)
	when := func(at time.Time) string {
		if at.IsZero() {
			return "still"
		}
		c := store.CivilOf(at, paris(t))
		day := int(c.Sub(start).Hours()) / 24
		out := days[day%7]
		if day >= 7 {
			out += fmt.Sprintf("%d.", day/7+1)
		}
		if c.Second() != 0 {
			return out + c.Format("15:04:05")
		}
		return out + c.Format("15:04")
	}
	var out []string
	for _, c := range s.Clocks {
		row := fmt.Sprintf("%s %s>%s", c.Kind, when(c.Since), when(c.Due))
		if c.Missed {
			row += "!"
		}
		out = append(out, row)
	}
	return strings.Join(out, " ")
}

type clockCase struct {
	name   string
	kind   string
	script string
	want   string
}

// Where a case is named after an issue, that project had it wrong.
func cases() []clockCase {
	return []clockCase{
		// The first response.
		{"it runs from the opening", "question", "Mo10:00 open", "answer Mo10:00>Mo13:00"},
		{"an outage has an hour", "outage", "Mo10:00 open", "answer Mo10:00>Mo11:00"},
		{"a request also has its end", "request", "Mo10:00 open", "answer Mo10:00>Mo13:00 resolve Mo10:00>Mo3.10:00"},
		{"to the second", "question", "Mo10:00:07 open", "answer Mo10:00:07>Mo13:00:07"},
		{"it counts from the oldest message", "question", "Mo10:00 open; Mo10:30 say; Mo12:59 say", "answer Mo10:00>Mo13:00"},
		{"an answer stops it, and a word is due in two days", "question", "Mo10:00 open; Mo11:00 reply", "loop Mo11:00>We11:00"},
		{"an outage wants a word every four hours", "outage", "Mo10:00 open; Mo10:20 reply", "loop Mo10:20>Mo14:20"},
		{"each answer begins the wait for the next", "outage", "Mo10:00 open; Mo10:20 reply; Mo13:00 reply", "loop Mo13:00>Mo17:00"},
		{"an answer in the very last second is in time", "question", "Mo10:00 open; Mo13:00 note; Mo13:00 reply", "loop Mo13:00>We13:00"},
		{"opened by staff for a member: a word is due as well", "question", "Mo10:00 for", "answer Mo10:00>Mo13:00"},

		// Only an adminsys stops it.
		{"the bot's words do not", "question", "Mo10:00 open; Mo10:01 bot", "answer Mo10:00>Mo13:00"},
		{"another member's do not (RT: whoever is not the requester is staff)", "question", "Mo10:00 open; Mo10:30 other", "answer Mo10:00>Mo13:00"},
		{"the requester's own do not", "question", "Mo10:00 open; Mo10:30 self", "answer Mo10:00>Mo13:00"},
		{"an internal note does not (Zammad: public notes neither)", "question", "Mo10:00 open; Mo10:30 note", "answer Mo10:00>Mo13:00"},
		{"taking it does not", "question", "Mo10:00 open; Mo10:30 take", "answer Mo10:00>Mo13:00"},
		{"giving it to somebody does not", "question", "Mo10:00 open; Mo10:30 assign; Mo10:40 release", "answer Mo10:00>Mo13:00"},
		{"sorting it does not", "question", "Mo10:00 open; Mo10:30 priority; Mo10:31 tag; Mo10:32 link; Mo10:33 watch", "answer Mo10:00>Mo13:00"},
		{"correcting a message does not", "question", "Mo10:00 open; Mo12:00 edit; Mo12:30 redact; Mo12:31 private", "answer Mo10:00>Mo13:00"},
		{"a wait that nobody decided does not", "question", "Mo10:00 open; Mo10:30 take; Mo10:31 botwait", "answer Mo10:00>Mo13:00"},
		{"an incident's end that solves it by itself does not", "question", "Mo10:00 open; Mo11:00 botsolve", "answer Mo10:00>still"},
		{"… and it goes on where it stood when it was not", "question", "Mo10:00 open; Mo11:00 botsolve; Mo15:00 reopen", "answer Mo10:00>Mo17:00"},
		{"… also when the member just speaks", "question", "Mo10:00 open; Mo11:00 botsolve; Mo15:00 say", "answer Mo10:00>Mo17:00"},

		// The member speaks again.
		{"Zammad #1322: the next member message starts it again", "question", "Mo10:00 open; Mo11:00 reply; Mo12:00 say", "answer Mo12:00>Mo15:00 loop Mo11:00>We11:00"},
		{"Zammad #2082: so does the one after that", "question", "Mo10:00 open; Mo11:00 reply; Mo12:00 say; Mo13:00 reply; Mo14:00 say", "answer Mo14:00>Mo17:00 loop Mo13:00>We13:00"},
		{"Zammad #3140: after the answer nothing of the first is left", "question", "Mo10:00 open; Mo14:00 reply", "loop Mo14:00>We14:00"},
		{"Zammad #5177: the later word never hides the earlier deadline", "outage", "Mo10:00 open; Mo10:10 reply; Mo10:20 say", "answer Mo10:20>Mo11:20 loop Mo10:10>Mo14:10"},
		{"… nor does a message just before the word is due push it away", "outage", "Mo10:00 open; Mo10:10 reply; Mo14:00 say", "loop Mo10:10>Mo14:10 answer Mo14:00>Mo15:00"},
		{"a thank-you asks for nothing", "question", "Mo10:00 open; Mo11:00 reply; Mo12:00 thank", "loop Mo11:00>We11:00"},
		{"it is the oldest one that counts the second time too", "question", "Mo10:00 open; Mo11:00 reply; Mo12:00 say; Mo14:30 say", "answer Mo12:00>Mo15:00 loop Mo11:00>We11:00"},

		// Waiting.
		{"while it waits nothing runs", "question", "Mo10:00 open; Mo10:30 take; Mo11:00 wait", "answer Mo10:00>still"},
		{"frappe #2449, Zammad's trap: after the wait it is not at once late", "question", "Mo10:00 open; Mo10:30 take; Mo11:00 third; Th11:00 wake", "answer Mo10:00>Th13:00"},
		{"the time before the wait counts", "question", "Mo10:00 open; Mo11:00 reply; Mo13:00 wait; We13:00 wake", "loop Mo11:00>Fr11:00"},
		{"two waits add up", "question", "Mo10:00 open; Mo11:00 take; Mo11:00 wait; Mo12:00 wake; Mo12:30 wait; Mo15:00 wake", "answer Mo10:00>Mo16:30"},
		{"GLPI #6902: the wait still counts when the kind changes", "question", "Mo10:00 open; Mo10:10 take; Mo10:30 wait; We10:30 wake; We10:40 kind:outage", "answer Mo10:00>We11:00"},
		{"… and when it changes during the wait", "question", "Mo10:00 open; Mo10:10 take; Mo10:30 wait; Mo12:00 kind:outage; We10:30 wake", "answer Mo10:00>We11:00"},
		{"the member's word ends the wait for them", "question", "Mo10:00 open; Mo11:00 reply; Mo11:05 wait; Tu10:00 say", "answer Tu10:00>Tu13:00 loop Mo11:00>Th09:55"},
		{"but not the wait for somebody else", "question", "Mo10:00 open; Mo11:00 reply; Mo11:05 third; Tu10:00 say", "loop Mo11:00>still answer Tu10:00>still"},
		{"… whose end lets both run", "question", "Mo10:00 open; Mo11:00 reply; Mo11:05 third; Tu10:00 say; We10:00 wake", "answer Tu10:00>We13:00 loop Mo11:00>Fr09:55"},
		{"Chatwoot #10241: a wait closes nothing by itself", "question", "Mo10:00 open; Mo11:00 reply; Mo11:05 wait; Mo2.10:00 wake", "loop Mo11:00>We2.09:55"},
		{"an answer while it waits starts the next word when it goes on", "question", "Mo10:00 open; Mo11:00 take; Mo11:00 third; Mo12:00 reply; Tu12:00 wake", "loop Mo12:00>Th12:00"},

		// Out of hours.
		{"opened at night", "question", "Mo22:00 open", "answer Mo22:00>Tu12:00"},
		{"opened before the day begins", "question", "Tu03:00 open", "answer Tu03:00>Tu12:00"},
		{"over the evening", "question", "Mo18:00 open", "answer Mo18:00>Tu11:00"},
		{"over the weekend", "question", "Fr18:00 open", "answer Fr18:00>Mo2.11:00"},
		{"on a Saturday", "outage", "Sa11:00 open", "answer Sa11:00>Mo2.10:00"},
		{"used up as the day ends: that evening, not the next morning", "question", "Mo16:00 open", "answer Mo16:00>Mo19:00"},
		{"the last second of the day", "question", "Mo18:59:59 open", "answer Mo18:59:59>Tu11:59:59"},
		{"a wait over the night takes only open time", "question", "Mo18:00 open; Mo18:30 take; Mo18:30 wait; Tu09:00 wake", "answer Mo18:00>Tu11:30"},
		{"answered at night", "question", "Mo18:00 open; Mo23:00 reply", "loop Mo23:00>We19:00"},
		{"a message at night counts from the morning", "outage", "Mo10:00 open; Mo10:10 reply; Mo20:00 say", "loop Mo10:10>Mo14:10! answer Mo20:00>Tu10:00"},

		// What was missed stays missed.
		{"a missed deadline does not move by a wait", "question", "Mo10:00 open; Mo14:00 take; Mo14:10 wait; Tu14:00 wake", "answer Mo10:00>Mo13:00!"},
		{"… nor shows as running during it", "question", "Mo10:00 open; Mo14:00 take; Mo14:10 wait", "answer Mo10:00>Mo13:00!"},
		{"… nor by another kind", "outage", "Mo10:00 open; Mo14:00 kind:request", "answer Mo10:00>Mo11:00! resolve Mo10:00>Mo3.10:00"},
		{"… nor by more messages", "question", "Mo10:00 open; Mo14:00 say; Mo15:00 say", "answer Mo10:00>Mo13:00!"},
		{"… but the answer, late as it is, ends it", "question", "Mo10:00 open; Mo17:00 reply", "loop Mo17:00>We17:00"},
		{"a word that was missed", "outage", "Mo10:00 open; Mo10:10 reply; Mo15:00 note", "loop Mo10:10>Mo14:10!"},
		{"missed as the day ended", "question", "Mo16:00 open; Tu08:00 note", "answer Mo16:00>Mo19:00!"},
		{"not missed when the wait began in the last second", "question", "Mo10:00 open; Mo10:01 take; Mo13:00 wait; Tu10:00 wake", "answer Mo10:00>Tu10:00"},

		// The end, and after it.
		{"solved: nothing is due", "question", "Mo10:00 open; Mo11:00 solve", ""},
		{"solved after an answer", "question", "Mo10:00 open; Mo11:00 reply; Mo12:00 solve", ""},
		{"a request that was solved stands still", "request", "Mo10:00 open; Mo11:00 solve", "resolve Mo10:00>still"},
		{"solved, and it was not: the member's no starts a first response", "question", "Mo10:00 open; Mo11:00 solve; Tu10:00 reopen", "answer Tu10:00>Tu13:00"},
		{"a request goes on with what it had left", "request", "Mo10:00 open; Mo11:00 solve; Mo2.11:00 reopen", "answer Mo2.11:00>Mo2.14:00 resolve Mo10:00>Mo4.10:00"},
		{"closed", "request", "Mo10:00 open; Mo11:00 close", ""},
		{"closed after silence", "question", "Mo10:00 open; Mo11:00 solve; Mo2.11:00 silence", ""},
		{"a word after it was closed opens it again", "question", "Mo10:00 open; Mo11:00 close; Mo3.10:00 say", "answer Mo3.10:00>Mo3.13:00"},
		{"reopened by staff: the member was told so", "question", "Mo10:00 open; Mo11:00 close; Tu10:00 again", "loop Tu10:00>Th10:00"},
		{"rejected", "question", "Mo10:00 open; Mo11:00 reject", ""},
		{"spam", "request", "Mo10:00 open; Mo11:00 spam", ""},
		{"merged into another", "request", "Mo10:00 open; Mo11:00 merge", ""},
		{"an answer after it was solved", "question", "Mo10:00 open; Mo11:00 solve; Mo12:00 reply", "loop Mo12:00>still"},

		// Undone.
		{"an answer that was undone never was", "question", "Mo10:00 open; Mo11:00 reply; Mo11:05 undo", "answer Mo10:00>Mo13:00"},
		{"a wait that was undone took no time", "question", "Mo10:00 open; Mo10:10 take; Mo11:00 wait; Mo11:09 undo", "answer Mo10:00>Mo13:00"},
		{"a close that was undone", "question", "Mo10:00 open; Mo11:00 reject; Mo11:09 undo", "answer Mo10:00>Mo13:00"},

		// The kind.
		{"a question that is an outage", "question", "Mo10:00 open; Mo10:30 kind:outage", "answer Mo10:00>Mo11:00"},
		{"… found out too late: at once", "question", "Mo10:00 open; Mo12:00 kind:outage", "answer Mo10:00>Mo12:00"},
		{"an outage that is a request", "outage", "Mo10:00 open; Mo10:30 kind:request", "answer Mo10:00>Mo13:00 resolve Mo10:00>Mo3.10:00"},
		{"the same kind again", "outage", "Mo10:00 open; Mo10:30 kind:outage", "answer Mo10:00>Mo11:00"},
		{"a clock of the machine that was set back", "question", "Mo10:00 open; Mo09:30 note; Mo10:05 note", "answer Mo10:00>Mo13:00"},
	}
}

func TestClocks(t *testing.T) {
	const monday = "2026-11-23"
	if n := len(cases()); n < 60 {
		t.Fatalf("only %d cases", n)
	}
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			events := script(t, monday, c.kind, c.script)
			if _, err := store.Replay(1, events); err != nil {
				t.Fatalf("the case makes no sense: %v", err)
			}
			if got := show(t, monday, Replay(1, events, policy(t), nil)); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.script, got, c.want)
			}
		})
	}
}

// Weeks in which the clocks are changed, or a holiday falls.
func TestClocksOverHolidaysAndClockChanges(t *testing.T) {
	for _, c := range []struct{ monday, kind, script, want string }{
		{"2026-11-09", "question", "Tu18:00 open", "answer Tu18:00>Th11:00"},                                         // 11 November
		{"2026-12-21", "question", "Th18:30 open", "answer Th18:30>Mo2.11:30"},                                       // Christmas, then the weekend
		{"2026-05-11", "question", "We18:00 open; We18:10 reply", "loop We18:10>Mo2.18:10"},                          // Ascension
		{"2026-03-23", "question", "Fr18:00 open", "answer Fr18:00>Mo2.11:00"},                                       // summer time begins on Sunday
		{"2026-10-19", "question", "Fr18:00 open", "answer Fr18:00>Mo2.11:00"},                                       // and ends
		{"2026-03-23", "request", "We10:00 open; We11:00 reply", "loop We11:00>We2.11:00 resolve We10:00>Th3.10:00"}, // Easter Monday too
		{"2026-12-28", "question", "Th17:00 open; Th17:30 take; Th17:30 wait; Fr12:00 wake", "answer Th17:00>Mo2.11:30"},
	} {
		events := script(t, c.monday, c.kind, c.script)
		if got := show(t, c.monday, Replay(1, events, policy(t), nil)); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.monday, c.script, got, c.want)
		}
	}
}

func TestAMergedTicketKeepsTheEarliestOfEach(t *testing.T) {
	const monday = "2026-11-23"
	for _, c := range []struct{ name, kind, source, target, want string }{
		{"the older one waits", "question", "Mo10:00 open; Mo12:00 merge", "Mo11:00 open; Mo12:00 absorb:2", "answer Mo10:00>Mo13:00"},
		{"the newer one waits", "question", "Mo11:00 open; Mo12:00 merge", "Mo10:00 open; Mo12:00 absorb:2", "answer Mo10:00>Mo13:00"},
		{"the target has its answer, the other not", "question", "Mo10:00 open; Mo12:00 merge", "Mo09:00 open; Mo09:30 reply; Mo12:00 absorb:2", "answer Mo10:00>Mo13:00 loop Mo09:30>We09:30"},
		{"both have theirs", "question", "Mo10:00 open; Mo10:10 reply; Mo12:00 merge", "Mo11:00 open; Mo11:30 reply; Mo12:00 absorb:2", "loop Mo10:10>We10:10"},
		{"one that was missed", "question", "Mo10:00 open; Mo15:00 merge", "Mo14:00 open; Mo15:00 absorb:2", "answer Mo10:00>Mo13:00!"},
		{"one that waited", "question", "Mo10:00 open; Mo10:10 take; Mo11:00 wait; Mo15:00 merge", "Mo14:30 open; Mo15:00 absorb:2", "answer Mo10:00>Mo17:00"},
		{"one that had a stricter kind", "question", "Mo10:00 open; Mo10:05 kind:outage; Mo10:30 merge", "Mo09:00 open; Mo10:30 absorb:2", "answer Mo10:00>Mo11:00"},
		{"undone", "question", "Mo10:00 open; Mo12:00 merge", "Mo11:00 open; Mo12:00 absorb:2; Mo12:05 undo", "answer Mo11:00>Mo14:00"},
		{"answered after the merge", "question", "Mo10:00 open; Mo12:00 merge", "Mo11:00 open; Mo12:00 absorb:2; Mo12:30 reply", "loop Mo12:30>We12:30"},
	} {
		source := script(t, monday, c.kind, c.source)
		got := Replay(1, script(t, monday, c.kind, c.target), policy(t), func(n int) []store.TicketEvent {
			if n != 2 {
				t.Errorf("%s: asked for ticket %d", c.name, n)
			}
			return source
		})
		if s := show(t, monday, got); s != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, s, c.want)
		}
	}
}

func TestAMergeThatGoesRoundEnds(t *testing.T) {
	const monday = "2026-11-23"
	events := script(t, monday, "question", "Mo10:00 open; Mo11:00 absorb:1; Mo12:00 absorb:1")
	if got := show(t, monday, Replay(1, events, policy(t), func(int) []store.TicketEvent { return events })); got != "answer Mo10:00>Mo13:00" {
		t.Error(got)
	}
}
