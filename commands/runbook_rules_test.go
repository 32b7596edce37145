package commands

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/runbooks"
	"vigie/store"
)

// TestRunbookTranscripts plays dialogues of a host whose register knows contacts.
func TestRunbookTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/runbook/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			o := playOptions(t)
			o.New = func(time.Time) bot.Handler {
				c := testConfig()
				c.Sites[0].Contacts = []string{"irc/claire", "irc/omar"}
				table, errs := New(testOptions(c))
				if len(errs) > 0 {
					t.Fatalf("make the table: %v", errs)
				}
				return &reality{Table: table}
			}
			bottest.Play(t, file, o)
		})
	}
}

func TestWhoMayHaveWhichChecks(t *testing.T) {
	cfg := testConfig()
	cfg.Host = map[string]string{"smtp": "smtp.lh.example", "ftp": "FTP.lh.example.", "panel": "https://panel.lh.example/", "contact": "a@mail.lh.example", "sftp_port": "22", "short": "LH"}
	k := &talk{Turn: &bot.Turn{Now: time.Now()}, table: &Table{cfg: &cfg}}
	k.s.Runs = []runbooks.Run{
		{Request: request("mx", "domain", "asso.example"), Report: runbooks.Report{Fields: map[string]any{"hosts": []any{"MX.provider.example."}}}},
		{Request: request("mx", "domain", "stranger.example"), Report: runbooks.Report{Fields: map[string]any{"hosts": []string{"mx.stranger.example"}}}},
	}
	for _, c := range []struct {
		req     runbooks.Request
		refused bool
	}{
		{request("dns", "name", "anything.example"), false},
		{request("rdap", "domain", "anything.example"), false},
		{request("mx", "domain", "anything.example"), false},
		{request("spf", "domain", "anything.example"), false},
		{request("dkim", "domain", "anything.example"), false},
		{request("dmarc", "domain", "anything.example"), false},
		{request("tls", "host", "anything.example", "port", "443"), false},
		{request("tls", "host", "anything.example"), false},
		{request("tls", "host", "anything.example", "port", "993"), true},
		{request("tls", "host", "anything.example", "port", "443", "starttls", "smtp"), true},
		{request("http", "url", "https://anything.example/a:8080/"), false},
		{request("http", "url", "http://anything.example:80"), false},
		{request("http", "url", "https://[2a0c:e300::1]/"), false},
		{request("http", "url", "https://anything.example:8443/"), true},
		{request("http", "url", "https://asso.example@anything.example:8443/"), true},
		{request("http", "url", `https://anything.example:8443\@asso.example/`), true},
		{request("http", "url", "https://[2a0c:e300::1]:22/"), true},
		{request("http", "url", "https://www.asso.example:8443/"), false},
		{request("tcp", "host", "anything.example", "port", "22"), true},
		{request("ping", "host", "anything.example"), true},
		{request("smtp", "host", "anything.example"), true},
		{request("imap", "host", "anything.example"), true},
		{request("ping", "host", ""), true},
		{request("ping", "host", "notasso.example"), true},
		{request("ping", "host", "asso.example.evil.example"), true},
		{request("ping", "host", "ASSO.example."), false},
		{request("tcp", "host", "ssh.asso.example", "port", "22"), false},
		{request("smtp", "host", "mx.provider.example"), false},
		{request("smtp", "host", "mx.stranger.example"), true},
		{request("smtp", "host", "smtp.lh.example"), false},
		{request("tcp", "host", "ftp.lh.example", "port", "21"), false},
		{request("tcp", "host", "panel.lh.example", "port", "22"), true},
		{request("tcp", "host", "mail.lh.example", "port", "22"), true},
		{request("tcp", "host", "22", "port", "22"), true},
		{request("whatever", "host", "anything.example"), true},
	} {
		rep, refused := k.refused(c.req)
		if refused != c.refused {
			t.Errorf("%v: refused %v", c.req, refused)
		}
		if refused && (rep.Verdict != runbooks.Unknown || rep.Skipped || rep.Detail == "" || rep.Kind != c.req.Kind) {
			t.Errorf("%v: %+v", c.req, rep)
		}
	}
}

func request(kind string, args ...string) runbooks.Request {
	r := runbooks.Request{Kind: kind, Args: map[string]string{}}
	for i := 0; i < len(args); i += 2 {
		r.Args[args[i]] = args[i+1]
	}
	return r
}

// TestARefusedCheckNeverLeaves goes through the engine: only what is allowed is
// asked of the prober.
func TestARefusedCheckNeverLeaves(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for domain, left := range map[string]bool{"stranger.example": false, "asso.example": true} {
		err := openStore(t).Update(t.Context(), time.Now(), func(tx *store.Tx) error {
			rb, _ := table.lib.ByID("vps")
			s, effects, err := runbooks.Start(table.lib, rb, runbooks.StartOptions{Lang: "fr", Facts: map[string]string{"domain": domain}, Now: tx.Now})
			k := &talk{Turn: &bot.Turn{Now: tx.Now, Tx: tx}, table: table, lib: table.lib, s: s, d: store.Dialog{Person: "p1", Kind: rb.ID}}
			for err == nil && len(effects) > 0 {
				var more []runbooks.Effect
				more, err = k.one(effects[0])
				effects = append(effects[1:], more...)
			}
			knocks := 0
			for _, p := range tx.Probes() {
				for _, kind := range []string{`"tcp"`, `"ping"`} {
					knocks += strings.Count(string(p.Args), kind)
				}
			}
			if (knocks > 0) != left {
				t.Errorf("%s: %d knocks left; the session is at %s", domain, knocks, k.s.Step())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestRunsAreCountedAsTheyEnd(t *testing.T) {
	lib, _ := runbooks.Load(host(), content()...)
	rb, _ := lib.ByID("site-down")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	play := func(say ...string) runbooks.Session {
		s, _, err := runbooks.Start(lib, rb, runbooks.StartOptions{Lang: "fr", Now: now})
		for _, line := range say {
			if err == nil {
				s, _, err = runbooks.Answer(lib, s, line, now)
			}
			for err == nil && s.State == runbooks.Probing {
				reports := map[string]runbooks.Report{}
				for key, p := range s.Pending {
					reports[key] = runbooks.Report{Kind: p.Request.Kind, Verdict: map[string]runbooks.Verdict{"http": "ok"}[p.Request.Kind]}
				}
				s, _, err = runbooks.Found(lib, s, reports, now)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	table := &Table{lib: lib, cfg: &Config{TimeZone: "UTC"}}
	st := openStore(t)
	err := st.Update(t.Context(), now, func(tx *store.Tx) error {
		table.countRun(tx, lib, play("asso.example", "il s'ouvre partout maintenant"))
		table.countRun(tx, lib, play("stop"))
		table.countRun(tx, lib, play("asso.example", "humain"))
		table.countRun(tx, lib, play("asso.example")) // replaced while asked
		table.countRun(tx, lib, runbooks.Session{})   // unreadable
		list := tx.RunStats()
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		s := list[0]
		if s.Sessions != 4 || s.Outcomes["solved"] != 1 || s.Confirmed != 1 || s.Outcomes["cancelled"] != 1 || s.Outcomes["ticket"] != 1 || s.Outcomes["abandoned"] != 1 {
			t.Errorf("%+v", s)
		}
		if s.Steps["which"].Dropped != 1 || s.Steps["fine"].Dropped != 2 || s.Steps["which"].Reached != 4 || s.Steps["end_solved"].Dropped != 0 {
			t.Errorf("%+v", s.Steps)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestContactsOfSitesAreIdentities(t *testing.T) {
	c := testConfig()
	c.Sites = []Site{{Domain: "a.example", Contacts: []string{"irc/claire", "claire", "xmpp/claire"}}, {}}
	got := 0
	for _, p := range c.Check([]string{"irc", "matrix"}) {
		if strings.HasPrefix(p.Path, "sites[") {
			got++
		}
	}
	if got != 3 {
		t.Errorf("%d problems, not 3", got)
	}
}

// TestARetiredRunbookIsNotCalledEither lets site-down meet a broken page, for which
// it calls site-error.
func TestARetiredRunbookIsNotCalledEither(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	called, _ := table.lib.ByID("site-error")
	for hash, calls := range map[string]bool{called.Hash: false, "an older version": true} {
		err := openStore(t).Update(t.Context(), time.Now(), func(tx *store.Tx) error {
			tx.SetNote(retiredNote("site-error"), hash)
			lib := table.inService(tx)
			rb, _ := lib.ByID("site-down")
			s, _, err := runbooks.Start(lib, rb, runbooks.StartOptions{Lang: "fr", Facts: map[string]string{"domain": "asso.example"}, Now: tx.Now})
			for err == nil && s.State == runbooks.Probing && len(s.Frames) == 1 {
				reports := map[string]runbooks.Report{}
				for key, p := range s.Pending {
					v := map[string]runbooks.Verdict{"http": "server_error", "dns": "ok", "tls": "ok", "rdap": "active", "incident": "none", "inventory": "hosted"}[p.Request.Kind]
					reports[key] = runbooks.Report{Kind: p.Request.Kind, Verdict: v}
				}
				s, _, err = runbooks.Found(lib, s, reports, tx.Now)
			}
			if got := len(s.Frames) > 1; got != calls {
				t.Errorf("retired %.8s: called %v, at %s", hash, got, s.Step())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
