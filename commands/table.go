package commands

import (
	"cmp"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"time"

	"vigie/bot"
	"vigie/commands/alert"
	"vigie/commands/register"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
	"vigie/store/clock"
)

// Table is the bot's handler. It is used by the loop alone; a reload swaps what
// it was made of between two turns.
type Table struct {
	cfg   *Config
	words *words.Catalog
	lib   *runbooks.Library
	know  Understanding
	// policy is what tickets' clocks are reckoned by.
	policy clock.Policy
	// register is the members' register, those of "sites:" included.
	register *register.Register
	// short tells how many lines an answer may have on a network; 0 for any.
	short map[string]int
	table *table
	dues  map[string]func(*bot.Turn, store.Due) error
	flood map[string]*tally
	// taught is the search over what was taught too, as long as it does not change.
	taught taughtMind
	// plans are what the schedules say when.
	plans plans
	// changes marks which decisions of chat plans holds; see changedPlans.
	changes string
	// ruled, when not nil, is told each decision about an announcement; see Simulate.
	ruled func(Ruling)
	// fullTold is when staff were last told that nothing can be written.
	fullTold time.Time
	// activity is when people spoke where.
	activity activity
	// hooks read what monitors send, by name.
	hooks map[string]*alert.Source
	// lately is what was said in staff rooms.
	lately heardLately
	build  string
	// random gives what nobody may guess.
	random io.Reader
}

// Options is what a Table is made of.
type Options struct {
	Config Config
	// Content holds layers of runbooks, verdicts and FAQ, the shipped one first.
	Content []fs.FS
	// Library, when not nil, is what Content holds, loaded before: it is immutable,
	// and may be shared.
	Library *runbooks.Library
	// Words, when not nil, are all sentences, loaded before.
	Words *words.Catalog
	// Understand makes sense of sentences.
	Understand Understanding
	// ShortLines names the networks on which an answer is cut after Limits.Lines.
	ShortLines []string
	// Version is what "!apropos" and reports call this build.
	Version string
	// Random is where codes come from; nil: the system's.
	Random io.Reader
}

// New makes a Table, or says every mistake in what it is made of.
func New(o Options) (*Table, []error) {
	t := &Table{build: o.Version, random: cmp.Or[io.Reader](o.Random, rand.Reader), flood: map[string]*tally{}, activity: activity{}, dues: map[string]func(*bot.Turn, store.Due) error{}}
	errs := t.load(o)
	if len(errs) > 0 {
		return nil, errs
	}
	t.table = newTable(helpCommands(), personCommands(), ticketCommands(), runbookCommands(), faqCommands(), teachCommands(),
		incidentCommands(), journalCommands(), maintenanceCommands(), subscribeCommands(), oncallCommands(), statsCommands(), scheduleCommands(), meetingCommands(), campaignCommands(), adminCommands())
	t.onDue()
	return t, nil
}

// load reads everything that a reload reads again.
func (t *Table) load(o Options) []error {
	var errs []error
	cat := o.Words
	if cat == nil {
		var err error
		if cat, err = words.Load(); err != nil {
			return []error{err}
		}
	}
	lib := o.Library
	if lib == nil {
		if lib, errs = readLibrary(o); len(errs) > 0 {
			return errs
		}
	}
	o.Config.zone = o.Config.Location()
	t.cfg, t.words, t.lib, t.know = &o.Config, cat, lib.In(o.Config.Location()), o.Understand
	t.register = o.Config.registered()
	t.plans, t.changes = t.cfg.allPlans(), ""
	t.policy, _ = o.Config.clockPolicy() // Check has refused what is wrong in it
	t.hooks = o.Config.Alerts.sources()
	t.short = map[string]int{}
	for _, n := range o.ShortLines {
		t.short[n] = o.Config.Limits.Lines
	}
	return nil
}

// readLibrary loads the content, or says each of its errors.
func readLibrary(o Options) (*runbooks.Library, []error) {
	var errs []error
	lib, findings := runbooks.Load(o.Config.Host, o.Content...)
	for _, f := range findings {
		if f.Severity == runbooks.Error {
			errs = append(errs, errors.New(f.String()))
		}
	}
	return lib, errs
}

func (t *Table) lines(network string) int { return t.short[network] }

// detect is the language of a text, empty when it does not tell.
func (t *Table) detect(text string) string {
	if plainWords(text) < 2 { // names and numbers are of no language
		return ""
	}
	return t.know.Lang(text)
}
