package store

import (
	"slices"
	"strings"
	"time"
)

// Given is an answer of the FAQ, or one that nobody asked for, that people may
// judge for a while.
type Given struct {
	At time.Time `json:"at"`
	// Room is where it was said, as chat.Room prints it.
	Room string `json:"room"`
	// To is who it was said to, a person's id.
	To string `json:"to,omitempty"`
	// Entry is the answer's id, empty for a diagnosis or a command.
	Entry string `json:"entry,omitempty"`
	// Question is what was asked, names and numbers taken out.
	Question string `json:"question,omitempty"`
	Lang     string `json:"lang,omitempty"`
	// Unasked: nobody had put the question to the bot.
	Unasked bool `json:"unasked,omitempty"`
	// Voters have judged it already.
	Voters []string `json:"voters,omitempty"`
}

// PutGiven keeps the last answer given in a room.
func (tx *Tx) PutGiven(g Given) { tx.put("given", "room/"+g.Room, g) }

// LastGiven is the last answer given in a room.
func (tx *Tx) LastGiven(room string) (Given, bool) { return find[Given](tx, "given", "room/"+room) }

// NameGiven keeps an answer under the id that the network gave the message.
func (tx *Tx) NameGiven(network, id string, g Given) {
	tx.put("given", "message/"+network+"/"+id, g)
}

// GivenAs finds an answer by the message that said it.
func (tx *Tx) GivenAs(network, id string) (Given, bool) {
	return find[Given](tx, "given", "message/"+network+"/"+id)
}

// PruneGiven forgets the answers given before an instant.
func (tx *Tx) PruneGiven(before time.Time) {
	each(tx, "given", "", "", func(k string, g Given) bool {
		if g.At.Before(before) {
			tx.del("given", k)
		}
		return true
	})
}

// Judged is the answer with somebody's vote; false when they had voted.
func (g Given) Judged(by string) (Given, bool) {
	if slices.Contains(g.Voters, by) {
		return g, false
	}
	g.Voters = append(slices.Clone(g.Voters), by)
	return g, true
}

// Unanswered is a question that Vigie had no good answer to. It says nothing of who
// asked.
type Unanswered struct {
	N    int       `json:"n"`
	At   time.Time `json:"at"`
	Lang string    `json:"lang"`
	Text string    `json:"text"`
	// Why: "unsure" (what was offered was not taken), "human" (a person was
	// preferred), "disliked" (the answer did not help).
	Why string `json:"why"`
}

// AddUnanswered queues a question for the staff.
func (tx *Tx) AddUnanswered(u Unanswered) {
	u.N, u.At = tx.Next("unanswered"), tx.Now
	tx.put("unanswered", num(u.N), u)
}

// Unanswereds lists the queue, the oldest first.
func (tx *Tx) Unanswereds() []Unanswered {
	var out []Unanswered
	each(tx, "unanswered", "", "", func(_ string, u Unanswered) bool { out = append(out, u); return true })
	return out
}

// PruneUnanswered forgets the questions asked before an instant.
func (tx *Tx) PruneUnanswered(before time.Time) {
	for _, u := range tx.Unanswereds() {
		if u.At.Before(before) {
			tx.del("unanswered", num(u.N))
		}
	}
}

// Count adds one to a named tally and returns it.
func (tx *Tx) Count(name string) int {
	n, _ := find[int](tx, "tally", name)
	n++
	tx.put("tally", name, n)
	return n
}

// Counts lists the tallies whose name starts with prefix, without it.
func (tx *Tx) Counts(prefix string) map[string]int {
	out := map[string]int{}
	each(tx, "tally", prefix, "", func(k string, n int) bool { out[strings.TrimPrefix(k, prefix)] = n; return true })
	return out
}

// ResetCounts forgets the tallies whose name starts with prefix.
func (tx *Tx) ResetCounts(prefix string) {
	tx.scan("tally", prefix, "", func(k string, _ []byte) bool { tx.del("tally", k); return true })
}
