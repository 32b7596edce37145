package web

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

// exporting runs Export until the test ends; the results it tells come on the channel.
func exporting(t *testing.T, c Config, s *store.Store) (*Site, chan error) {
	t.Helper()
	w := newSite(t, c, facts(), s)
	told := make(chan error, 50)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Export(ctx, func(err error) { told <- err }) }()
	t.Cleanup(func() { cancel(); <-done })
	return w, told
}

func copyConfig(t *testing.T, push ...string) Config {
	c := config()
	c.Static, c.Push = filepath.Join(t.TempDir(), "copy"), push
	return c
}

func fileText(t *testing.T, parts ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestExportWritesAfterEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		s := sample(t, time.Now())
		c := copyConfig(t)
		w, told := exporting(t, c, s)
		if err := <-told; err != nil {
			t.Fatal(err)
		}
		holds(t, fileText(t, c.Static, "fr", "index.html"), "Une panne en cours", `src="/age.js"`, "récrite au moins toutes les 5\u00a0min")
		put(t, s, time.Now(), func(tx *store.Tx) {
			i, _ := tx.Incident(4)
			incident(tx, i, store.IncidentResolved, "", 0)
		})
		w.Turn(1, 0)
		time.Sleep(time.Second)
		synctest.Wait()
		holds(t, fileText(t, c.Static, "fr", "index.html"), "Aucune panne connue")
	})
}

func TestExportRenewsTheAgeOfItsPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		c := copyConfig(t)
		w, told := exporting(t, c, newStore(t))
		<-told
		before := fileText(t, c.Static, "en", "index.html")
		stamp := func(age time.Duration) string {
			return `data-at="` + time.Now().Add(-age).UTC().Format(time.RFC3339)[:16]
		}
		holds(t, before, stamp(0), `data-after="10"`)
		for range 6 { // the loop lives
			time.Sleep(time.Minute)
			w.Turn(0, 0)
		}
		synctest.Wait()
		if now := fileText(t, c.Static, "en", "index.html"); now == before || !strings.Contains(now, stamp(time.Minute)) && !strings.Contains(now, stamp(0)) {
			t.Errorf("after six minutes the copy is as old as it was:\n%.900s", now)
		}
	})
}

func TestPushPublishesTheCopy(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "index.html")
	t.Setenv("VIGIE_SECRET", canary)
	_, told := exporting(t, copyConfig(t, "sh", "-c", "cp index.html "+elsewhere+"; env >>"+elsewhere), newStore(t))
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	page := fileText(t, elsewhere)
	holds(t, page, "Aucune panne connue", "PATH=", "GIT_TERMINAL_PROMPT=0")
	lacks(t, page, canary)
}

func TestPushSaysWhyItFailedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		flag := filepath.Join(t.TempDir(), "reachable")
		_, told := exporting(t, copyConfig(t, "sh", "-c", `test -e "`+flag+`" || { echo "host unreachable" >&2; exit 3; }`), newStore(t))
		if err := <-told; err == nil || !strings.Contains(err.Error(), "host unreachable") {
			t.Fatalf("told %v", err)
		}
		time.Sleep(20 * time.Minute) // tried again, and no news
		select {
		case err := <-told:
			t.Fatalf("told again: %v", err)
		default:
		}
		if err := os.WriteFile(flag, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := <-told; err != nil {
			t.Errorf("it is reachable again, but %v", err)
		}
	})
}

func TestPushHasAnEnd(t *testing.T) {
	c := copyConfig(t, "sleep", "3600")
	c.PushTimeout = 50 * time.Millisecond
	_, told := exporting(t, c, newStore(t))
	if err := <-told; err == nil || !strings.Contains(err.Error(), "did not end within 50ms") {
		t.Errorf("told %v", err)
	}
}

func TestExportSaysThatItCannotWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c := copyConfig(t)
		c.Static = filepath.Join(file, "copy")
		_, told := exporting(t, c, newStore(t))
		if err := <-told; err == nil {
			t.Error("a folder inside a file was written")
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if err := <-told; err != nil {
			t.Errorf("it can write now: %v", err)
		}
	})
}

func TestExportIsChecked(t *testing.T) {
	for n, c := range []Config{
		{Off: true, Push: []string{"rsync"}},
		{Off: true, Static: "x", Push: []string{" "}},
		{Off: true, Static: "x", Rewrite: time.Second},
		{Off: true, Static: "x", PushTimeout: -1},
	} {
		if errs := c.Validate(); len(errs) != 1 {
			t.Errorf("%d: %v", n, errors.Join(errs...))
		}
	}
	if errs := (Config{Off: true, Static: "x", Push: []string{"rsync", "-a"}, Rewrite: time.Minute}).Validate(); len(errs) > 0 {
		t.Error(errs)
	}
}

func TestServedPagesNeedNoScript(t *testing.T) {
	h := newSite(t, copyConfig(t), facts(), newStore(t)).Handler()
	lacks(t, body(t, h, "/fr/"), "age.js", "http-equiv")
	if rw := get(t, h, "/age.js"); rw.Code != http.StatusNotFound {
		t.Errorf("the bot serves a script: %d", rw.Code)
	}
}
