package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"time"

	"vigie/store"
)

// CSV writes a line a ticket, for a spreadsheet.
func CSV(w io.Writer, tx *store.Tx) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"number", "state", "kind", "priority", "service", "site", "association", "tags", "requester", "owner", "opened", "first_reply",
		"last_staff", "solved", "closed", "reopened", "merged_to", "incident", "reason", "subject"}) // Error below tells
	for _, t := range tx.Tickets(0) {
		row := []string{strconv.Itoa(t.N), string(t.State), string(t.Kind), t.Priority, t.Service, t.Site, t.Association, strings.Join(t.Tags, " "), tx.NameOf(t.Requester),
			"", stamp(t.Opened), stamp(t.FirstReply), stamp(t.LastStaff), stamp(t.Solved), stamp(t.Closed), strconv.Itoa(t.Reopened), number(t.MergedTo), number(t.Incident), t.Reason, t.Subject}
		if t.Owner != "" {
			row[9] = tx.NameOf(t.Owner)
		}
		for i := range row {
			row[i] = harmless(row[i])
		}
		_ = out.Write(row)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// harmless keeps a spreadsheet from taking what somebody typed for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Markdown writes one ticket for people: readable without any program, found by grep.
func Markdown(w io.Writer, tx *store.Tx, t store.Ticket) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Ticket #%d: %s\n\n", t.N, plain(title(t)))
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", name, plain(value))
		}
	}
	field("state", string(t.State))
	field("kind", string(t.Kind))
	field("priority", t.Priority)
	field("service", t.Service)
	field("site", t.Site)
	field("association", t.Association)
	field("tags", strings.Join(t.Tags, ", "))
	field("requester", tx.NameOf(t.Requester))
	if t.Owner != "" {
		field("owner", tx.NameOf(t.Owner))
	}
	field("opened", stamp(t.Opened))
	field("closed", stamp(t.Closed))
	field("merged into", number(t.MergedTo))
	field("incident", number(t.Incident))
	for _, e := range store.AsAmended(tx.TicketEvents(t.N)) {
		note := ""
		if e.Act == store.ActNote {
			note = " (internal)"
		}
		fmt.Fprintf(&b, "\n## %s %s: %s%s\n", stamp(e.At), plain(tx.NameOf(e.By)), e.Act, note)
		for line := range strings.Lines(e.Text) {
			fmt.Fprintf(&b, "\n> %s", strings.TrimRight(line, "\n"))
		}
		if e.Text != "" {
			b.WriteString("\n")
		}
		for _, f := range e.Files {
			fmt.Fprintf(&b, "\n- file: %s (%s, %d bytes)\n", plain(f.Name), plain(f.Type), f.Size)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write ticket %d: %w", t.N, err)
	}
	return nil
}

func title(t store.Ticket) string {
	switch {
	case t.Erased:
		return "(erased)"
	case t.Subject == "":
		return "(taken back)"
	}
	return t.Subject
}

// plain is a text on one line.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// Mbox writes one ticket as a folder of mail (RFC 4155), a message for each thing that
// was said, threaded as mail programs do. Nobody's address is in it: there is none.
func Mbox(w io.Writer, tx *store.Tx, t store.Ticket) error {
	first := ""
	for _, e := range store.AsAmended(tx.TicketEvents(t.N)) {
		if e.Text == "" && e.Act != store.ActOpen {
			continue
		}
		id := fmt.Sprintf("<ticket.%d.%d@vigie.invalid>", t.N, e.Seq)
		var b strings.Builder
		fmt.Fprintf(&b, "From vigie@vigie.invalid %s\n", e.At.UTC().Format(time.ANSIC))
		fmt.Fprintf(&b, "From: %s <%s@vigie.invalid>\n", mime.QEncoding.Encode("utf-8", plain(quoted(tx.NameOf(e.By)))), mailbox(e.By))
		fmt.Fprintf(&b, "Date: %s\n", e.At.UTC().Format(time.RFC1123Z))
		fmt.Fprintf(&b, "Subject: %s\n", mime.QEncoding.Encode("utf-8", fmt.Sprintf("[#%d] %s", t.N, plain(title(t)))))
		fmt.Fprintf(&b, "Message-ID: %s\n", id)
		if first != "" {
			fmt.Fprintf(&b, "In-Reply-To: %s\nReferences: %s\n", first, first)
		} else {
			first = id
		}
		fmt.Fprintf(&b, "X-Vigie-Act: %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n", e.Act)
		for line := range strings.Lines(e.Text) {
			if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
				b.WriteString(">") // a line that begins so would begin a message
			}
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
		b.WriteString("\n")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write ticket %d: %w", t.N, err)
		}
	}
	return nil
}

// quoted keeps a name from being read as an address.
func quoted(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>\"@,;:\\()", r) || r < ' ' {
			return ' '
		}
		return r
	}, name)
}

func mailbox(person string) string {
	if person == "" {
		return "vigie"
	}
	return person
}
