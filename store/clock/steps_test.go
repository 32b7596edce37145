package clock

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/store"
	"vigie/store/calendar"
)

// steps plays what becomes of a ticket about which nobody does anything: when each
// reminder comes, and how far it goes.
func steps(t *testing.T, p Policy, s store.ClockState, n int) []string {
	var out []string
	for range n {
		at := p.Next(s)
		if at.IsZero() {
			break
		}
		c, _ := s.First()
		step := p.Reached(s, c, at)
		if step <= s.Reminded(c).Step {
			t.Fatalf("due at %s for step %d, which was told", at, step)
		}
		told := s.Reminded(c)
		told.Step = step
		s = s.WithTold(told)
		out = append(out, fmt.Sprintf("%d %s", step, at.In(paris(t)).Format("Mon 15:04:05")))
	}
	return out
}

func TestReminders(t *testing.T) {
	for _, c := range []struct {
		name, kind, script string
		want               []string
	}{
		{"a question", "question", "Mo10:00 open", []string{"1 Mon 12:00:00", "2 Mon 13:00:00", "3 Mon 15:00:00", "4 Tue 15:00:00", "5 Wed 15:00:00"}},
		{"an outage, which is not spoken of again here", "outage", "Mo10:00 open", []string{"1 Mon 10:30:00", "2 Mon 11:00:00", "3 Mon 12:00:00"}},
		{"over the night", "question", "Mo17:00 open", []string{"1 Tue 09:00:00", "2 Tue 10:00:00", "3 Tue 12:00:00"}},
		{"due as the day ends: the next morning, not at seven", "question", "Mo16:00 open", []string{"1 Mon 18:00:00", "2 Tue 09:00:00", "3 Tue 11:00:00"}},
		{"over a weekend", "question", "Fr18:30 open", []string{"1 Mon 10:30:00", "2 Mon 11:30:00"}},
		{"a wait leaves less than the reminder asks for: at once when it goes on", "question", "Mo10:00 open; Mo10:01 take; Mo12:30 wait; Tu10:00 wake", []string{"1 Tue 10:00:00", "2 Tue 10:30:00"}},
		{"nothing while it waits", "question", "Mo10:00 open; Mo10:01 take; Mo10:30 wait", nil},
		{"nothing while a missed one waits", "question", "Mo10:00 open; Mo14:00 take; Mo14:00 wait", nil},
		{"nothing once it is solved", "request", "Mo10:00 open; Mo10:30 solve", nil},
		{"the next word", "question", "Mo10:00 open; Mo11:00 reply", []string{"1 Wed 10:00:00", "2 Wed 11:00:00", "3 Wed 13:00:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policy(t)
			s := Replay(1, script(t, "2026-11-23", c.kind, c.script), p, nil)
			got := steps(t, p, s, max(len(c.want), 1))
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestStepsLeftOut(t *testing.T) {
	p := policy(t)
	open := script(t, "2026-11-23", "question", "Mo10:00 open")
	for name, c := range map[string]struct {
		steps Steps
		want  string
	}{
		"no reminder before": {Steps{Remind: -1, Name: 0, All: hour, Again: -1}, "[2 Mon 13:00:00 3 Mon 14:00:00]"},
		"no name":            {Steps{Remind: hour, Name: -1, All: hour, Again: -1}, "[1 Mon 12:00:00 3 Mon 14:00:00]"},
		"nothing":            {Steps{Remind: -1, Name: -1, All: -1, Again: hour}, "[]"},
		"only the room":      {Steps{Remind: 0, Name: -1, All: -1, Again: -1}, "[1 Mon 13:00:00]"},
	} {
		p.Steps[store.KindQuestion] = c.steps
		if got := fmt.Sprint(steps(t, p, Replay(1, open, p, nil), 4)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// After an absence only the last step is left to say.
func TestALateReminderIsTheLastOne(t *testing.T) {
	p := policy(t)
	s := Replay(1, script(t, "2026-11-23", "question", "Mo10:00 open"), p, nil)
	c, _ := s.First()
	for at, want := range map[string]int{"Mo11:59": StepNone, "Mo12:00": StepRemind, "Mo12:59:59": StepRemind, "Mo13:00": StepName, "Mo15:00": StepAll,
		"Tu14:59": StepAll, "Tu15:00": StepAll + 1, "Fr15:00": StepAll + 4} {
		if got := p.Reached(s, c, moment(t, "2026-11-23", at)); got != want {
			t.Errorf("%s: step %d, want %d", at, got, want)
		}
	}
}

// Zammad #4432: reminders at night, although the hours are kept.
func TestQuietHours(t *testing.T) {
	p := policy(t)
	cal, err := calendar.New(calendar.Config{Hours: map[string]string{"mon-sun": "00:00-24:00"}}, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	p.Calendar = cal // always there, save on holidays
	for _, c := range []struct {
		quiet    Quiet
		at, want string
	}{
		{Quiet{22 * 60, 8 * 60}, "Mo12:00", "Mo12:00"},
		{Quiet{22 * 60, 8 * 60}, "Mo21:59:59", "Mo21:59:59"},
		{Quiet{22 * 60, 8 * 60}, "Mo22:00", "Tu08:00"},
		{Quiet{22 * 60, 8 * 60}, "Tu03:00", "Tu08:00"},
		{Quiet{22 * 60, 8 * 60}, "Tu08:00", "Tu08:00"},
		{Quiet{12 * 60, 14 * 60}, "Mo13:00", "Mo14:00"},
		{Quiet{12 * 60, 14 * 60}, "Mo11:59", "Mo11:59"},
		{Quiet{0, 0}, "Mo03:00", "Mo03:00"},
		{Quiet{22 * 60, 8 * 60}, "Th4.23:00", "Sa4.08:00"}, // Christmas is the Friday of the fifth week
	} {
		p.Quiet = c.quiet
		base := "2026-11-23"
		if c.at == "Th4.23:00" {
			base = "2026-11-30"
		}
		if got := p.Allowed(moment(t, base, c.at)); !got.Equal(moment(t, base, c.want)) {
			t.Errorf("%v at %s: %s, want %s", c.quiet, c.at, got.In(paris(t)), c.want)
		}
	}
}

// Whatever the quiet hours and the calendar, nobody is written to outside of them,
// and the wait for the next allowed instant is never longer than it must be.
func TestNobodyIsRemindedAtNight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policy(t)
		p.Quiet = Quiet{rapid.IntRange(0, 1439).Draw(t, "from"), rapid.IntRange(0, 1439).Draw(t, "until")}
		at := anyTime(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 400*86400).Draw(t, "at"))*time.Second))
		got := p.Allowed(at)
		c := store.CivilOf(got, paris(t))
		minute := c.Hour()*60 + c.Minute()
		quiet := p.Quiet.From < p.Quiet.Until && minute >= p.Quiet.From && minute < p.Quiet.Until ||
			p.Quiet.From > p.Quiet.Until && (minute >= p.Quiet.From || minute < p.Quiet.Until)
		never := p.Quiet.From <= 9*60 && p.Quiet.Until >= 19*60 && p.Quiet.From < p.Quiet.Until || p.Quiet.From > p.Quiet.Until && (p.Quiet.From >= 19*60 && p.Quiet.Until >= 19*60 || p.Quiet.From <= 9*60)
		if got.Before(at) || !never && (quiet || !p.Calendar.Open(got)) {
			t.Fatalf("%v: at %s one is reminded at %s", p.Quiet, at, got)
		}
	})
}

// What was said of a clock is remembered as long as that very clock goes on.
func TestKeepRemembersWhatWasSaid(t *testing.T) {
	ctx := context.Background()
	p := policy(t)
	st, err := store.Open(ctx, store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	monday := moment(t, "2026-11-23", "Mo10:00")
	do := func(at time.Time, fn func(*store.Tx)) {
		t.Helper()
		if err := st.Update(ctx, at, func(tx *store.Tx) error { fn(tx); Keep(tx, p, 1); return tx.Err() }); err != nil {
			t.Fatal(err)
		}
	}
	act := func(e store.TicketEvent) func(*store.Tx) {
		return func(tx *store.Tx) {
			if _, err := tx.ActOnTicket(1, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(monday, func(tx *store.Tx) {
		if _, err := tx.OpenTicket(store.Opening{Kind: store.KindQuestion, Requester: "claire"}, store.TicketEvent{By: "claire"}); err != nil {
			t.Fatal(err)
		}
	})
	do(monday.Add(2*hour), func(tx *store.Tx) {
		s, _ := tx.Clocks(1)
		told := s.Reminded(s.Clocks[0])
		told.Step, told.Named = StepName, "jean"
		Put(tx, p, s.WithTold(told))
	})
	check := func(step int) {
		t.Helper()
		if err := st.View(func(tx *store.Tx) error {
			s, _ := tx.Clocks(1)
			if got := s.Reminded(s.Clocks[0]).Step; got != step {
				t.Errorf("step %d, want %d", got, step)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	do(monday.Add(2*hour), act(store.TicketEvent{Act: store.ActNote, By: "jean"}))
	check(StepName)
	do(monday.Add(3*hour), act(store.TicketEvent{Act: store.ActReply, By: "jean"}))
	check(StepNone)
}
