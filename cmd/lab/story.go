package main

import (
	"context"
	"flag"
	"io"

	"vigie/cmd/lab/story"
)

// tell plays the story.
func tell(ctx context.Context, args []string, out io.Writer) error {
	opts := story.Options{Out: out}
	flags := flag.NewFlagSet("lab story", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&opts.Once, "once", false, "")
	flags.StringVar(&opts.Stage.Vigie, "vigie", "", "")
	flags.StringVar(&opts.Stage.Servers.Dir, "dir", "", "")
	flags.StringVar(&opts.Stage.Servers.BinDir, "bin", "", "")
	flags.BoolVar(&opts.Stage.Servers.Keep, "keep", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	return story.Tell(ctx, opts)
}
