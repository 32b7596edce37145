package bot

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

// TestIdleLoopShowsThatItLives: health believes a loop that says nothing for
// three minutes to be stuck, so an idle one must say something each minute.
func TestIdleLoopShowsThatItLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(t, store.NewMemory(), say, "irc")
		var signs, events atomic.Int64
		l.bot.OnTurn = func(n int, _ time.Duration) { signs.Add(1); events.Add(int64(n)) }
		l.start()
		before, handled := signs.Load(), events.Load()
		time.Sleep(10*time.Minute + time.Second)
		if n := signs.Load() - before; n < 10 || n > 20 {
			t.Errorf("%d signs of life in ten idle minutes", n)
		}
		if events.Load() != handled {
			t.Errorf("idle turns told of %d events", events.Load()-handled)
		}
		l.hear("irc", "1", "a")
		if events.Load() == handled {
			t.Error("an event was not told of")
		}
		l.stop()
	})
}
