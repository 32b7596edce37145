package runbooks

import "time"

// Judgement says how surely a text belongs to a session.
type Judgement string

// The judgements. A caller with a Foreign text asks its own recogniser whether
// the member has begun to speak of something else; if not, the text still goes
// to Answer, which will say that it was not understood.
const (
	SureMove   Judgement = "move"    // back, stop, human, … and nothing else
	SureAnswer Judgement = "answer"  // one answer of the question that stands
	FreeText   Judgement = "free"    // the question takes any text
	Unclear    Judgement = "unclear" // several answers at once
	Foreign    Judgement = "foreign"
)

// Judge says what a text is to a session, and changes nothing. The move is ""
// unless it is a SureMove.
func Judge(lib *Library, s Session, text string, now time.Time) (Judgement, Move, error) {
	m, err := resume(lib, s, now)
	if err != nil {
		return Foreign, "", err
	}
	text = clean(text, 4000)
	mv := moveIn(text)
	if s.State != Asking {
		if mv != "" {
			return SureMove, mv, nil
		}
		return Foreign, "", nil
	}
	step := m.step()
	options := m.optionsOf(step)
	if mv != "" && !said(text, options) {
		return SureMove, mv, nil
	}
	r := lib.hear(step, options, text, now)
	switch {
	case r.kind == readValue && r.wide:
		return FreeText, "", nil
	case r.kind == readValue:
		return SureAnswer, "", nil
	case r.kind == readUnknown:
		return SureMove, MoveDontKnow, nil
	case r.kind == readAmbiguous:
		return Unclear, "", nil
	}
	return Foreign, "", nil
}
