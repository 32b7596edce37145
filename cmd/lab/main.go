// Program lab runs, on loopback, everything that Vigie talks to: an IRC server and a Matrix homeserver, both real, and the
// part of the Internet that its checks see. It is a module of its own, so that the weight of the servers never reaches the
// product, and it holds no product logic.
//
//	lab up       starts it all, says how to join, and stays until Ctrl-C
//	lab story    plays the whole story with the real bot, prints it, and stays until Ctrl-C (-once: ends with it)
//
// The packages below it are for tests and demonstrations: servers runs the servers, clients drives people on them, world
// is the Internet, pki their certificates, labtest starts a lab for a test, story is the story, e2e the end-to-end tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

const usage = `lab up [-dir DIR] [-bin DIR] [-keep] [-rate-limit]
       lab story [-once] [-vigie PROGRAM] [-dir DIR] [-bin DIR] [-keep]

"up" starts an IRC server, a Matrix homeserver, and the sites, name servers and mail servers
that Vigie's checks see, all on this machine only, and stays until Ctrl-C.
"story" starts the bot too, plays its whole story with real clients, and stays unless -once is given`

// errUsage is the answer to a command line that means nothing.
var errUsage = errors.New("usage: " + usage)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	switch {
	case len(args) > 0 && args[0] == "story":
		return tell(ctx, args[1:], out)
	case len(args) == 0 || args[0] != "up":
		return errUsage
	}
	var opts servers.Options
	flags := flag.NewFlagSet("lab up", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opts.Dir, "dir", "", "")
	flags.StringVar(&opts.BinDir, "bin", "", "")
	flags.BoolVar(&opts.Keep, "keep", false, "")
	flags.BoolVar(&opts.RateLimit, "rate-limit", false, "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	return up(ctx, opts, out)
}

// up runs a lab until ctx ends.
func up(ctx context.Context, opts servers.Options, out io.Writer) (err error) {
	l, err := servers.Start(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	w, err := world.Start(ctx, l.CA)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, domain := range []string{"site.test", "autre.test"} {
		if _, _, err := w.Host(domain); err != nil {
			return err
		}
	}
	file, err := describe(l, w.Config())
	if err != nil {
		return err
	}
	if err := welcome(out, l, w.Config(), file); err != nil {
		return err
	}
	<-ctx.Done()
	_, err = fmt.Fprintln(out, "\nStopping…")
	return err
}
