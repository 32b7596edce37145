package main

import (
	"strings"
	"testing"
	"time"

	"vigie/store"
)

// TestLintKnowsSlowChecks reads what the bot has measured out of its store.
func TestLintKnowsSlowChecks(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := runbook(t, "", "lint", "--store", "data/vigie.db", "ftp"); err == nil {
		t.Error("a store that is not there has measures")
	}
	emptyStore(t)
	if out, err := runbook(t, "", "lint", "--store", "data/vigie.db", "ftp"); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	engine, err := store.OpenBolt("data/vigie.db", store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(t.Context(), time.Now(), func(tx *store.Tx) error {
		tx.SetNote("slow/tcp/"+time.Now().UTC().Format(time.DateOnly), "25000")
		return nil
	})
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := runbook(t, "", "lint", "--store", "data/vigie.db", "ftp")
	if err != nil || strings.Count(out, "RB506") != 4 || !strings.Contains(out, "25s") {
		t.Errorf("%v\n%s", err, out)
	}
}
