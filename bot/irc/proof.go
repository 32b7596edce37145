package irc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// markTag is the client-only tag that says which reply a line belongs to. It
// holds a digest of the key: whoever sees it learns nothing.
const markTag = "+vigie/reply"

// mark is the value of markTag for line i of n.
func mark(key string, i, n int) string {
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("%s.%d.%d", hex.EncodeToString(sum[:10]), i+1, n)
}

// isMark tells whether a proof is only a mark of this package, and not an id that the
// server knows.
func isMark(proof string) bool {
	return slices.Contains([]string{"echo", "pong", "none", "same"}, proof)
}

// sent tells the bot what became of j.
func (s *session) sent(j *job, proof string, err error) {
	if errors.Is(err, chat.ErrUnknown) {
		s.doubted(j.reply.Key)
	}
	s.deliver(chat.Sent{Network: s.cfg.Name, Key: j.reply.Key, Proof: proof, Err: err})
}

// conclude ends j, of which something may have been written: with a proof, or
// with an error.
func (s *session) conclude(j *job, proof string, err error) {
	if s.now == j {
		s.now = nil // what is left of it is not written
	}
	i := slices.Index(s.flying, j)
	if i < 0 {
		j.answer(err)
		return
	}
	s.flying = slices.Delete(s.flying, i, i+1)
	j.answer(nil)
	s.sent(j, proof, err)
}

// proven concludes j when all its lines are written and have their proof.
func (s *session) proven(j *job) {
	if j.deadline.IsZero() {
		return
	}
	for _, l := range j.lines {
		if l.proof == "" {
			return
		}
	}
	s.conclude(j, j.lines[len(j.lines)-1].proof, nil)
}

// tickProofs gives up what no proof came for.
func (s *session) tickProofs(now time.Time) {
	for _, j := range slices.Clone(s.flying) {
		if !j.deadline.IsZero() && now.After(j.deadline) {
			s.conclude(j, "", fmt.Errorf("no proof within %v: %w", s.cfg.ProofTimeout, chat.ErrUnknown))
		}
	}
}

// label is the label that e answers, directly or by its batch.
func (s *session) label(e *girc.Event) string {
	if l, ok := tag(e, "label"); ok {
		return l
	}
	if ref, ok := tag(e, "batch"); ok {
		if b := s.batches[ref]; b != nil {
			return b.label
		}
	}
	return ""
}

// labelled finds the line that carries a label.
func (s *session) labelled(label string) (*job, *line) {
	if label == "" {
		return nil, nil
	}
	for _, j := range s.flying {
		for i := range j.lines {
			if j.lines[i].label == label {
				return j, &j.lines[i]
			}
		}
	}
	return nil, nil
}

// echoed takes one of our own lines, as the server hands it to everybody.
func (s *session) echoed(e *girc.Event) {
	j, l := s.labelled(s.label(e))
	if j == nil {
		j, l = s.resembling(e)
	}
	if j == nil {
		return
	}
	proof := "echo"
	if id, _ := tag(e, "msgid"); id != "" {
		proof = id
	}
	if l.proof = proof; j.batched {
		for i := range j.lines {
			j.lines[i].proof = proof
		}
	}
	s.proven(j)
}

// resembling finds the first line without proof that says what e says.
func (s *session) resembling(e *girc.Event) (*job, *line) {
	target, text := s.sup.fold(param(e, 0)), strip(e.Last())
	for _, j := range s.flying {
		if j.verb != e.Command || s.sup.fold(j.target) != target {
			continue
		}
		if j.batched && j.lines[0].proof == "" && strip(whole(j.lines)) == text {
			return j, &j.lines[0]
		}
		for i := range j.lines[:j.next] {
			if l := &j.lines[i]; l.proof == "" && strip(l.text) == text {
				return j, l
			}
		}
	}
	return nil, nil
}

// onPong takes the answer to a PING: one that followed a reply proves it.
func (s *session) onPong(e *girc.Event) error {
	s.compareClocks(e)
	token := e.Last()
	for _, j := range s.flying {
		if j.ping != "" && j.ping == token {
			s.conclude(j, "pong", nil)
			return nil
		}
	}
	return nil
}

// maxSkew is how far our clock and the server's may be apart before somebody is
// told: lines begin to look too old to be answered soon after.
const maxSkew = 2 * time.Minute

// compareClocks tells, once a link, that this machine's clock is wrong, or the
// server's: an answer to a PING is always fresh.
func (s *session) compareClocks(e *girc.Event) {
	at := serverTime(e)
	if at.IsZero() || s.skewSaid {
		return
	}
	if skew := time.Since(at).Round(time.Second); skew > maxSkew || skew < -maxSkew {
		s.skewSaid = true
		s.log.Warn("irc: the clocks differ", "by", skew.String())
		s.status(fmt.Errorf("irc %s: this machine's clock and the server's are %v apart; set it right (NTP), or people's lines look too old to be answered", s.cfg.Name, skew.Abs()))
	}
}

// onAck is the whole answer to a labelled line that the server has nothing to
// say to. To a line that should have been echoed it means that nobody got it: a
// NOTICE makes no error even when its target is gone.
func (s *session) onAck(e *girc.Event) error {
	j, l := s.labelled(s.label(e))
	if j == nil || l.proof != "" || !s.caps["echo-message"] || j.verb == "TOPIC" {
		return nil
	}
	err := fmt.Errorf("the server handed the line to nobody: %w", chat.ErrRefused)
	if j.reply.Room.Private {
		err = fmt.Errorf("%s is not there: %w", shown(j.target), chat.ErrAway)
	}
	s.conclude(j, "", err)
	return nil
}

// refusal takes an error numeric: of a line of ours, or of a channel.
func (s *session) refusal(e *girc.Event) {
	reason := fmt.Sprintf("%s (%s)", chat.Cut(chat.Clean(utf8Text(e.Last())), 120), e.Command)
	if j, _ := s.labelled(s.label(e)); j != nil {
		s.conclude(j, "", refused(e.Command, reason))
		return
	}
	target := s.sup.fold(param(e, 1))
	if r := s.rooms[target]; r != nil && r.state == joining {
		if e.Command != "443" { // "is already there"
			later := e.Command == "437" || e.Command == "439" || e.Command == "471" // not now, too fast, full
			s.keptOut(r, e.Command, reason, !later)
		}
		return
	}
	if e.Command == "421" || e.Command == "461" {
		return // names a command
	}
	for _, j := range s.flying {
		if s.sup.fold(j.target) == target && j.proofless() {
			s.conclude(j, "", refused(e.Command, reason))
			return
		}
	}
}

// proofless tells whether some written line has no proof yet.
func (j *job) proofless() bool {
	return slices.ContainsFunc(j.lines[:j.next], func(l line) bool { return l.proof == "" })
}

// refused says what a numeric means for the reply.
func refused(numeric, reason string) error {
	switch numeric {
	case "401", "406":
		return fmt.Errorf("%s: %w", reason, chat.ErrAway)
	case "439", "263":
		return fmt.Errorf("%s: %w", reason, chat.ErrDown) // too many targets: later
	}
	return fmt.Errorf("%s: %w", reason, chat.ErrRefused)
}
