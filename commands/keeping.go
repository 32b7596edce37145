package commands

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// Retention says how long each kind of thing is kept. Zero keeps it for ever.
type Retention struct {
	// Tickets is how long after its end what was said in a ticket is kept; the skeleton
	// that statistics need stays.
	Tickets time.Duration `yaml:"tickets"`
	// Deliveries are what became of messages, Audit the privileged acts.
	Deliveries time.Duration `yaml:"deliveries"`
	Audit      time.Duration `yaml:"audit"`
	// Memory is the answers given, that people may judge; Dialogs are talks that nobody
	// went on with.
	Memory  time.Duration `yaml:"memory"`
	Dialogs time.Duration `yaml:"dialogs"`
	// Anonymous is how long somebody without an account is remembered.
	Anonymous time.Duration `yaml:"anonymous"`
	// At is when, by night, all this is looked through.
	At string `yaml:"at"`
}

// Backup says where copies go and how long they are kept.
type Backup struct {
	// Folder holds the backups, Copies the readable tickets, a file each. Empty: folders
	// beside the store.
	Folder string `yaml:"folder"`
	Copies string `yaml:"copies"`
	// Every is how often a backup is made by itself, at the earliest; zero: never.
	Every time.Duration `yaml:"every"`
	// Keep is how long a backup is kept: whoever is erased is gone from all after that.
	Keep time.Duration `yaml:"keep"`
	// NoCopies makes no readable copies.
	NoCopies bool `yaml:"no_copies"`
}

const day = 24 * time.Hour

func defaultRetention() Retention {
	return Retention{Tickets: 3 * 365 * day, Deliveries: 90 * day, Audit: 365 * day, Memory: 30 * day, Dialogs: 90 * day, Anonymous: 365 * day, At: "03:30"}
}

func defaultBackup() Backup { return Backup{Every: day, Keep: 30 * day} }

func (c *Config) checkKeeping() []Problem {
	var p []Problem
	r := c.Retention
	if _, err := time.Parse("15:04", r.At); err != nil {
		p = append(p, Problem{"retention.at", fmt.Sprintf("%q is no hour", r.At), `write at: "03:30"`})
	}
	if min(r.Tickets, r.Deliveries, r.Audit, r.Memory, r.Dialogs, r.Anonymous) < 0 {
		p = append(p, Problem{"retention", "a length of time is below zero", "write 8760h for a year, or 0s for ever"})
	}
	if c.Backup.Keep < day || c.Backup.Every < 0 {
		p = append(p, Problem{"backup", "keep is below a day, or every below zero", "write every: 24h, keep: 720h"})
	}
	return p
}

// Probes that package commands asks for and the program answers, with a Kept.
const (
	ProbeCompact = "compact" // write the store anew without deleted bytes
	ProbeBackup  = "backup"  // write a backup, and drop those that are too old
	ProbeCopies  = "copies"  // write the readable copies of tickets anew
)

// Kept is the report of such a probe.
type Kept struct {
	// File is what was written, Bytes its size, Dropped how many old ones went.
	File    string `json:"file,omitempty"`
	Bytes   int64  `json:"bytes,omitempty"`
	Dropped int    `json:"dropped,omitempty"`
	Error   string `json:"error,omitempty"`
}

const (
	dueNightly   = "nightly"
	dueRetention = "retention" // key: what is to be looked through, and from where
	dueErase     = "erase"     // key: opaque ids, and the ticket to go on with
	dueCompact   = "compact"
	// perTurn bounds how many tickets one turn looks through, stripPerTurn how many it rewrites.
	perTurn, stripPerTurn = 500, 20
)

// planNightly sets the next night, if none is set.
func (t *Table) planNightly(turn *bot.Turn) {
	if _, set := turn.Tx.DueAt(dueNightly, "all"); !set {
		turn.Tx.SetDue(dueNightly, "all", t.nextNight(turn.Now))
	}
}

// nextNight is the next time that the clock on the wall shows the hour.
func (t *Table) nextNight(now time.Time) time.Time {
	h, _ := time.Parse("15:04", t.cfg.Retention.At)
	local := now.In(t.cfg.Location())
	for d := 0; ; d++ {
		if at := time.Date(local.Year(), local.Month(), local.Day()+d, h.Hour(), h.Minute(), 0, 0, t.cfg.Location()); at.After(now) {
			return at
		}
	}
}

// nightlyDue forgets what is old, and has the copies made.
func (t *Table) nightlyDue(turn *bot.Turn, _ store.Due) error {
	r, before := t.cfg.Retention, func(d time.Duration) time.Time {
		if d <= 0 {
			return time.Time{}
		}
		return turn.Now.Add(-d)
	}
	turn.Tx.PrunePasses()
	turn.Tx.PruneGiven(before(r.Memory))
	turn.Tx.PruneDialogs(before(r.Dialogs))
	turn.Tx.PruneAudit(before(r.Audit))
	turn.Tx.SetDue(dueRetention, "1", turn.Now)
	if b := t.cfg.Backup; b.Every > 0 {
		last, _ := time.Parse(time.RFC3339, turn.Tx.Note("backup-last"))
		if turn.Now.Sub(last) >= b.Every-time.Hour {
			turn.Tx.SetNote("backup-last", turn.Now.Format(time.RFC3339))
			if err := turn.Probe(ProbeBackup+"/nightly", ProbeBackup, "", nil); err != nil {
				return err
			}
		}
	}
	t.planNightly(turn)
	return nil
}

// retentionDue strips old tickets, a bounded number a turn; the last turn forgets old
// deliveries and strangers, and has everything that keeps bytes written anew.
func (t *Table) retentionDue(turn *bot.Turn, d store.Due) error {
	first, _ := strconv.Atoi(d.Key)
	r, stripped := t.cfg.Retention, 0
	if r.Tickets > 0 && first > 0 {
		stale, next := turn.Tx.StaleTickets(turn.Now.Add(-r.Tickets), first, perTurn)
		for _, n := range stale {
			if stripped == stripPerTurn {
				next = n
				break
			}
			turn.Tx.StripTicket(n, nil)
			stripped++
		}
		if stripped > 0 {
			turn.Tx.SetNote("retention-stripped", "yes")
		}
		if next > 0 {
			turn.Tx.SetDue(dueRetention, strconv.Itoa(next), turn.Now.Add(time.Second))
			return nil
		}
	}
	gone := 0
	if r.Deliveries > 0 {
		gone += turn.Tx.PruneDeliveries(turn.Now.Add(-r.Deliveries), perTurn)
	}
	if r.Anonymous > 0 {
		gone += turn.Tx.PruneStrangers(turn.Now.Add(-r.Anonymous), stripPerTurn)
	}
	if gone >= stripPerTurn { // there may be more
		turn.Tx.SetDue(dueRetention, "0", turn.Now.Add(time.Second))
		return nil
	}
	if turn.Tx.Note("retention-stripped") != "" || gone > 0 {
		turn.Tx.SetNote("retention-stripped", "")
		return t.rewrite(turn)
	}
	return t.copyTickets(turn)
}

// eraseDue goes on with what somebody who was erased did in others' tickets.
func (t *Table) eraseDue(turn *bot.Turn, d store.Due) error {
	ids, from, _ := strings.Cut(d.Key, "@")
	first, _ := strconv.Atoi(from)
	if next := turn.Tx.EraseActs(strings.Split(ids, ","), first, perTurn); next > 0 {
		turn.Tx.SetDue(dueErase, ids+"@"+strconv.Itoa(next), turn.Now.Add(time.Second))
		return nil
	}
	// Soon, and again once what was on its way has arrived or has lost its use.
	turn.Tx.SetDue(dueCompact, "soon", turn.Now.Add(3*time.Second))
	turn.Tx.SetDue(dueCompact, "again", turn.Now.Add(farewell+time.Minute))
	return nil
}

func (t *Table) compactDue(turn *bot.Turn, _ store.Due) error { return t.rewrite(turn) }

// rewrite has the store and the copies of it written anew.
func (t *Table) rewrite(turn *bot.Turn) error {
	if err := turn.Probe(ProbeCompact, ProbeCompact, "", nil); err != nil {
		return err
	}
	return t.copyTickets(turn)
}

func (t *Table) copyTickets(turn *bot.Turn) error {
	if t.cfg.Backup.NoCopies {
		return nil
	}
	return turn.Probe(ProbeCopies, ProbeCopies, "", nil)
}

// backup makes a backup now.
func backup(c *Call) error {
	c.Tx.Audit(c.Person().ID, "backup", "", c.RoomName)
	owner, err := json.Marshal(c.Msg.Room)
	if err != nil {
		return fmt.Errorf("keep who asked: %w", err)
	}
	c.SayID("keeping.backup_begun", nil)
	return c.Probe(ProbeBackup+"/asked", ProbeBackup, string(owner), nil)
}

// kept tells whoever asked for a backup what became of it, and the staff rooms what
// went wrong by itself. It tells whether the probe was one of these.
func (t *Table) kept(turn *bot.Turn, e bot.Found) bool {
	switch e.Probe.Kind {
	case ProbeCompact, ProbeBackup, ProbeCopies:
	default:
		return false
	}
	k := Kept{Error: "no report"}
	if len(e.Report) > 0 {
		k = Kept{}
		if err := json.Unmarshal(e.Report, &k); err != nil {
			k.Error = err.Error()
		}
	}
	id, args := "keeping."+e.Probe.Kind+"_done", words.Args{"File": chat.Plain(k.File, 200), "Size": strconv.FormatInt((k.Bytes+1023)>>10, 10), "Days": t.backupDays()}
	if k.Error != "" {
		id, args = "keeping."+e.Probe.Kind+"_failed", words.Args{"Error": chat.Plain(k.Error, 300)}
		turn.Log.Error("keeping failed", "what", e.Probe.Kind, "err", k.Error)
	}
	var room chat.Room
	switch {
	case e.Probe.Kind == ProbeBackup && json.Unmarshal([]byte(e.Probe.For), &room) == nil && room.Network != "":
		turn.Say(chat.Reply{Room: room, Text: t.words.Say(t.cfg.Language, id, args), Secret: true, Priority: chat.Urgent})
	case k.Error != "":
		t.staffSay(turn, "keeping-"+e.Probe.Kind+"-"+turn.Now.Format(time.DateOnly), t.words.Say(t.cfg.Language, id, args), false)
	}
	return true
}

// backupDays is how long a backup may still hold what was erased, in days.
func (t *Table) backupDays() int { return int((t.cfg.Backup.Keep + day - 1) / day) }
