// Program bench measures the whole bot: how long a member waits for the answer to "!etat" in private, on a real IRC server,
// beside two raw sockets that echo each other on the same server in the same minute. The ratio is what the bot costs; it is
// printed and never asserted, for it depends on the machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"vigie/cmd/lab/servers"
)

// pace is the time between two questions. A client that is silent for two seconds may say five lines at once on this server;
// one that is not says two a second, and the measure would be of the server's brake.
const pace = 2100 * time.Millisecond

func main() {
	vigie := flag.String("vigie", "", "the bot's binary")
	n := flag.Int("n", 24, "how many questions; one takes 2.1 s")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Duration(*n)*pace)
	err := measure(ctx, *vigie, *n)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, vigie string, n int) (err error) {
	lab, err := servers.Start(ctx, servers.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if closing := lab.Close(); err == nil {
			err = closing
		}
	}()
	if err := lab.Matrix.Stop(); err != nil { // only in the way here
		return err
	}
	bot, err := startBot(ctx, lab, vigie)
	if err != nil {
		return err
	}
	defer bot.Stop()
	asker, err := dial(ctx, lab.IRC.Addr, "asker")
	if err != nil {
		return err
	}
	defer asker.Close()
	echo, err := dial(ctx, lab.IRC.Addr, "echo")
	if err != nil {
		return err
	}
	defer echo.Close()
	go echo.repeat()
	first, err := asker.greet(ctx, servers.Bot)
	if err != nil {
		return err
	}
	var raw, whole []time.Duration
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for range n {
		<-tick.C
		text := fmt.Sprintf("%d", time.Now().UnixNano())
		took, err := asker.ask(ctx, echo.nick, text, text)
		if err != nil {
			return err
		}
		raw = append(raw, took)
		if took, err = asker.ask(ctx, servers.Bot, question, first); err != nil {
			return err
		}
		whole = append(whole, took)
	}
	report(os.Stdout, raw, whole)
	return nil
}
