package irc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// session is one connection. Everything below out belongs to the loop alone.
type session struct {
	t       *Transport
	cfg     *Config
	log     *slog.Logger
	ctx     context.Context
	conn    net.Conn
	server  Server
	lines   chan *girc.Event
	readErr error // set before lines is closed
	out     chan []byte
	wrote   chan error
	jobs    chan *job
	done    chan struct{}

	handlers map[string]func(*girc.Event) error
	reg      registration
	caps     map[string]bool // switched on
	sup      isupport
	me       person
	people   people
	rooms    map[string]*room
	direct   *room // stands for all private conversations, as far as their past is concerned
	batches  map[string]*batch
	asks     []*ask
	looks    map[string]*look     // by folded target, for replies that may have arrived
	doubts   map[string]time.Time // keys of replies whose outcome on this link is unknown
	whois    map[string]*whois
	awaited  []*person         // whom WHOIS is to vouch for
	seenAs   map[string]string // folded account → nick last seen in private
	nick     wrongNick
	ctcp     bucket

	queue    queue
	now      *job   // being written
	flying   []*job // written, at least in part, without an outcome
	urgent   []byte // protocol lines that wait for nothing
	chores   [][]byte
	chored   bool // the last thing written was a chore
	writing  bool
	bucket   bucket
	seq      uint64
	lastRead time.Time
	pinged   time.Time // zero when no answer is awaited
	welcomed time.Time // by the server's clock
	closing  error     // what the server said with ERROR
	upSaid   bool
	skewSaid bool
	early    []*girc.Event // own joins seen before the welcome was complete
}

// connect makes one connection and stays until it is lost or ctx ends.
func (t *Transport) connect(ctx context.Context, server Server) error {
	conn, err := t.dial(ctx, server)
	if err != nil {
		return err
	}
	s := newSession(ctx, t, conn)
	s.server = server
	var wg sync.WaitGroup
	wg.Go(s.read)
	wg.Go(s.write)
	err = s.loop()
	t.setLive(nil)
	conn.Close()
	close(s.done)
	close(s.out)
	wg.Wait()
	s.settle()
	return err
}

func newSession(ctx context.Context, t *Transport, conn net.Conn) *session {
	now := time.Now()
	s := &session{
		t: t, cfg: &t.cfg, log: t.log, ctx: ctx, conn: conn,
		lines: make(chan *girc.Event, 256), out: make(chan []byte, 1), wrote: make(chan error, 1),
		jobs: make(chan *job), done: make(chan struct{}),
		caps: map[string]bool{}, sup: newISupport(), people: people{}, rooms: map[string]*room{},
		direct: &room{state: inside}, looks: map[string]*look{}, doubts: map[string]time.Time{},
		batches: map[string]*batch{}, whois: map[string]*whois{}, seenAs: map[string]string{}, queue: queue{lanes: map[string]*lane{}},
		bucket: newBucket(float64(t.cfg.Burst), t.speed.now, now), ctcp: newBucket(3, 0.1, now),
		lastRead: now,
	}
	s.reg = registration{deadline: now.Add(t.cfg.RegisterTimeout), offered: map[string]string{}, pending: map[string]bool{}}
	s.handlers = s.table()
	return s
}

// read feeds the loop.
func (s *session) read() {
	err := readLines(s.conn, func(e *girc.Event) bool {
		select {
		case s.lines <- e:
			return true
		case <-s.done:
			return false
		}
	})
	s.readErr = err
	close(s.lines)
}

// write writes what the loop hands over, and reports each time.
func (s *session) write() {
	for buf := range s.out {
		err := s.conn.SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
		if err == nil {
			_, err = s.conn.Write(buf)
		}
		s.wrote <- err
	}
}

// loop owns the session until the link is of no more use.
func (s *session) loop() error {
	s.hello()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-s.ctx.Done():
			s.quit()
			return s.ctx.Err()
		case e, ok := <-s.lines:
			if !ok {
				return s.lost(s.readErr)
			}
			s.lastRead, s.pinged = time.Now(), time.Time{}
			err = s.handle(e)
		case j := <-s.jobs:
			s.queue.add(j)
		case err = <-s.wrote:
			s.writing = false
			if err != nil {
				return s.lastWords(fmt.Errorf("writing: %w", err))
			}
			s.written()
		case <-s.pump(time.Now()):
		case now := <-tick.C:
			err = s.tick(now)
		}
		if err != nil {
			return err
		}
	}
}

// handle takes one line from the server.
func (s *session) handle(e *girc.Event) error {
	if ref, ok := tag(e, "batch"); ok && e.Command != "BATCH" && s.swallow(ref, e) {
		return nil
	}
	if h := s.handlers[e.Command]; h != nil {
		return h(e)
	}
	if len(e.Command) == 3 && (e.Command[0] == '4' || e.Command[0] == '5') {
		s.refusal(e)
	}
	return nil
}

// lastWords looks for an ERROR among what the server had still said when
// writing to it failed.
func (s *session) lastWords(err error) error {
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
	for {
		select {
		case e, ok := <-s.lines:
			if !ok {
				return s.lost(err)
			}
			if e.Command == "ERROR" {
				return s.onError(e)
			}
		case <-limit.C:
			return s.lost(err)
		}
	}
}

// lost says why the link ended, best in the server's own words.
func (s *session) lost(err error) error {
	if s.closing != nil {
		return s.closing
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("the server closed the link")
	}
	return err
}

// tick looks at everything that time changes, once a second.
func (s *session) tick(now time.Time) error {
	if !s.reg.done {
		if err := s.tickIdentify(now); err != nil {
			return err
		}
		if now.After(s.reg.deadline) {
			return fmt.Errorf("the server did not let the bot in within %v", s.cfg.RegisterTimeout)
		}
		return nil
	}
	switch {
	case !s.pinged.IsZero() && now.Sub(s.pinged) >= s.cfg.PingTimeout:
		return fmt.Errorf("the server has been silent for %v", now.Sub(s.lastRead).Round(time.Second))
	case s.pinged.IsZero() && now.Sub(s.lastRead) >= s.cfg.PingEvery:
		s.pinged = now
		s.soon("PING", "watch")
	}
	s.t.speed.climb(now)
	s.bucket.rate = s.t.speed.now
	s.tickProofs(now)
	s.tickAsks(now)
	s.tickRooms(now)
	s.tickNick(now)
	s.tickWhois(now)
	s.tickVouch(now)
	s.tickLooks(now)
	return nil
}

// soon queues a protocol line that waits for nothing.
func (s *session) soon(name string, params ...string) {
	line, err := command(name, params...)
	if err != nil {
		s.log.Error("irc: a line cannot be written", "error", err)
		return
	}
	if len(s.urgent) > maxUrgent {
		return // a server that asks without listening will be noticed as dead
	}
	s.urgent = append(s.urgent, line...)
}

// chore queues a protocol line that waits its turn.
func (s *session) chore(name string, params ...string) {
	line, err := command(name, params...)
	if err != nil {
		s.log.Error("irc: a line cannot be written", "error", err)
		return
	}
	s.addChore(line)
}

// addChore queues a whole line, unless the server makes the bot write more than
// makes sense.
func (s *session) addChore(line []byte) {
	if len(s.chores) < maxChores {
		s.chores = append(s.chores, line)
	}
}

const (
	maxUrgent = 64 << 10 // bytes
	maxChores = 1000     // lines
)

// quit takes leave, within two seconds.
func (s *session) quit() {
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
	if s.writing {
		select {
		case <-s.wrote:
		case <-limit.C:
			return
		}
	}
	s.out <- []byte("QUIT :à bientôt\r\n")
	select {
	case <-s.wrote:
	case <-limit.C:
		return
	}
	limit.Reset(time.Second)
	for {
		select {
		case _, ok := <-s.lines:
			if !ok {
				return
			}
		case <-limit.C:
			return
		}
	}
}

// settle answers everybody who still waits for this session, when its loop is over.
func (s *session) settle() {
	down := fmt.Errorf("irc %s: %w", s.cfg.Name, chat.ErrDown)
	for j := range s.queue.all() {
		j.answer(down)
	}
	unknown := fmt.Errorf("the link was lost before the proof came: %w", chat.ErrUnknown)
	for len(s.flying) > 0 {
		s.conclude(s.flying[0], "", unknown)
	}
	if s.now != nil {
		s.now.answer(down)
	}
}

// deliver hands in to the bot, in order.
func (s *session) deliver(in chat.Inbound) { s.t.inbox.push(s.ctx, in) }
