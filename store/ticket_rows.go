package store

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
)

// The events of a ticket that goes on are rows of their own, "NUMBER/SEQ". Those of a ticket that
// is over are packed in one row, "NUMBER/0": most tickets of a store are over, and nearly all
// that their events say they say twenty times. Reopened, it gets rows of its own again behind the
// packed one.

const ticketEvent = "ticket-event"

func packKey(n int) string { return num(n) + "/" + num(0) }

// TicketEvents is all that happened to a ticket, in order.
func (tx *Tx) TicketEvents(n int) []TicketEvent {
	var out []TicketEvent
	tx.scan(ticketEvent, num(n)+"/", "", func(key string, raw []byte) bool {
		if key == packKey(n) {
			events, err := unpackEvents(raw)
			if err != nil {
				tx.fail(fmt.Errorf("read the events of ticket %d: %w", n, err))
			}
			out = events
			return tx.err == nil
		}
		var e TicketEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			tx.fail(fmt.Errorf("read %s of ticket events: %w", key, err))
			return false
		}
		out = append(out, e)
		return true
	})
	return out
}

// putTicket writes a ticket with its newest event.
func (tx *Tx) putTicket(t Ticket, e TicketEvent) {
	if !t.Active() {
		tx.putEvents(t, append(tx.TicketEvents(t.N), e))
		return
	}
	tx.putState(t)
	tx.put(ticketEvent, num(t.N)+"/"+num(e.Seq), e)
}

// putEvents writes a ticket with all its events, in the place of those that were there.
func (tx *Tx) putEvents(t Ticket, events []TicketEvent) {
	tx.putState(t)
	tx.scan(ticketEvent, num(t.N)+"/", "", func(key string, _ []byte) bool { tx.del(ticketEvent, key); return true })
	if t.Active() {
		for _, e := range events {
			tx.put(ticketEvent, num(t.N)+"/"+num(e.Seq), e)
		}
		return
	}
	raw, err := (&packer{}).pack(events)
	tx.fail(err)
	tx.writes.set(ticketEvent, packKey(t.N), raw)
}

func (tx *Tx) putState(t Ticket) {
	tx.put("ticket", num(t.N), t)
	switch listed := tx.raw("ticket-active", num(t.N)) != nil; {
	case t.Active() && !listed:
		tx.put("ticket-active", num(t.N), t.N)
	case !t.Active() && listed:
		tx.del("ticket-active", num(t.N))
	}
}

// packed1 is the first byte of a row of packed events: what follows is a JSON array, deflated with
// packWords known beforehand.
const packed1 = 1

// packWords is what every packed row would have to say again.
const packWords = `"}]{"seq":1,"at":"2026-01-0T0:Z","act":"redact"private"tag","text":"edit","to":"subject"release"assign"wait"wake"reopen"reject"thank"note","opening":{"subject":"",` +
	`"kind":"request"question"outage","service":"mail"web","site":"","association":"","requester":"p0000000","lang":"en"fr","private":true,"priority":"high"normal",` +
	`"origin":{"network":"matrix"irc","id":"#support","account":"@"}}},{"seq":2,"at":"2026-11-2T1:0:Z","act":"take"solve"close"say"reply","by":"p0000000","room":"irc/#support","room":"matrix/!",` +
	`"ref":"irc/","ref":"matrix/$","text":"`

// packer packs the events of tickets; it may be used for many, one after the other.
type packer struct {
	w   *flate.Writer
	out bytes.Buffer
}

func (p *packer) pack(events []TicketEvent) ([]byte, error) {
	raw, err := json.Marshal(events)
	if err != nil {
		return nil, fmt.Errorf("pack events: %w", err)
	}
	p.out.Reset()
	p.out.WriteByte(packed1)
	if p.w == nil {
		p.w, err = flate.NewWriterDict(&p.out, flate.DefaultCompression, []byte(packWords))
	} else {
		p.w.Reset(&p.out)
	}
	if err != nil {
		return nil, fmt.Errorf("pack events: %w", err)
	}
	if _, err := p.w.Write(raw); err != nil {
		return nil, fmt.Errorf("pack events: %w", err)
	}
	if err := p.w.Close(); err != nil {
		return nil, fmt.Errorf("pack events: %w", err)
	}
	return bytes.Clone(p.out.Bytes()), nil
}

func unpackEvents(raw []byte) ([]TicketEvent, error) {
	if len(raw) == 0 || raw[0] != packed1 {
		return nil, errors.New("packed in a way that is not known")
	}
	var events []TicketEvent
	text, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(raw[1:]), []byte(packWords)))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if err := json.Unmarshal(text, &events); err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return events, nil
}

// A message's row among "ticket-ref" has a hash for its key: networks' ids are long. Whoever finds a
// ticket by it looks for the message itself in the ticket's events.
func refKey(ref string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, ref)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (tx *Tx) putRef(e TicketEvent, n int) {
	if e.Ref != "" && (e.Text != "" || len(e.Files) > 0) && e.Act != ActEdit {
		tx.put("ticket-ref", refKey(e.Ref), n)
	}
}

func (tx *Tx) delRef(ref string) {
	tx.del("ticket-ref", refKey(ref))
	if strings.Contains(ref, "/") {
		tx.del("ticket-ref", ref)
	}
}

// TicketByRef finds the ticket that a message ("network/id") went into.
func (tx *Tx) TicketByRef(ref string) (int, bool) {
	if n, ok := find[int](tx, "ticket-ref", refKey(ref)); ok {
		return n, true
	}
	return find[int](tx, "ticket-ref", ref) // as an earlier version wrote it
}
