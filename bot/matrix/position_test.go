package matrix

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

func TestPosition(t *testing.T) {
	p, err := parsePosition(nil)
	if err != nil || p.Since != "" {
		t.Fatalf("the first start: %+v, %v", p, err)
	}
	p = p.next("s1")
	p.Seen["!r"] = "$1"
	q := p.next("s2")
	q.Seen["!r"] = "$2"
	if p.Seen["!r"] != "$1" || q.N != 2 {
		t.Errorf("a position changed: %+v, %+v", p, q)
	}
	back, err := parsePosition(q.cursor())
	if err != nil || back.N != 2 || back.Since != "s2" || back.Seen["!r"] != "$2" {
		t.Errorf("got %+v, %v", back, err)
	}
	for _, bad := range []string{"x", "{}", "[]", `{"n":-1,"s":"a"}`, `{"s":1}`} {
		if p, err := parsePosition([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", bad, p)
		}
	}
}

// A bot that handles messages by id, commits the cursor of some, and is killed
// anywhere, hears every message exactly once and each room in order: whatever is
// said, however the server cuts its timelines, and whenever it dies.
func TestNothingSkippedUnderRandomKills(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { killAtRandom(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func killAtRandom(t *testing.T, rng *rand.Rand) {
	h := newHome(t)
	h.limit = 1 + rng.IntN(6)
	rooms := []string{h.room("!a:test", false, anne, bob, me), h.room("!b:test", false, anne, bob, me)}
	b := newBench(t, h, nil).run()
	said, handled := map[string][]string{}, map[string][]string{}
	done, total := map[string]bool{}, 0
	var committed []byte
	handle := func(m chat.Message) {
		if !done[m.ID] {
			done[m.ID] = true
			handled[m.Room.ID] = append(handled[m.Room.ID], m.Text)
		}
		if m.Cursor != nil && rng.IntN(2) == 0 {
			committed = m.Cursor
		}
	}
	for life := range 1 + rng.IntN(4) {
		for i := range rng.IntN(16) {
			room, text := rooms[rng.IntN(2)], fmt.Sprint(life, ".", i)
			h.text(room, anne, text)
			said[room] = append(said[room], text)
			total++
		}
		for until := len(done) + rng.IntN(total-len(done)+1); len(done) < until; {
			handle(next[chat.Message](b))
		}
		b.halt()
		if committed == nil && rng.IntN(2) == 0 { // it forgets all that it did not commit
			clear(done)
			clear(handled)
		}
		b.cursor = committed
		b.launch(committed)
	}
	for len(done) < total {
		handle(next[chat.Message](b))
	}
	b.halt()
	for _, room := range rooms {
		if fmt.Sprint(handled[room]) != fmt.Sprint(said[room]) {
			t.Fatalf("%s: said %v, handled %v", room, said[room], handled[room])
		}
	}
}

func TestVault(t *testing.T) {
	ctx := t.Context()
	path := t.TempDir() + "/a folder ?%#/crypto.db"
	if _, err := openVault(ctx, path); err == nil {
		t.Error("opened in a folder that is not there")
	}
	path = t.TempDir() + "/crypto?%20#.db"
	v, err := openVault(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	var mode, sync string
	if err := v.db.QueryRow(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
	if err := v.db.QueryRow(ctx, "PRAGMA synchronous").Scan(&sync); err != nil || sync != "2" {
		t.Errorf("synchronous is %q, not FULL: %v", sync, err)
	}
	now := time.Unix(1_000_000, 0)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range []id.EventID{"$a", "$b", "$c", "$a"} {
		known, err := v.wait(ctx, "!r", e, []byte(e), now)
		if must(err); known != (i == 3) {
			t.Errorf("%s: known %v", e, known)
		}
	}
	_, err = v.wait(ctx, "!r", "$old", []byte("$old"), now.Add(-time.Hour))
	must(err)
	must(v.told(ctx, "$a", 5))
	must(v.told(ctx, "$b", 6))
	waiting := func() (s string) {
		rows, err := v.waiting(ctx)
		must(err)
		for _, r := range rows {
			s += string(r.raw)
		}
		return s
	}
	if got := waiting(); got != "$old$c" {
		t.Errorf("waiting: %s", got)
	}
	must(v.settle(ctx, 5, now)) // $a was committed, $b was told and not committed
	if got := waiting(); got != "$b$c" {
		t.Errorf("waiting: %s", got)
	}
	must(v.pin(ctx, "!r"))
	must(v.pin(ctx, "!r"))
	must(v.setDM(ctx, anne, "!x"))
	must(v.setDM(ctx, anne, "!y"))
	must(v.close())
	if v, err = openVault(ctx, path); err != nil {
		t.Fatal(err)
	}
	if ok, err := v.encrypted(ctx, "!r"); !ok || err != nil {
		t.Errorf("a room is no longer encrypted: %v", err)
	}
	if ok, _ := v.encrypted(ctx, "!other"); ok {
		t.Error("a room that nobody encrypted is")
	}
	if room, _ := v.dm(ctx, anne); room != "!y" {
		t.Errorf("got %s", room)
	}
	must(v.close())
}
