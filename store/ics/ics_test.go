package ics

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func sample() Calendar {
	return Calendar{Product: "-//Vigie//agenda//FR", Name: "Les Hébergeurs", Refresh: 12 * time.Hour, Events: []Event{
		{UID: "reunion-2026-12-08@lh.example", Sequence: 2, Stamp: day("2026-11-01 00:00"), Start: day("2026-12-08 19:00"), End: day("2026-12-08 21:00"),
			Summary: "Réunion, mensuelle ; " + strings.Repeat("très ", 30) + "longue", Place: "12 rue de l'Exemple", URL: "https://lh.example/\r\nX-EVIL:1"},
		{UID: "autre@lh.example", Stamp: day("2026-11-01 00:00"), Start: day("2026-12-09 19:00"), Summary: "Autre", Cancelled: true},
	}}
}

// TestRoundTrip writes a calendar and reads it back.
func TestRoundTrip(t *testing.T) {
	raw, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
		if strings.HasPrefix(line, "X-EVIL") {
			t.Error("a link has become a property")
		}
	}
	list, skipped, err := Decode(strings.NewReader(string(raw)), time.UTC, day("2026-01-01 00:00"), day("2027-01-01 00:00"))
	if err != nil || skipped != 0 || len(list) != 2 {
		t.Fatalf("%d events, %d left out: %v", len(list), skipped, err)
	}
	want := sample().Events
	for i, e := range list {
		if e.UID != want[i].UID || e.Sequence != want[i].Sequence || !e.Start.Equal(want[i].Start) || !e.End.Equal(want[i].End) || e.Summary != want[i].Summary || e.Place != want[i].Place || e.Cancelled != want[i].Cancelled {
			t.Errorf("%+v was %+v", e, want[i])
		}
	}
}

func TestEmptyCalendarIsReadable(t *testing.T) {
	raw, err := Encode(Calendar{Product: "-//Vigie//agenda//FR"})
	if err != nil || !strings.HasPrefix(string(raw), "BEGIN:VCALENDAR\r\n") {
		t.Fatalf("%q: %v", raw, err)
	}
	if list, _, err := Decode(strings.NewReader(string(raw)), time.UTC, time.Time{}, day("2027-01-01 00:00")); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

// theirs is a calendar as others write them: a weekly event with an exception, one
// occurrence moved, an all-day event, a broken one.
const theirs = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Other//EN
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Paris:20261019T200000
DTEND;TZID=Europe/Paris:20261019T213000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Europe/Paris:20261102T200000
SUMMARY:Atelier
END:VEVENT
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Paris:20261109T200000
DTSTART;TZID=Europe/Paris:20261110T190000
SUMMARY:Atelier déplacé
END:VEVENT
BEGIN:VEVENT
UID:allday
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261101
SUMMARY:Portes ouvertes
END:VEVENT
BEGIN:VEVENT
UID:broken
DTSTAMP:20260101T000000Z
DTSTART:yesterday
SUMMARY:Rien
END:VEVENT
END:VCALENDAR
`

func TestDecodeTheirs(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	list, skipped, err := Decode(strings.NewReader(strings.ReplaceAll(theirs, "\n", "\r\n")), paris, day("2026-10-01 00:00"), day("2026-12-01 00:00"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Start.In(paris).Format("01-02 15:04")+" "+e.Summary)
	}
	want := "10-19 20:00 Atelier · 10-26 20:00 Atelier · 11-01 00:00 Portes ouvertes · 11-10 19:00 Atelier déplacé"
	if strings.Join(got, " · ") != want || skipped != 1 {
		t.Errorf("%v, %d left out; want %s and 1", got, skipped, want)
	}
	if list[0].End.Sub(list[0].Start) != 90*time.Minute {
		t.Errorf("an atelier of %s", list[0].End.Sub(list[0].Start))
	}
}

// TestDecodeIsBounded reads what a hostile server may send.
func TestDecodeIsBounded(t *testing.T) {
	if _, _, err := Decode(strings.NewReader(strings.Repeat("X", maxBytes+2)), time.UTC, time.Time{}, time.Time{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a calendar without end: %v", err)
	}
	entry := func(start, rule string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" + start + "\r\nRRULE:" + rule + "\r\nSUMMARY:" +
			strings.Repeat("a", 5000) + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	for _, rule := range []string{"FREQ=SECONDLY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3;BYSECOND=1,2,3"} {
		if list, skipped, err := Decode(strings.NewReader(entry("19000101T000000Z", rule)), time.UTC, day("2026-01-01 00:00"), day("2026-01-02 00:00")); err != nil || len(list) != 0 || skipped != 1 {
			t.Errorf("%s: %d events, %d left out: %v", rule, len(list), skipped, err)
		}
	}
	list, _, err := Decode(strings.NewReader(entry("19000101T000000Z", "FREQ=DAILY")), time.UTC, day("2026-01-01 00:00"), day("2036-01-02 00:00"))
	if err != nil || len(list) != maxEvents || len(list[0].Summary) != maxText {
		t.Errorf("%d events: %v", len(list), err)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	f.Add(theirs)
	f.Fuzz(func(t *testing.T, s string) {
		list, _, err := Decode(strings.NewReader(s), time.UTC, day("2026-01-01 00:00"), day("2026-03-01 00:00"))
		if err == nil && len(list) > maxEvents {
			t.Fatal(len(list))
		}
	})
}
