package store

import "time"

// Announcement is a free text that somebody of the team had said, or has said at its times.
type Announcement struct {
	N    int    `json:"n"`
	Text string `json:"text"`
	// Rule is when it comes, as rule.Parse reads it; empty: it was said at once.
	Rule string `json:"rule,omitempty"`
	// If is a condition; empty: none.
	If       string    `json:"if,omitempty"`
	Everyone bool      `json:"everyone,omitempty"`
	By       string    `json:"by"` // person id
	At       time.Time `json:"at"`
	// Off says that it was taken back.
	Off bool `json:"off,omitempty"`
}

// AddAnnouncement keeps one under the next number.
func (tx *Tx) AddAnnouncement(a Announcement) Announcement {
	a.N, a.At = tx.Next("announcement"), tx.Now
	tx.PutAnnouncement(a)
	return a
}

// PutAnnouncement writes one back after a change.
func (tx *Tx) PutAnnouncement(a Announcement) {
	tx.put("announcement", num(a.N), a)
	if a.Rule != "" && !a.Off {
		tx.put("announcement-planned", num(a.N), a.N)
	} else {
		tx.del("announcement-planned", num(a.N))
	}
}

// Announcement finds one by number.
func (tx *Tx) Announcement(n int) (Announcement, bool) {
	return find[Announcement](tx, "announcement", num(n))
}

// PlannedAnnouncements lists those that still come, by number.
func (tx *Tx) PlannedAnnouncements() []Announcement {
	var out []Announcement
	each(tx, "announcement-planned", "", "", func(_ string, n int) bool {
		if a, ok := tx.Announcement(n); ok {
			out = append(out, a)
		}
		return true
	})
	return out
}

// LastAnnouncement is the newest one that was not taken back.
func (tx *Tx) LastAnnouncement() (Announcement, bool) {
	var last Announcement
	each(tx, "announcement", "", "", func(_ string, a Announcement) bool {
		if !a.Off {
			last = a
		}
		return true
	})
	return last, last.N > 0
}
