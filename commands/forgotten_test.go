package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/bottest"
	"vigie/store"
	"vigie/store/export"
)

// zoesLife is all that a member does before she asks to be forgotten: on two networks,
// in public and in private, with an account and before she had one.
const zoesLife = `
who zoe irc account=zoe42 nick=zoe42
who zoe2 matrix account=@zoe:example.org nick=Zoé-Dupont
who luc irc account=luc
who jean matrix account=@jean:example.org nick=Jean
fetched reload {"set":"register"}
<...
> matrix/@jean: !charte accepte
<...
> irc/@zoe: !langue en
<...
> irc/@zoe: !langue fr
<...
> irc/@zoe: notre site asso-de-zoe.example ne s'ouvre plus
<...
> irc/@zoe: humain
<...
> irc/@zoe: j'ai peur, ZOEWORDS zoe@asso-de-zoe.example
<...
> matrix/!staff jean: !prendre 1
<...
> matrix/!staff jean: !repondre 1 bonjour zoe42, STAFFWORDS
<...
> matrix/!staff jean: !noter 1 zoe@asso-de-zoe.example s'inquiète
<...
> matrix/@zoe2: !ticket ZOEWORDS au secours
<...
> irc/#support zoe: vigie: comment changer mon mot de passe ?
<...
> irc/#support zoe: merci
<...
> matrix/@zoe2: !abonner web
<...
> irc/#support zoe: !ticket ma boîte ZOEWORDS déborde
<...
> irc/@zoe: !lier
<...
> matrix/@zoe2: !mesdonnees
<...
> irc/@zoe: !tickets
<...
> irc/@luc: !ticket le mien LUCWORDS
<...
away irc/zoe
> matrix/!staff jean: !repondre 1 STAFFWORDS encore
<...
> irc/@zoe: bonsoir ZOEWORDS
<...
`

const zoeForgets = `
who zoe irc account=zoe42 nick=zoe42
who zoe2 matrix account=@zoe:example.org nick=Zoé-Dupont
who jean matrix account=@jean:example.org nick=Jean
> irc/@zoe: !oubliezmoi
<...
> irc/@zoe: oui
<...
> matrix/!staff jean: !purger @zoe:example.org
<...
> matrix/!staff jean: oui
<...
+ 1h
<...
`

// TestAForgottenMemberIsInNoFile lets her live, forgets her, and then reads the bytes of the
// store and of the copies: nick, accounts, address, site and words are in none.
func TestAForgottenMemberIsInNoFile(t *testing.T) {
	dir := t.TempDir()
	path, copies := filepath.Join(dir, "vigie.db"), filepath.Join(dir, "copies")
	var engine *store.Bolt
	keep := func(kind string) []byte {
		st, err := store.Open(context.Background(), engine)
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case ProbeCompact:
			err = st.Compact(context.Background())
		case ProbeCopies:
			err = st.View(func(tx *store.Tx) error { _, err := export.Folder(copies, "md", tx, export.Markdown); return err })
		}
		if err != nil {
			t.Error(err)
		}
		return []byte("{}")
	}
	o := playOptions(t)
	o.Store = func() store.Engine {
		e, err := store.OpenBolt(path, store.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		engine = e
		return e
	}
	o.Probe = func(kind string, args []byte, canned map[string]string) []byte {
		if kind == ProbeCompact || kind == ProbeCopies || kind == ProbeBackup {
			return keep(kind)
		}
		return cannedReports(kind, args, canned)
	}
	log := &failures{}
	o.Log = log.logger()
	p := bottest.NewPlayer(o)
	t.Cleanup(func() { _ = p.Close() })
	if really, err := p.Play(zoesLife); err != nil {
		t.Fatalf("%v\n%s", err, really)
	}
	keep(ProbeCopies)
	before := countsOf(t, engine)
	traces := []string{"zoe42", "@zoe:example.org", "Zoé-Dupont", "zoe@asso-de-zoe.example", "asso-de-zoe", "ZOEWORDS", "STAFFWORDS"}
	for _, trace := range traces {
		if len(filesWith(t, dir, trace)) == 0 {
			t.Errorf("the test proves nothing of %q", trace)
		}
	}
	if really, err := p.Play(zoeForgets); err != nil {
		t.Fatalf("%v\n%s", err, really)
	}
	for _, trace := range traces {
		for _, found := range filesWith(t, dir, trace) {
			t.Errorf("%q is still in %s", trace, found)
		}
	}
	if len(filesWith(t, dir, "LUCWORDS")) < 2 {
		t.Error("somebody else's words went too")
	}
	if after := countsOf(t, engine); after != before {
		t.Errorf("what is counted was\n%s, is\n%s", before, after)
	}
	if broken := log.take(); broken != "" {
		t.Errorf("a turn broke: %s", broken)
	}
}

// countsOf is what statistics are made of: it must not change.
func countsOf(t *testing.T, e store.Engine) string {
	t.Helper()
	st, err := store.Open(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	var sum store.TicketStats
	if err := st.View(func(tx *store.Tx) error {
		var facts []store.TicketFact
		for _, k := range tx.Tickets(0) {
			facts = append(facts, store.FactOf(k, tx.TicketEvents(k.N), time.UTC))
		}
		sum = store.Summarise(facts, time.Time{}, time.Time{})
		return tx.Verify()
	}); err != nil {
		t.Error(err)
	}
	sum.Open, sum.Alone = 0, 0 // who is forgotten waits no longer
	raw, _ := json.Marshal(sum)
	return string(raw)
}

// filesWith lists the files under a folder that hold a text, with what stands around it.
func filesWith(t *testing.T, dir, text string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if i := bytes.Index(raw, []byte(text)); i >= 0 {
			around := strings.ToValidUTF8(string(raw[max(0, i-200):min(len(raw), i+100)]), "·")
			out = append(out, filepath.Base(path)+": "+around)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
