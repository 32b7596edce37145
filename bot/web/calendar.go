package web

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// calendar is the meetings to come as iCalendar (RFC 5545), to be subscribed to.
func (v *view) calendar() (*doc, error) {
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, "-//Vigie//info site//"+strings.ToUpper(v.Lang))
	cal.Props.SetText(ical.PropName, v.Host)
	named := ical.NewProp("X-WR-CALNAME") // what most clients read instead of NAME
	named.Value = cal.Props.Get(ical.PropName).Value
	cal.Props.Set(named)
	every := ical.NewProp(ical.PropRefreshInterval)
	every.Params.Set(ical.ParamValue, "DURATION") // RFC 7986 section 5.7 wants it said
	every.Value = "PT12H"
	cal.Props.Set(every)
	for _, e := range v.Events {
		if e.Kind == "meeting" {
			cal.Children = append(cal.Children, v.event(e).Component)
		}
	}
	if len(cal.Children) == 0 {
		return newDoc(calendarKind, emptyCalendar(cal)), nil
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(cal); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return newDoc(calendarKind, fold(b.Bytes())), nil
}

const calendarKind = "text/calendar; charset=utf-8"

func (v *view) event(e Event) *ical.Event {
	ev := ical.NewEvent()
	ev.Props.SetText(ical.PropUID, e.ID+"@"+v.site.host())
	// When it was last changed is not known; the day will do, and keeps the document the same.
	ev.Props.SetDateTime(ical.PropDateTimeStamp, v.Now.UTC().Truncate(24*time.Hour))
	ev.Props.SetDateTime(ical.PropDateTimeStart, e.At.UTC())
	ev.Props.SetText(ical.PropSummary, v.In(e.Title))
	if e.Place != "" {
		ev.Props.SetText(ical.PropLocation, e.Place)
	}
	link := ical.NewProp(ical.PropURL)
	link.Value = v.URL("/")
	ev.Props.Set(link)
	ev.SetStatus(ical.EventConfirmed)
	return ev
}

// emptyCalendar writes a calendar without events, which the encoder refuses:
// clients that subscribed must be able to read that nothing is planned.
func emptyCalendar(cal *ical.Calendar) []byte {
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
