package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/commands"
	"vigie/store"
)

// lived makes a configuration in a folder of its own, and a store with tickets where it says.
func lived(t *testing.T) (config, db string) {
	t.Helper()
	config = filepath.Join(t.TempDir(), "config.yaml")
	if out, err := vigie(t, "", "init", "--defaults", "-c", config); err != nil {
		t.Fatal(err, out)
	}
	db = filepath.Join(filepath.Dir(config), "data", "vigie.db")
	st := storeAt(t, db)
	err := st.Update(context.Background(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), func(tx *store.Tx) error {
		p := tx.PersonFor(chat.Identity{Network: "irc", Account: "claire", Nick: "claire"})
		for _, text := range []string{"le site est mort", "la boîte est pleine"} {
			if _, err := tx.OpenTicket(store.Opening{Requester: p.ID, Subject: text}, store.TicketEvent{By: p.ID, Text: text}); err != nil {
				return err
			}
		}
		_, err := tx.ActOnTicket(1, store.TicketEvent{Act: store.ActReply, By: p.ID, Text: "je regarde"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return config, db
}

func storeAt(t *testing.T, path string) *store.Store {
	t.Helper()
	e, err := store.OpenBolt(path, store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// says runs a command that has to succeed, and to say something.
func says(t *testing.T, want string, args ...string) string {
	t.Helper()
	out, err := vigie(t, "", args...)
	if err != nil || !strings.Contains(out, want) {
		t.Fatalf("vigie %s: %v, %q wanted in:\n%s", strings.Join(args, " "), err, want, out)
	}
	return out
}

// refuses runs a command that has to fail with words that help.
func refuses(t *testing.T, want string, args ...string) {
	t.Helper()
	out, err := vigie(t, "", args...)
	if err == nil || !strings.Contains(err.Error()+out, want) {
		t.Errorf("vigie %s: %v, %q wanted\n%s", strings.Join(args, " "), err, want, out)
	}
}

func TestBackupVerifyRestore(t *testing.T) {
	config, db := lived(t)
	dir := filepath.Dir(config)
	says(t, "verified", "backup", "-c", config)
	made, _ := filepath.Glob(filepath.Join(dir, "data", "backups", "vigie-*.db"))
	if len(made) != 1 {
		t.Fatalf("backups: %q", made)
	}
	says(t, "checksum right; 2 tickets", "verify", made[0])
	says(t, "no checksum beside it; 2 tickets", "verify", "-c", config)
	copied := filepath.Join(dir, "copy.db")
	says(t, "verified", "backup", "-c", config, "-o", copied)
	refuses(t, "exists", "backup", "-c", config, "-o", copied)
	refuses(t, "is there already", "restore", copied, "-c", config)
	if err := os.Rename(db, db+".aside"); err != nil {
		t.Fatal(err)
	}
	says(t, "restored, 2 tickets", "restore", copied, "-c", config)
	says(t, "2 tickets", "verify", "-c", config)
	raw, _ := os.ReadFile(copied)
	raw[len(raw)/2] ^= 0xff
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, "is not what was written", "verify", copied)
	refuses(t, "is not what was written", "restore", copied, "--store", filepath.Join(dir, "new.db"))
	refuses(t, "no such file", "verify", filepath.Join(dir, "none.db"))
	if _, err := os.Stat(filepath.Join(dir, "new.db")); err == nil {
		t.Error("a broken backup was put in place")
	}
}

func TestExportThenImportComesToTheSameState(t *testing.T) {
	config, _ := lived(t)
	dir := filepath.Dir(config)
	file := filepath.Join(dir, "tickets.jsonl")
	out := says(t, "2 tickets, state ", "tickets", "export", "-c", config, "-o", file)
	_, hash, _ := strings.Cut(strings.TrimSpace(out), "state ")
	into := filepath.Join(dir, "other.db")
	says(t, "2 tickets, state "+hash+", as exported", "tickets", "import", file, "--store", into)
	says(t, hash, "verify", into)
	refuses(t, "holds tickets already", "tickets", "import", file, "--store", into)
	refuses(t, "nothing is written over", "tickets", "export", "-c", config, "-o", file)
	refuses(t, "write csv, jsonl, mbox or md", "tickets", "export", "-c", config, "--format", "pdf")
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("the export is %v: others can read it", info.Mode())
	}
	says(t, "le site est mort", "tickets", "export", "-c", config, "--format", "csv")
	says(t, "Subject: [#1] le site est mort", "tickets", "export", "-c", config, "--format", "mbox")
	folder := filepath.Join(dir, "md")
	says(t, "2 tickets", "tickets", "export", "-c", config, "--format", "md", "-o", folder)
	if raw, err := os.ReadFile(filepath.Join(folder, "000001.md")); err != nil || !strings.Contains(string(raw), "> je regarde") {
		t.Errorf("%v: %s", err, raw)
	}
}

func TestToolsSayWhatToDoWhileTheBotRuns(t *testing.T) {
	config, db := lived(t)
	st := storeAt(t, db)
	defer func() { _ = st.Close() }()
	refuses(t, "!sauvegarde", "tickets", "export", "-c", config)
	refuses(t, "!sauvegarde", "backup", "-c", config)
	refuses(t, "stop it first", "compact", "-c", config)
}

func TestCompactCommand(t *testing.T) {
	config, db := lived(t)
	st := storeAt(t, db)
	for range 2 { // the second makes the first free pages
		err := st.Update(context.Background(), time.Now(), func(tx *store.Tx) error { tx.SetNote("x", strings.Repeat("gone ", 50_000)); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Update(context.Background(), time.Now(), func(tx *store.Tx) error { tx.SetNote("x", ""); return nil }); err != nil {
		t.Fatal(err)
	}
	_ = st.Close()
	before, _ := os.Stat(db)
	says(t, "bytes, before", "compact", "-c", config)
	if after, _ := os.Stat(db); after.Size() >= before.Size() {
		t.Errorf("%d bytes, before %d", after.Size(), before.Size())
	}
	says(t, "2 tickets", "verify", "-c", config)
}

// TestTheKeeperAnswersItsProbes is what the running bot asks for at night and after an erasing.
func TestTheKeeperAnswersItsProbes(t *testing.T) {
	dir := t.TempDir()
	st := storeAt(t, filepath.Join(dir, "vigie.db"))
	defer func() { _ = st.Close() }()
	err := st.Update(context.Background(), time.Now(), func(tx *store.Tx) error {
		p := tx.PersonFor(chat.Identity{Network: "irc", Account: "claire"})
		_, err := tx.OpenTicket(store.Opening{Requester: p.ID, Subject: "un"}, store.TicketEvent{By: p.ID, Text: "un"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	k := keeper{store: st, backups: filepath.Join(dir, "backups"), copies: filepath.Join(dir, "copies"), keep: 24 * time.Hour}
	old := filepath.Join(k.backups, time.Now().UTC().Add(-25*time.Hour).Format(backupName))
	mine := filepath.Join(k.backups, "vigie-avant-la-migration.db")
	if err := os.MkdirAll(k.backups, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{old, old + ".sha256", mine} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(kind string) commands.Kept {
		t.Helper()
		raw, ok := k.probe(context.Background(), kind)
		var done commands.Kept
		if err := json.Unmarshal(raw, &done); !ok || err != nil || done.Error != "" {
			t.Fatalf("%s: %v %v %+v", kind, ok, err, done)
		}
		return done
	}
	if done := ask(commands.ProbeBackup); done.Dropped != 1 || done.Bytes == 0 {
		t.Errorf("%+v", done)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("an expired backup stays")
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error("somebody's own file went")
	}
	ask(commands.ProbeCompact)
	ask(commands.ProbeCopies)
	if _, err := os.Stat(filepath.Join(k.copies, "000001.md")); err != nil {
		t.Error(err)
	}
	if _, ok := k.probe(context.Background(), "checks"); ok {
		t.Error("takes a probe that is not its own")
	}
	k.backups = filepath.Join(mine, "no folder")
	if raw, _ := k.probe(context.Background(), commands.ProbeBackup); !strings.Contains(string(raw), `"error"`) {
		t.Errorf("a backup into a file: %s", raw)
	}
}
