package matrix

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

func TestWrongClockIsTold(t *testing.T) {
	h := newHome(t)
	h.room("!r:test", false, anne, bob, me)
	h.setFault(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", time.Now().Add(-10*time.Minute).UTC().Format(http.TimeFormat))
		return false
	})
	b := newBench(t, h, nil).run()
	if s := next[chat.Status](b); !s.Up || s.Err == nil || !strings.Contains(s.Err.Error(), "10m") {
		t.Errorf("got %+v", s)
	}
	b.quiet("!r:test") // told once a link
}

func TestCompareClocks(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		date string
		told bool
	}{
		{"", false}, {"yesterday", false}, {now.Format(http.TimeFormat), false}, {now.Add(-maxSkew).Format(http.TimeFormat), false},
		{now.Add(time.Hour).Format(http.TimeFormat), true}, {now.Add(-maxSkew - time.Second).Format(http.TimeFormat), true},
	} {
		tr, err := New(newBench(t, newHome(t), nil).cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.compareClocks(tc.date, now)
		if (len(tr.held) == 1) != tc.told {
			t.Errorf("%q: told %d", tc.date, len(tr.held))
		}
	}
}
