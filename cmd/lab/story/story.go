// Package story plays the story that Vigie exists for, from a member's question to the end of an outage, with the real
// program, a real IRC server, a real Matrix homeserver, and real clients; and kills the program on the way.
//
// Open sets the stage, Gather brings the people, Play plays the eight acts and checks what everybody reads. The acts are in
// acts.go and outage.go, in the order of the story.
package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

// patience is how long one step may take: far more than it does, for a machine that is busy.
const patience = time.Minute

// An act is one step of the story. Its point is that of the story's description.
type act struct {
	point int
	what  string
	play  func(context.Context) error
}

// A Player plays the story on a stage.
type Player struct {
	*Cast
	stage  *Stage
	screen *Screen

	// root is the message that starts the thread of each ticket; proposal the one that proposes an incident.
	root     map[int]id.EventID
	proposal id.EventID
	// ticket is each member's ticket.
	ticket map[string]int
}

// Play plays the story to its end. The error names the step that did not happen.
func Play(ctx context.Context, stage *Stage, cast *Cast, screen *Screen) error {
	p := &Player{Cast: cast, stage: stage, screen: screen, root: map[int]id.EventID{}, ticket: map[string]int{}}
	last := -1
	for _, a := range p.acts() {
		if a.point != last {
			screen.Note("\n═══ %d · %s", a.point, titles[a.point])
			last = a.point
		}
		begin := time.Now()
		actx, cancel := context.WithTimeout(ctx, patience)
		err := a.play(actx)
		if err != nil && ctx.Err() == nil && !stage.Bot.Running() {
			err = errors.Join(err, fmt.Errorf("the bot has ended by itself; see %s", stage.Bot.LogFile))
		}
		cancel()
		if err != nil {
			screen.Note("  ✘ %s", a.what)
			if ctx.Err() == nil && stage.keeps {
				err = errors.Join(err, stage.autopsy())
			}
			return fmt.Errorf("point %d, %q did not happen: %w", a.point, a.what, err)
		}
		screen.Note("  ✔ %s (%.1f s)", a.what, time.Since(begin).Seconds())
	}
	return nil
}

// titles are those of the points; 0 is what comes before the story.
var titles = [...]string{
	"Les trois coups — before the curtain",
	"Une question — a question",
	"De vraies vérifications — real checks",
	"Un ticket, pris par une adminsys — a ticket, taken",
	"La réponse revient sur IRC — the answer comes back",
	"D'autres signalent la même panne — one incident out of four tickets",
	"L'appel à don attend — the donation call is held",
	"C'est réparé — it is repaired",
	"Tout est là, rien deux fois — all is there, nothing twice",
}

func (p *Player) acts() []act {
	return []act{
		{0, "le bot est dans tous ses salons", p.AwaitBot},
		{0, "jean et awa acceptent la charte en privé", p.charter},
		{1, "claire pose sa question, Vigie demande l'adresse", p.question},
		{2, "Vigie teste vraiment et dit ce qu'elle trouve ; le ticket #1 s'ouvre", p.diagnosis},
		{3, "les adminsys voient un fil, chiffré", p.thread},
		{3, "jean prend le ticket, claire l'apprend", p.take},
		{4, "claire lit sur IRC la réponse écrite dans le fil", p.answer},
		{4, "absente, elle lit la suivante à son retour", p.away},
		{5, "marc, ines et paul signalent la même chose ; le bot est tué en plein dialogue", p.others},
		{5, "un incident est proposé, avec les quatre tickets", p.proposed},
		{5, "jean confirme, le bot est tué aussitôt ; tous les salons le disent, une fois", p.confirm},
		{5, "le sujet, la page, son flux et son JSON le disent", p.published},
		{5, "Vigie relance jean à l'heure dite", p.nag},
		{6, "l'appel à don est retenu, et les adminsys savent pourquoi", p.held},
		{7, "la panne est résolue, le bot est tué aussitôt ; les quatre membres sont prévenus", p.resolved},
		{7, "oui ferme, non rouvre", p.replies},
		{7, "le sujet est remis, puis l'appel à don part", p.afterwards},
		{8, "tous les tickets sont là", p.allThere},
		{8, "aucune annonce n'a été dite deux fois", p.once},
	}
}

// Options say how the story is told.
type Options struct {
	Stage StageOptions
	// Once ends with the story; otherwise everything stays up until ctx ends.
	Once bool
	Out  io.Writer
}

// Tell sets the stage, plays the story and, unless it is to be told once only, stays up and says how to join.
func Tell(ctx context.Context, opts Options) (err error) {
	screen := NewScreen(opts.Out)
	defer func() { err = errors.Join(err, screen.Close()) }()
	screen.Note("Un serveur IRC, un serveur Matrix, un petit Internet et le bot démarrent, sur cette machine seulement…")
	stage, err := Open(ctx, opts.Stage)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	if err := stage.Trouble(world.CertExpired); err != nil {
		return err
	}
	screen.Note("Durées de la démonstration : prochaine info %v après chaque annonce (en vrai 30 min), appel à don %v après la fin d'une panne (en vrai 72 h),\nnouvel essai %v (en vrai 1 h). Configuration : %s",
		stage.Pace.NextNews, stage.Pace.AfterIncident, stage.Pace.Retry, stage.Config)
	cast, err := Gather(ctx, stage)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cast.Close()) }()
	cast.Show(screen)
	begin := time.Now()
	if err := Play(ctx, stage, cast, screen); err != nil {
		return err
	}
	screen.Note("\nL'histoire est jouée en entier : %.0f s.", time.Since(begin).Seconds())
	if opts.Once {
		return nil
	}
	screen.Note("%s", stage.howToJoin())
	<-ctx.Done()
	return nil
}

// Show has a screen show what the cast reads.
func (c *Cast) Show(screen *Screen) {
	screen.WatchIRC(c.Watcher, true)
	for _, m := range c.Members {
		screen.WatchIRC(m, false)
	}
	screen.WatchMatrix(c.Jean, map[id.RoomID]string{c.Support: "#support", c.Adminsys: "#adminsys", c.Annonces: "#annonces"})
}

// kill ends the bot as a power cut would, and starts it again on the same files.
func (p *Player) kill(ctx context.Context, when string) error {
	p.screen.Note("  ⚡ kill -9 du bot, %s", when)
	if err := p.stage.Bot.Kill(); err != nil {
		return err
	}
	return p.stage.Bot.Start(ctx)
}

// fromBot matches what the bot says on IRC.
func fromBot(target, words string) func(clients.IRCLine) bool {
	return clients.Said(servers.Bot, target, words)
}

// onMatrix matches what the bot says in a Matrix room.
func onMatrix(room id.RoomID, words string) func(clients.MatrixEvent) bool {
	return clients.Wrote(servers.Bot, room, words)
}

// eventually tries until do succeeds or ctx ends, and then returns its last error.
func eventually(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
