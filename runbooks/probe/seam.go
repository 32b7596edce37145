package probe

import (
	"context"
	"encoding/json"
	"time"

	"vigie/runbooks"
)

// Batch is the JSON that Probe reads: requests by id, the time they may take, and
// the opaque key of the person who asked.
type Batch struct {
	Checks    map[string]runbooks.Request `json:"checks"`
	TimeoutMS int64                       `json:"timeout_ms,omitempty"`
	Who       string                      `json:"who,omitempty"`
}

// Result is the JSON that Probe writes: one report for each id of the batch. Error is
// set, for logs, when the batch could not be read at all.
type Result struct {
	Reports map[string]runbooks.Report `json:"reports"`
	Error   string                     `json:"error,omitempty"`
}

// maxBatch bounds the time that a batch may ask for.
const maxBatch = time.Minute

// Probe is Run behind bytes, the seam that the bot uses: args is a Batch, the answer
// a Result, both in JSON. kind is for the caller's own bookkeeping and is not looked
// at. It never panics, and always answers with valid JSON.
func (p *Prober) Probe(ctx context.Context, kind string, args []byte) []byte {
	_ = kind
	var batch Batch
	if err := json.Unmarshal(args, &batch); err != nil {
		return encode(Result{Reports: map[string]runbooks.Report{}, Error: "the batch is not valid JSON"})
	}
	timeout := time.Duration(batch.TimeoutMS) * time.Millisecond
	if batch.TimeoutMS <= 0 {
		timeout = p.set.Timeout + time.Second
	}
	if batch.TimeoutMS > maxBatch.Milliseconds() {
		timeout = maxBatch
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return encode(Result{Reports: p.Run(ctx, batch.Who, batch.Checks)})
}

func encode(r Result) []byte {
	out, err := json.Marshal(r)
	if err != nil {
		return []byte(`{"reports":{},"error":"the result cannot be written"}`)
	}
	return out
}
