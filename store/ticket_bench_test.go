package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

const (
	// manyTickets with manyEvents each are the tickets of many years.
	manyTickets = 100_000
	manyEvents  = 20
)

// BenchmarkManyTickets is what a store of 100,000 tickets with 20 events each costs: until it is
// ready, to filter, to search, to act on one, on disk and in memory.
func BenchmarkManyTickets(b *testing.B) {
	path := filepath.Join(b.TempDir(), "vigie.db")
	buildMany(b, path)
	b.Run("ready", func(b *testing.B) { benchReady(b, path) })
	e, err := OpenBolt(path, BoltOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	s, err := Open(b.Context(), e)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("filter", func(b *testing.B) {
		benchFind(b, s, func(r *rand.Rand, tx *Tx) TicketQuery {
			q := TicketQuery{Any: [][]string{{[]string{"state:closed", "state:open", "active:yes", "waits:yes", "owner:none"}[r.IntN(5)]}}, Limit: 100}
			switch r.IntN(4) {
			case 0:
				q.Any = append(q.Any, []string{"service:" + []string{"web", "mail", "voip"}[r.IntN(3)]})
			case 1:
				q.Last = tx.FirstSince(tx.Now.Add(-time.Duration(r.IntN(2000)) * time.Hour))
			case 2:
				q.Any = append(q.Any, []string{fmt.Sprintf("association:asso %d", r.IntN(200))})
			}
			return q
		})
	})
	b.Run("search", func(b *testing.B) {
		vocabulary := vocabulary()
		benchFind(b, s, func(r *rand.Rand, _ *Tx) TicketQuery {
			q := TicketQuery{Words: []string{frequent(r, vocabulary)}, Limit: 100}
			if r.IntN(2) == 0 { // the beginning of a second word
				q.Words = append(q.Words, frequent(r, vocabulary)[:3])
			}
			return q
		})
	})
	b.Run("act", func(b *testing.B) { benchAct(b, s) })
}

func benchReady(b *testing.B, path string) {
	for b.Loop() {
		e, err := OpenBolt(path, BoltOptions{})
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(b.Context(), e)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.View(func(tx *Tx) error { tx.EnsureTicketIndex(); _, _ = tx.FirstDue(); return nil }); err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/manyTickets, "B/ticket")
}

// benchFind reports the slowest hundredth, and the heap that is in use afterwards.
func benchFind(b *testing.B, s *Store, query func(*rand.Rand, *Tx) TicketQuery) {
	r := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := s.View(func(tx *Tx) error {
			tx.Now = monday
			if list, total := tx.FindTickets(query(r, tx)); total < len(list) {
				b.Fatal("more found than there are")
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapInuse+m.StackInuse)/(1<<20), "MiB-in-use")
}

func benchAct(b *testing.B, s *Store) {
	r := rand.New(rand.NewPCG(3, 4))
	words := vocabulary()
	for b.Loop() {
		if err := s.Update(context.Background(), monday, func(tx *Tx) error {
			_, err := tx.ActOnTicket(1+r.IntN(manyTickets), TicketEvent{Act: ActNote, By: "p0000000001", Text: sentence(r, words, 12)})
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// vocabulary is as many words as people use in tickets, made up: the first are the most common.
func vocabulary() []string {
	r := rand.New(rand.NewPCG(5, 6))
	syllables := strings.Fields("ba be bi bo bu ca ce co da de di do fa fi fo ga go la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo")
	out := make([]string, 20_000)
	for i := range out {
		for range 2 + r.IntN(3) {
			out[i] += syllables[r.IntN(len(syllables))]
		}
	}
	return out
}

// frequent draws a word as speech does: few words make most of it.
func frequent(r *rand.Rand, words []string) string {
	return words[int(float64(len(words))*r.Float64()*r.Float64()*r.Float64())]
}

func sentence(r *rand.Rand, words []string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = frequent(r, words)
	}
	return strings.Join(out, " ")
}

// buildMany writes the tickets straight into the engine, index included, in few commits.
func buildMany(b *testing.B, path string) {
	b.Helper()
	e, err := OpenBolt(path, BoltOptions{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), e)
	if err != nil {
		b.Fatal(err)
	}
	r, words := rand.New(rand.NewPCG(7, 8)), vocabulary()
	const each = 2000
	pack := &packer{}
	for first := 1; first <= manyTickets; first += each {
		var batch Batch
		put := func(bucket, key string, v any) {
			raw, err := json.Marshal(v)
			if err != nil {
				b.Fatal(err)
			}
			batch = append(batch, Op{bucket, key, raw})
		}
		index := map[string]*numberSet{}
		for n := first; n < first+each; n++ {
			t, events := manyOne(b, n, r, words, put, index)
			if t.Active() {
				for _, e := range events {
					put(ticketEvent, num(n)+"/"+num(e.Seq), e)
				}
				continue
			}
			raw, err := pack.pack(events)
			if err != nil {
				b.Fatal(err)
			}
			batch = append(batch, Op{ticketEvent, packKey(n), raw})
		}
		batch = append(batch, packed(b, e, index)...)
		put("meta", "next/ticket", first+each-1)
		put("meta", ticketIndex, indexVersion)
		if err := e.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// manyOne makes one ticket of 20 events, one in fifty of them not over.
func manyOne(b *testing.B, n int, r *rand.Rand, words []string, put func(bucket, key string, v any), index map[string]*numberSet) (Ticket, []TicketEvent) {
	var events []TicketEvent
	at := monday.Add(-time.Duration(manyTickets-n) * time.Hour / 4)
	person := fmt.Sprintf("p%010d", 1+r.IntN(600))
	association := r.IntN(200)
	o := Opening{Subject: sentence(r, words, 6), Kind: []TicketKind{KindOutage, KindQuestion, KindRequest}[r.IntN(3)], Service: []string{"web", "mail", "voip", ""}[r.IntN(4)],
		Site: fmt.Sprintf("asso%d.example", association), Association: fmt.Sprintf("Asso %d", association), Requester: person, Lang: "fr", Private: r.IntN(2) == 0,
		Origin: chat.Room{Network: "irc", ID: "#support"}}
	t := Ticket{N: n}
	acts := []TicketAct{ActSay, ActReply, ActNote, ActReply, ActSay, ActTag}
	said := []string{o.Subject, o.Site}
	for seq := 1; seq <= manyEvents; seq++ {
		e := TicketEvent{Seq: seq, At: at.Add(time.Duration(seq) * 7 * time.Minute), Act: acts[r.IntN(len(acts))], By: "p0000000003", Room: "matrix/!AbCdEfGhIjKlMnOpQr:example.org",
			Ref: fmt.Sprintf("matrix/$%08x%08x%08x", r.Uint32(), n, seq)}
		switch {
		case seq == 1:
			e.Act, e.Opening, e.By, e.Room, e.Text = ActOpen, &o, person, "irc/#support", sentence(r, words, 9)
		case seq == 2:
			e.Act = ActTake
		case seq == manyEvents-1:
			e.Act = ActSolve
		case seq == manyEvents && n%50 != 0:
			e.Act, e.By = ActClose, person
		case e.Act == ActTag:
			e.Text = []string{"dns", "quota", "php", "facture"}[r.IntN(4)]
		default:
			e.Text = sentence(r, words, 5+r.IntN(10))
		}
		if err := t.apply(e); err != nil {
			b.Fatal(err)
		}
		said = append(said, e.said()...)
		events = append(events, e)
		if e.Text != "" {
			put("ticket-ref", refKey(e.Ref), n)
		}
	}
	put("ticket", num(n), t)
	put("ticket-of", person+"/"+num(n), n)
	put("thread", fmt.Sprintf("matrix/$root%032d", n), n)
	if t.Active() {
		put("ticket-active", num(n), n)
	}
	terms := t.terms()
	for _, text := range said {
		for _, w := range Words(text) {
			terms = append(terms, "w:"+w)
		}
	}
	for _, term := range terms {
		key := blockPrefix(n/blockSize) + term
		if index[key] == nil {
			index[key] = &numberSet{}
		}
		index[key].set(n % blockSize)
	}
	return t, events
}

// packed are the rows of an index, united with those that are there.
func packed(b *testing.B, e Engine, index map[string]*numberSet) Batch {
	snap, err := e.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	var out Batch
	for key, set := range index {
		raw, err := snap.Get(ticketIndex, key)
		if err != nil {
			b.Fatal(err)
		}
		old, err := unpack(raw)
		if err != nil {
			b.Fatal(err)
		}
		set.or(old)
		out = append(out, Op{ticketIndex, key, set.pack()})
	}
	slices.SortFunc(out, func(a, b Op) int { return strings.Compare(a.Key, b.Key) })
	return out
}
