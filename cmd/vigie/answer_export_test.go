package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/commands/answer"
	"vigie/runbooks"
	"vigie/store"
)

// taughtStore is a store with one reviewed answer, one that nobody reviewed, and one
// that has ended.
func taughtStore(t *testing.T) {
	t.Helper()
	emptyStore(t)
	engine, err := store.OpenBolt("data/vigie.db", store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	err = st.Update(t.Context(), now, func(tx *store.Tx) error {
		for _, e := range []store.Taught{
			{Word: "code wifi", Lang: "fr", Aliases: []string{"wi-fi"}, Text: "Il est affiché près de la porte.", By: "p1", At: now, Reviewer: "p2", Reviewed: now, Expires: now.AddDate(1, 0, 0)},
			{Word: "tri", Lang: "fr", Text: "Le mardi.", By: "p1", At: now, Expires: now.AddDate(1, 0, 0)},
			{Word: "fête", Lang: "fr", Text: "En mai.", By: "p1", At: now, Reviewer: "p2", Reviewed: now, Expires: now.AddDate(0, 0, -1)},
		} {
			tx.ChangeTaught("p1", store.TaughtTeach, e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTaughtAnswersAreExported(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := runAnswer(t, "export"); err == nil {
		t.Error("a store that is not there has answers")
	}
	taughtStore(t)
	out, err := runAnswer(t, "export")
	if err != nil || !strings.HasPrefix(out, "faq/fr/code-wifi.md\n---\nid: code-wifi\n") || strings.Contains(out, "mardi") || strings.Contains(out, "En mai") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := runAnswer(t, "export", "--all", "TRI"); err != nil || !strings.Contains(out, "Le mardi.") || strings.Contains(out, "wifi") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := runAnswer(t, "export", "nothing like it"); err != nil || !strings.Contains(out, "nothing to export") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = runAnswer(t, "export", "--all", "-o", "ours")
	file := filepath.Join("ours", "faq", "fr", "code-wifi.md")
	if err != nil || !strings.Contains(out, file) {
		t.Errorf("%v\n%s", err, out)
	}
	faq, errs := answer.LoadFAQ(nil, runbooks.Named("", os.DirFS("ours")))
	if e, ok := faq.ByID("fr", "code-wifi"); len(errs) > 0 || !ok || !strings.Contains(e.Body, "près de la porte") {
		t.Errorf("the exported file is no FAQ entry: %v %+v", errs, e)
	}
	if err := os.WriteFile(file, []byte("mended"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := runAnswer(t, "export", "-o", "ours"); err == nil {
		t.Error("a file that somebody mended is replaced")
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != "mended" {
		t.Errorf("%v %q", err, kept)
	}
}
