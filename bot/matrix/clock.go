package matrix

import (
	"fmt"
	"net/http"
	"time"
)

// maxSkew is how far our clock and the homeserver's may be apart before somebody
// is told: people's messages then look too old to be answered.
const maxSkew = 2 * time.Minute

// watched is the way to the homeserver, which compares clocks in passing.
type watched struct {
	*http.Transport
	t *Transport
}

// RoundTrip implements http.RoundTripper.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := w.t.bear(r)
	if err != nil {
		return nil, err
	}
	resp, err := w.Transport.RoundTrip(r)
	if err == nil {
		w.t.compareClocks(resp.Header.Get("Date"), time.Now())
	}
	return resp, err
}

// compareClocks tells, once a link, that this machine's clock is wrong, or the
// homeserver's.
func (t *Transport) compareClocks(date string, now time.Time) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	if skew := now.Sub(at).Round(time.Second); skew.Abs() > maxSkew && t.skewSaid.CompareAndSwap(false, true) {
		t.log.Warn("matrix: the clocks differ", "by", skew.String())
		t.report(fmt.Errorf("this machine's clock and the homeserver's are %v apart; set it right (NTP), or people's messages look too old to be answered", skew.Abs()))
	}
}
