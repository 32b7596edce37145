package irc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

// Rooms that always have something more urgent to hear do not keep an
// announcement back for ever.
func TestQueueStarvesNobody(t *testing.T) {
	q := queue{lanes: map[string]*lane{}}
	say := func(room string, p chat.Priority) {
		q.add(newJob(chat.Reply{Room: chat.Room{ID: room}, Priority: p}))
	}
	say("#annonces", chat.News)
	for n := range 20 {
		say("#support", chat.Answer)
		say("claire", chat.Answer)
		j := q.pick(func(*job) verdict { return writable })
		if j.reply.Room.ID == "#annonces" {
			if n < ageAfter {
				t.Errorf("the announcement went first, after %d answers", n)
			}
			return
		}
	}
	t.Error("the announcement still waits after 20 answers")
}

// In a room nothing overtakes, whatever the priorities; a held room stops no
// other; everything comes out once.
func TestQueueKeepsEachRoomsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := queue{lanes: map[string]*lane{}}
		in, out := map[string][]string{}, map[string][]string{}
		held := fmt.Sprint("#", rapid.IntRange(0, 4).Draw(t, "held"))
		total := 0
		ready := func(j *job) verdict {
			switch {
			case strings.HasPrefix(j.reply.Key, "drop"):
				return drop
			case j.reply.Room.ID == held:
				return hold
			}
			return writable
		}
		for i := range rapid.IntRange(0, 60).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "add") {
				r := chat.Reply{Key: fmt.Sprint("k", i), Priority: chat.Priority(rapid.IntRange(0, 3).Draw(t, "priority"))}
				r.Room.ID = fmt.Sprint("#", rapid.IntRange(0, 4).Draw(t, "room"))
				if rapid.IntRange(0, 5).Draw(t, "drop") == 0 {
					r.Key = "drop" + r.Key
				} else {
					in[r.Room.ID] = append(in[r.Room.ID], r.Key)
					total++
				}
				q.add(newJob(r))
			} else if j := q.pick(ready); j != nil {
				out[j.reply.Room.ID] = append(out[j.reply.Room.ID], j.reply.Key)
				total--
			}
		}
		if len(out[held]) > 0 {
			t.Fatalf("a held room spoke: %v", out)
		}
		held = ""
		for j := q.pick(ready); j != nil; j = q.pick(ready) {
			out[j.reply.Room.ID] = append(out[j.reply.Room.ID], j.reply.Key)
			total--
		}
		if total != 0 || len(q.lanes) != 0 {
			t.Fatalf("%d jobs lost, %d lanes left", total, len(q.lanes))
		}
		for room := range in {
			if !slices.Equal(in[room], out[room]) {
				t.Fatalf("%s: in %v, out %v", room, in[room], out[room])
			}
		}
	})
}

func TestQueueIsFairBetweenRooms(t *testing.T) {
	q := queue{lanes: map[string]*lane{}}
	for i := range 9 {
		q.add(newJob(chat.Reply{Key: fmt.Sprint(i), Room: chat.Room{ID: fmt.Sprint("#", i/3)}}))
	}
	var got string
	for j := q.pick(func(*job) verdict { return writable }); j != nil; j = q.pick(func(*job) verdict { return writable }) {
		got += j.reply.Room.ID
	}
	if got != "#0#1#2#0#1#2#0#1#2" {
		t.Errorf("served %s", got)
	}
}

func TestBucketNeverExceedsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(0, 0)
		size, rate := float64(rapid.IntRange(1, 10).Draw(t, "size")), rapid.Float64Range(0.1, 20).Draw(t, "rate")
		b, now, spent := newBucket(size, rate, start), start, 0
		for range 200 {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			if b.wait(now) == 0 {
				b.spend(1)
				spent++
			}
			if most := size + rate*now.Sub(start).Seconds(); float64(spent) > most+0.001 {
				t.Fatalf("%d spent, %g allowed", spent, most)
			}
		}
		if w := b.wait(now); b.wait(now.Add(w)) != 0 {
			t.Fatalf("after %v it is still not time", w)
		}
	})
}

func TestJobHasOneFate(t *testing.T) {
	j := newJob(chat.Reply{})
	if !j.take() || j.cancel() || !j.take() {
		t.Error("a job that the loop took can still be taken back")
	}
	j = newJob(chat.Reply{})
	if !j.cancel() || j.take() {
		t.Error("a job that was taken back is written all the same")
	}
	j.answer(nil)
	j.answer(errors.New("late"))
	if err := <-j.result; err != nil || len(j.result) != 0 {
		t.Errorf("answers: %v and %d more", err, len(j.result))
	}
}

func TestInboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newInbox()
		ctx, cancel := context.WithCancel(t.Context())
		for range inboxMax {
			b.push(ctx, chat.Message{Kind: chat.Join})
		}
		if len(b.items) != inboxSigns {
			t.Errorf("%d signs of life kept, want %d", len(b.items), inboxSigns)
		}
		for range inboxMax - inboxSigns {
			b.push(ctx, chat.Message{Text: "x"})
		}
		pushed := false
		go func() { b.push(ctx, chat.Message{Text: "last"}); pushed = true }()
		synctest.Wait()
		if pushed {
			t.Error("a full inbox takes more")
		}
		var mu sync.Mutex
		var last chat.Inbound
		n := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.run(ctx, func(_ context.Context, in chat.Inbound) error {
				mu.Lock()
				defer mu.Unlock()
				n, last = n+1, in
				return nil
			})
		}()
		synctest.Wait()
		if m, ok := last.(chat.Message); n != inboxMax+1 || !ok || m.Text != "last" {
			t.Errorf("%d delivered, the last %+v", n, last)
		}
		cancel()
		<-done
	})
}
