package commands

import (
	"fmt"
	"strings"

	"vigie/bot/chat"
	"vigie/store"
)

// ExportedEntry is a taught answer as a file of the FAQ, for a merge request.
type ExportedEntry struct {
	// Path is where it goes among the FAQ's files: "faq/fr/wifi.md".
	Path string
	Text string
}

// ExportTaught writes a taught answer as the FAQ's files are written. theme is one of
// the recognised ids.
func ExportTaught(e store.Taught, theme string) ExportedEntry {
	id := strings.ReplaceAll(asWords(e.Word), " ", "-")
	if id == "" {
		id = fmt.Sprintf("entry-%d", e.Seq)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "---\nid: %s\ntitle: %s\ntheme: %s\nkeywords: [%s]\nreview_by: %s\n---\n%s\n",
		id, yamlString(e.Word), theme, strings.Join(yamlStrings(append([]string{e.Word}, e.Aliases...)), ", "),
		e.Expires.Format("2006-01-02"), strings.ReplaceAll(cleanLines(e.Text), "{{", "{ {"))
	return ExportedEntry{Path: "faq/" + e.Lang + "/" + id + ".md", Text: b.String()}
}

// yamlString quotes a word for YAML; what it cannot hold is cleaned away.
func yamlString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(chat.Clean(s)) + `"`
}

func yamlStrings(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, yamlString(s))
	}
	return out
}

// ThemeOf is the id that a taught answer is about, as well as can be told.
func ThemeOf(know Understanding, e store.Taught) string {
	d := know.Decide(e.Word+" "+strings.Join(e.Aliases, " ")+" "+e.Text, true, false)
	if len(d.IDs) == 0 {
		return "hosting_howto"
	}
	return d.IDs[0]
}

// exportTaught shows one answer, or all that are reviewed, as files of the FAQ.
func exportTaught(c *Call) error {
	list := c.Tx.TaughtAll()
	if c.Args != "" {
		n, err := c.taughtName(c.Args)
		if err != nil {
			return err
		}
		e, err := c.named(n)
		if err != nil {
			return err
		}
		list = []store.Taught{e}
	}
	var rows []string
	for _, e := range list {
		if c.Args == "" && !e.Unprompted(c.Now) {
			continue
		}
		x := ExportTaught(e, ThemeOf(c.Table.know, e))
		rows = append(rows, x.Path, strings.TrimSpace(x.Text))
	}
	if len(rows) == 0 {
		c.SayID("teach.none", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}
