package store

import (
	"bytes"
	"encoding/json"
	"time"
)

// Probe is work asked of the outside: written by a turn, begun after its commit,
// begun again at start when it never ended.
type Probe struct {
	// ID names it; asking again under the same ID replaces it.
	ID   string          `json:"id"`
	Kind string          `json:"kind"`
	Args json.RawMessage `json:"args,omitempty"`
	// For says whose it is, in the asker's own terms (a dialogue's key).
	For   string    `json:"for,omitempty"`
	Asked time.Time `json:"asked"`
}

// PutProbe asks for a probe.
func (tx *Tx) PutProbe(p Probe) {
	p.Asked = tx.Now
	tx.put("probe", p.ID, p)
}

// Awaits tells whether this very probe is still waited for: not ended, and not asked
// anew under the same ID.
func (tx *Tx) Awaits(p Probe) bool {
	now, ok := find[Probe](tx, "probe", p.ID)
	return ok && now.Kind == p.Kind && now.Asked.Equal(p.Asked) && bytes.Equal(now.Args, p.Args)
}

// EndProbe forgets a probe that ended; false when nobody waits for it any more.
func (tx *Tx) EndProbe(id string) (Probe, bool) {
	p, ok := find[Probe](tx, "probe", id)
	if ok {
		tx.del("probe", id)
	}
	return p, ok
}

// Probes lists what has not ended.
func (tx *Tx) Probes() []Probe {
	var out []Probe
	each(tx, "probe", "", "", func(_ string, p Probe) bool { out = append(out, p); return true })
	return out
}
