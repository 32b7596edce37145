package web

import (
	"strings"
	"time"

	"vigie/store/ics"
)

// calendar is the meetings to come and planned works as iCalendar (RFC 5545), to be subscribed to.
func (v *view) calendar() (*doc, error) {
	cal := ics.Calendar{Product: "-//Vigie//info site//" + strings.ToUpper(v.Lang), Name: v.Host, Refresh: 12 * time.Hour}
	for _, e := range v.Events {
		if e.Kind == "meeting" {
			cal.Events = append(cal.Events, v.event(e))
		}
	}
	for _, w := range v.Works {
		cal.Events = append(cal.Events, v.workEvent(w))
	}
	raw, err := ics.Encode(cal)
	if err != nil {
		return nil, err
	}
	return newDoc(ics.MediaType, raw), nil
}

func (v *view) event(e Event) ics.Event {
	// When it was last changed is not known; the day will do, and keeps the document the same.
	return ics.Event{UID: e.ID + "@" + v.site.host(), Stamp: v.Now.UTC().Truncate(24 * time.Hour), Start: e.At,
		Summary: v.In(e.Title), Place: e.Place, URL: v.URL("/")}
}
