package irc

import (
	"iter"
	"sync/atomic"
	"time"

	"vigie/bot/chat"
)

// job is one Reply on its way.
type job struct {
	reply  chat.Reply
	result chan error // takes what Send returns, once
	state  atomic.Int32

	answered bool // result was given
	target   string
	verb     string
	lines    []line
	next     int // line to write
	ping     string
	deadline time.Time // for the proof; zero until all is written
	batched  bool      // the lines make one message, where the server has draft/multiline
}

// line is one line of a job, as it was or will be written.
type line struct {
	text, label string
	proof       string
	concat      bool // goes on with the line before, whose end is not an end of line
}

// The states of a job: whoever leaves waiting first decides.
const (
	waiting int32 = iota
	taken         // by the loop: it will be written
	dropped       // by the caller: its context ended
)

func newJob(r chat.Reply) *job { return &job{reply: r, result: make(chan error, 1)} }

// cancel takes the job back, and tells whether it was in time.
func (j *job) cancel() bool { return j.state.CompareAndSwap(waiting, dropped) }

// take makes the job the loop's; false when the caller has left.
func (j *job) take() bool {
	return j.state.Load() == taken || j.state.CompareAndSwap(waiting, taken)
}

// answer gives Send its result; only the first counts.
func (j *job) answer(err error) {
	if !j.answered {
		j.answered = true
		j.result <- err
	}
}

// ageAfter is how often a room is passed over before it counts as more urgent.
const ageAfter = 3

// lane holds the jobs of one room, in order.
type lane struct {
	jobs   []*job
	served uint64
	passed int // how often others went first while this could have been written
}

// queue holds what waits to be said. Among rooms the more urgent goes first,
// and at equal urgency the room that was served longest ago; in a room nothing
// overtakes. A room that is passed over grows more urgent, a class every
// ageAfter times: members who talk without end must not keep announcements back.
type queue struct {
	lanes map[string]*lane
	turn  uint64
}

func (q *queue) add(j *job) {
	key := j.reply.Room.String()
	l := q.lanes[key]
	if l == nil {
		q.turn++
		l = &lane{served: q.turn}
		q.lanes[key] = l
	}
	l.jobs = append(l.jobs, j)
}

// pick takes out the job to write next: the best among the rooms' first jobs
// that ready says yes to. ready may also answer a job and have it dropped.
func (q *queue) pick(ready func(*job) verdict) *job {
	var best *lane
	var bestKey string
	var able []*lane
	for key, l := range q.lanes {
		v := hold
		for len(l.jobs) > 0 {
			if v = ready(l.jobs[0]); v != drop {
				break
			}
			l.jobs = l.jobs[1:]
		}
		if len(l.jobs) == 0 {
			delete(q.lanes, key)
			continue
		}
		if v != writable {
			continue
		}
		able = append(able, l)
		if best == nil || before(l, best) {
			best, bestKey = l, key
		}
	}
	if best == nil {
		return nil
	}
	for _, l := range able {
		l.passed++
	}
	best.passed = 0
	j := best.jobs[0]
	best.jobs = best.jobs[1:]
	q.turn++
	if best.served = q.turn; len(best.jobs) == 0 {
		delete(q.lanes, bestKey)
	}
	return j
}

func before(a, b *lane) bool {
	if ra, rb := a.rank(), b.rank(); ra != rb {
		return ra < rb
	}
	return a.served < b.served
}

// rank orders rooms, the lowest first.
func (l *lane) rank() int { return int(l.jobs[0].reply.Priority) - l.passed/ageAfter }

// all lists every job that waits.
func (q *queue) all() iter.Seq[*job] {
	return func(yield func(*job) bool) {
		for _, l := range q.lanes {
			for _, j := range l.jobs {
				if !yield(j) {
					return
				}
			}
		}
	}
}

// verdict says what can be done with a job now.
type verdict uint8

const (
	hold     verdict = iota // something it needs is not known yet
	writable                // it can be written
	drop                    // it has been answered
)

// bucket is a token bucket: a line costs a token.
type bucket struct {
	size, rate, tokens float64
	last               time.Time
}

func newBucket(size, rate float64, now time.Time) bucket {
	return bucket{size: size, rate: rate, tokens: size, last: now}
}

// wait is how long until a line may be written; zero for now.
func (b *bucket) wait(now time.Time) time.Duration {
	b.tokens = min(b.size, b.tokens+b.rate*max(now.Sub(b.last), 0).Seconds())
	b.last = now
	if b.tokens >= 1 {
		return 0
	}
	return time.Duration((1-b.tokens)/b.rate*float64(time.Second)) + time.Millisecond
}

// spend takes n tokens, which may leave a debt of one bucket at most.
func (b *bucket) spend(n float64) { b.tokens = max(b.tokens-n, -b.size) }
