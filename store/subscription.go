package store

import (
	"slices"
	"time"
)

// Subscription is what somebody wants to be told in private.
type Subscription struct {
	Person string `json:"person"` // id
	// Services by id; All stands for every one.
	Services []string `json:"services,omitempty"`
	All      bool     `json:"all,omitempty"`
	// Night: in quiet hours too.
	Night bool `json:"night,omitempty"`
	// Waiting is what quiet hours hold back, the last word of each thing.
	Waiting []Waiting `json:"waiting,omitempty"`
}

// Waiting is a word that waits for the end of the quiet hours. About names the thing, so that
// a later word takes the place of an earlier one.
type Waiting struct {
	About string    `json:"about"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

// Wants tells whether a service is subscribed to.
func (s *Subscription) Wants(service string) bool {
	return s.All || slices.Contains(s.Services, service)
}

// Hold keeps a word until the quiet hours end.
func (s *Subscription) Hold(w Waiting) {
	s.Waiting = slices.DeleteFunc(s.Waiting, func(o Waiting) bool { return o.About == w.About })
	s.Waiting = append(s.Waiting, w)
}

// PutSubscription writes a subscription; an empty one is forgotten.
func (tx *Tx) PutSubscription(s Subscription) {
	if !s.All && len(s.Services) == 0 {
		tx.del("subscription", s.Person)
		return
	}
	tx.put("subscription", s.Person, s)
}

// Subscription is what a person subscribes to.
func (tx *Tx) Subscription(person string) Subscription {
	s, _ := find[Subscription](tx, "subscription", person)
	s.Person = person
	return s
}

// Subscriptions lists all of them.
func (tx *Tx) Subscriptions() []Subscription {
	var out []Subscription
	each(tx, "subscription", "", "", func(_ string, s Subscription) bool { out = append(out, s); return true })
	return out
}

// QuietUntil tells whether a local instant lies in the hours from … until ("22:00", "08:00"),
// and when they end. Without hours it never does.
func QuietUntil(local time.Time, from, until string) (time.Time, bool) {
	return quietUntil(local, GateRules{QuietFrom: from, QuietUntil: until})
}
