package main

import (
	"flag"
	"fmt"
	"os"
	"slices"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/text"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	out := fs.String("o", "", "write the model to this file")
	table := fs.Bool("compare", false, "print the table of methods")
	leave := fs.Bool("styles", false, "print how well each style is understood when it was not learnt")
	growth := fs.Bool("curve", false, "print the learning curve")
	if err := fs.Parse(args); err != nil {
		return err
	}
	a, err := text.New()
	if err != nil {
		return err
	}
	parts := map[string][]corpus.Line{}
	for _, p := range []string{"train", "dev", "test"} {
		if parts[p], err = corpus.Load(p); err != nil {
			return err
		}
	}
	train, dev := parts["train"], parts["dev"]
	delete(parts, "train")
	if *table {
		compare(os.Stdout, a, train, parts)
	}
	if *leave {
		styles(os.Stdout, a, slices.Concat(train, dev))
	}
	if *growth {
		curve(os.Stdout, a, train, parts["test"])
	}
	if *out == "" {
		return nil
	}
	b, err := build(a, train, dev).Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(*out, b, 0o644)
}
