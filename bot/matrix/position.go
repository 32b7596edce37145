package matrix

import (
	"encoding/json"
	"fmt"
	"maps"

	"maunium.net/go/mautrix/id"
)

// position is where we are in what the server tells: the content of a Cursor.
// A value is never changed once made; next makes the following one.
type position struct {
	// N counts sync responses over the whole life of the account's cursor.
	N uint64 `json:"n"`
	// Since is the server's token.
	Since string `json:"s"`
	// Seen is the last event of each joined room: where reading back stops. A
	// room that is not here has been joined since.
	Seen map[id.RoomID]id.EventID `json:"r,omitempty"`
}

// parsePosition reads a Cursor; nil is the very first start.
func parsePosition(cursor []byte) (position, error) {
	var p position
	if len(cursor) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(cursor, &p); err != nil {
		return position{}, fmt.Errorf("the stored Matrix position cannot be read: %w", err)
	}
	if p.Since == "" {
		return position{}, fmt.Errorf("the stored Matrix position is empty")
	}
	return p, nil
}

func (p position) cursor() []byte {
	b, err := json.Marshal(p)
	if err != nil { // strings and integers: cannot happen
		panic(err)
	}
	return b
}

// next is a copy of p, one response later.
func (p position) next(since string) position {
	seen := maps.Clone(p.Seen)
	if seen == nil {
		seen = map[id.RoomID]id.EventID{}
	}
	return position{N: p.N + 1, Since: since, Seen: seen}
}
