// Package ics writes calendars as iCalendar text (RFC 5545), and reads those of
// others. It is pure: it knows no clock, no network and no store.
package ics

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// MediaType is what a calendar is served as.
const MediaType = "text/calendar; charset=utf-8"

// Event is one entry of a calendar.
type Event struct {
	// UID names the entry for ever, in every version of the calendar (RFC 5545,
	// 3.8.4.7): a client that sees it again replaces what it had.
	UID string
	// Sequence grows each time the entry is moved or called off (3.8.7.4).
	Sequence int
	// Stamp is when this version was made (3.8.7.2). It must not change while the entry
	// does not, or every reading of the calendar is a new one.
	Stamp      time.Time
	Start, End time.Time // End may be zero
	Summary    string
	// Place, Text and URL may be empty.
	Place, Text, URL string
	Cancelled        bool
}

// Calendar is what is written.
type Calendar struct {
	// Product says who made it, as "-//Vigie//agenda//FR".
	Product string
	// Name is what a reader's client shows.
	Name string
	// Refresh is how often a client should look again; zero says nothing.
	Refresh time.Duration
	Events  []Event
}

// Encode writes a calendar, its lines folded at 75 bytes. An empty calendar is one
// too: who subscribed must be able to read that nothing is planned.
func Encode(c Calendar) ([]byte, error) {
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, c.Product)
	if c.Name != "" {
		cal.Props.SetText(ical.PropName, c.Name)
		named := ical.NewProp("X-WR-CALNAME") // what most clients read instead of NAME
		named.Value = cal.Props.Get(ical.PropName).Value
		cal.Props.Set(named)
	}
	if c.Refresh > 0 {
		every := ical.NewProp(ical.PropRefreshInterval)
		every.SetDuration(c.Refresh)
		every.Params.Set(ical.ParamValue, "DURATION") // RFC 7986 section 5.7 wants it said
		cal.Props.Set(every)
	}
	for _, e := range c.Events {
		cal.Children = append(cal.Children, e.component())
	}
	if len(cal.Children) == 0 {
		return empty(cal), nil
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(cal); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return fold(b.Bytes()), nil
}

func (e Event) component() *ical.Component {
	ev := ical.NewEvent()
	ev.Props.SetText(ical.PropUID, e.UID)
	ev.Props.SetDateTime(ical.PropDateTimeStamp, e.Stamp.UTC())
	ev.Props.SetDateTime(ical.PropDateTimeStart, e.Start.UTC())
	if !e.End.IsZero() {
		ev.Props.SetDateTime(ical.PropDateTimeEnd, e.End.UTC())
	}
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = strconv.Itoa(e.Sequence)
	ev.Props.Set(sequence)
	ev.Props.SetText(ical.PropSummary, e.Summary)
	for name, text := range map[string]string{ical.PropLocation: e.Place, ical.PropDescription: e.Text} {
		if text != "" {
			ev.Props.SetText(name, text)
		}
	}
	if e.URL != "" {
		link := ical.NewProp(ical.PropURL)
		link.Value = strings.NewReplacer("\r", "", "\n", "").Replace(e.URL)
		ev.Props.Set(link)
	}
	if ev.SetStatus(ical.EventConfirmed); e.Cancelled {
		ev.SetStatus(ical.EventCancelled)
	}
	return ev.Component
}

// empty writes a calendar without events, which the encoder refuses.
func empty(cal *ical.Calendar) []byte {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for _, name := range []string{ical.PropVersion, ical.PropProductID} {
		b.WriteString(name + ":" + cal.Props.Get(name).Value + "\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

// fold breaks lines at 75 bytes as RFC 5545 section 3.1 asks, which the encoder
// does not do, and never inside a character.
func fold(in []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(in) {
		text, room := bytes.TrimRight(line, "\r\n"), 75
		for len(text) > room {
			n := room
			for n > 1 && text[n]&0xC0 == 0x80 {
				n--
			}
			out.Write(text[:n])
			out.WriteString("\r\n ")
			text, room = text[n:], 74
		}
		out.Write(text)
		out.WriteString("\r\n")
	}
	return out.Bytes()
}
