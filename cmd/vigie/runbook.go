package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"vigie/runbooks"
)

// runbookCommand holds the tools for authors of runbooks. They need no
// configuration and no bot: without arguments they work on the shipped library,
// else on the files and folders named, which lie over it.
func runbookCommand(lib func() fs.FS) *cobra.Command {
	c := &cobra.Command{
		Use:   "runbook",
		Short: "Check, try and draw runbooks",
		Long: "Tools for authors of runbooks. They need no configuration. Without arguments they work on the\n" +
			"shipped library, else on the files and folders named, which lie over it.",
	}
	t := runbookTools{shipped: lib}
	c.AddCommand(t.lint(), t.test(), t.explore(), t.graph(), t.play(), t.diff(), t.stats(), t.schema())
	for _, sub := range c.Commands() {
		sub.SilenceUsage = true
	}
	return c
}

type runbookTools struct{ shipped func() fs.FS }

// chosen is a loaded library and the runbooks in it that were asked for.
type chosen struct {
	lib      *runbooks.Library
	findings runbooks.Findings
	list     []*runbooks.Runbook
	mine     func(file string) bool
}

// load reads the shipped library with the named files and folders over it. An
// argument may also be the id of a shipped runbook.
func (t runbookTools) load(args []string) (chosen, error) {
	layers := []fs.FS{t.shipped()}
	wanted := map[string]bool{}
	var prefixes []string
	for _, arg := range args {
		layer, prefix, err := argument(arg)
		switch {
		case err == nil:
			layers, prefixes = append(layers, layer), append(prefixes, prefix)
		case strings.ContainsAny(arg, "/."):
			return chosen{}, err
		default:
			wanted[arg] = true
		}
	}
	lib, findings := runbooks.Load(nil, layers...)
	out := chosen{lib: lib}
	out.mine = func(file string) bool {
		named := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(file, p) })
		return named || len(args) == 0
	}
	for _, rb := range lib.All() {
		if out.mine(rb.File) || wanted[rb.ID] {
			out.list = append(out.list, rb)
			delete(wanted, rb.ID)
		}
	}
	for id := range wanted {
		return chosen{}, fmt.Errorf("there is no runbook %q in the library", id)
	}
	out.keep(findings)
	return out, nil
}

// keep adds the findings that are about what was asked for.
func (c *chosen) keep(found runbooks.Findings) {
	for _, f := range found {
		if c.mine(f.File) || slices.ContainsFunc(c.list, func(rb *runbooks.Runbook) bool { return rb.File == f.File }) {
			c.findings = append(c.findings, f)
		}
	}
}

// argument makes a layer of a file or a folder. Its prefix is how the files in
// it are called in findings.
func argument(arg string) (layer fs.FS, prefix string, err error) {
	info, err := os.Stat(arg)
	if err != nil {
		return nil, "", fmt.Errorf("no such file or folder: %w", err)
	}
	if info.IsDir() {
		prefix = filepath.Clean(arg) + "/"
		return runbooks.Named(prefix, os.DirFS(arg)), prefix, nil
	}
	dir, name := filepath.Split(arg)
	return runbooks.Named(dir, oneFile{os.DirFS(filepath.Dir(arg)), name}), dir + name, nil
}

// oneFile is a folder of which only one runbook is read. The sentences beside it
// are read as well.
type oneFile struct {
	fs.FS
	name string
}

// Glob implements fs.GlobFS.
func (o oneFile) Glob(string) ([]string, error) { return []string{o.name}, nil }

func (t runbookTools) lint() *cobra.Command {
	var explain, measured string
	var asJSON, quiet bool
	c := &cobra.Command{
		Use:   "lint [file|folder|id]...",
		Short: "Report what is wrong, as file:line:column: CODE message",
		RunE: func(cmd *cobra.Command, args []string) error {
			if explain != "" {
				code, ok := runbooks.Explain(strings.ToUpper(explain))
				if !ok {
					return fmt.Errorf("there is no code %q", explain)
				}
				fmt.Fprint(cmd.OutOrStdout(), code)
				return nil
			}
			got, err := t.load(args)
			if err != nil {
				return err
			}
			got.keep(got.lib.Lint(time.Now()))
			if measured != "" {
				if err := got.keepSlow(cmd.Context(), measured); err != nil {
					return err
				}
			}
			found := got.findings
			if quiet {
				found = found.Errors()
			}
			if err := printFindings(cmd.OutOrStdout(), found, asJSON); err != nil {
				return err
			}
			if bad := len(got.findings.Errors()); bad > 0 {
				return fmt.Errorf("%d errors in runbooks", bad)
			}
			return nil
		},
	}
	c.Flags().StringVar(&explain, "explain", "", "explain a code, with a bad and a good example")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	c.Flags().StringVar(&measured, "store", "", "a store, or a copy of it: warn of checks that took longer there than the runbook gives them (RB506)")
	c.Flags().BoolVar(&quiet, "errors", false, "leave the warnings out")
	return c
}

func printFindings(w io.Writer, found runbooks.Findings, asJSON bool) error {
	if asJSON {
		if found == nil {
			found = runbooks.Findings{}
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if err := enc.Encode(found); err != nil {
			return fmt.Errorf("print the findings: %w", err)
		}
		return nil
	}
	for _, f := range found {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return fmt.Errorf("print the findings: %w", err)
		}
	}
	return nil
}

func (t runbookTools) test() *cobra.Command {
	var verbose, update bool
	c := &cobra.Command{
		Use:   "test [file|folder|id]...",
		Short: "Play the golden tests",
		RunE: func(cmd *cobra.Command, args []string) error {
			got, err := t.loadSound(args)
			if err != nil {
				return err
			}
			if update {
				if got, err = t.update(cmd.OutOrStdout(), got, args); err != nil {
					return err
				}
			}
			w, failed, all := cmd.OutOrStdout(), 0, 0
			for _, rb := range got.list {
				for _, res := range got.lib.RunTests(rb) {
					all++
					if res.Failure != "" {
						failed++
						fmt.Fprintf(w, "FAIL %s: %s: %s\n", rb.File, res.Test, res.Failure)
					} else if verbose {
						fmt.Fprintf(w, "ok   %s: %s\n", rb.File, res.Test)
					}
					if verbose || res.Failure != "" {
						fmt.Fprintf(w, "     %s\n", strings.Join(res.Lines, "\n     "))
					}
				}
			}
			fmt.Fprintf(w, "%d tests of %d runbooks, %d failed\n", all, len(got.list), failed)
			if failed > 0 {
				return fmt.Errorf("%d golden tests failed", failed)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "print every dialogue")
	c.Flags().BoolVar(&update, "update", false, "write the paths and outcomes that the tests came to into their files")
	return c
}

// update brings the tests up to date, and reads the changed files again.
func (t runbookTools) update(w io.Writer, got chosen, args []string) (chosen, error) {
	for _, rb := range got.list {
		n, err := updateTests(got.lib, rb)
		if err != nil {
			return got, err
		}
		if n > 0 {
			fmt.Fprintf(w, "%s: %d tests updated; read them again before you keep them\n", rb.File, n)
		}
	}
	return t.loadSound(args)
}

// loadSound is load, refusing what cannot be played at all.
func (t runbookTools) loadSound(args []string) (chosen, error) {
	got, err := t.load(args)
	if err == nil {
		err = got.findings.Err()
	}
	if err == nil && len(got.list) == 0 {
		err = errors.New("no runbook there")
	}
	return got, err
}

func (t runbookTools) explore() *cobra.Command {
	var members int
	var seed uint64
	c := &cobra.Command{
		Use:   "explore [file|folder|id]...",
		Short: "Walk every path, then send random members through",
		RunE: func(cmd *cobra.Command, args []string) error {
			got, err := t.loadSound(args)
			if err != nil {
				return err
			}
			w, bad := cmd.OutOrStdout(), 0
			each := max(members/len(got.list), 1)
			for i, x := range exploreAll(got, runbooks.ExploreOptions{Members: each, Seed: seed}) {
				bad += len(x.Unreached) + len(x.Problems)
				printExploration(w, got.list[i], x)
			}
			if bad > 0 {
				return fmt.Errorf("%d steps unreached or problems met", bad)
			}
			return nil
		},
	}
	c.Flags().IntVar(&members, "members", 10000, "random members, shared among the runbooks")
	c.Flags().Uint64Var(&seed, "seed", 1, "the same seed walks the same ways")
	return c
}

// exploreAll explores the runbooks side by side, and gives the results in order:
// each depends on its runbook and the seed alone.
func exploreAll(got chosen, o runbooks.ExploreOptions) []runbooks.Exploration {
	out := make([]runbooks.Exploration, len(got.list))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, rb := range got.list {
		slots <- struct{}{}
		wg.Go(func() {
			out[i] = runbooks.Explore(got.lib, rb, o)
			<-slots
		})
	}
	wg.Wait()
	return out
}

func printExploration(w io.Writer, rb *runbooks.Runbook, x runbooks.Exploration) {
	capped := ""
	if x.Capped {
		capped = " at least"
	}
	fmt.Fprintf(w, "%s:%s %d paths to %d ends, the longest of %d steps; %d of %d steps reached; %d members, %d turns\n",
		rb.ID, capped, x.Paths, len(x.Ends), x.Longest, len(rb.Steps)-len(x.Unreached), len(rb.Steps), x.Members, x.Turns)
	for _, id := range x.Unreached {
		fmt.Fprintf(w, "  no path reaches step %s\n", id)
	}
	for _, p := range x.Problems {
		fmt.Fprintf(w, "  %s\n", p)
	}
}

func (t runbookTools) play() *cobra.Command {
	var lang, utterance string
	c := &cobra.Command{
		Use:   "play file|id",
		Short: "Try a runbook in the terminal; you give the checks' verdicts",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			got, err := t.loadSound(args)
			if err != nil {
				return err
			}
			o := runbooks.StartOptions{Lang: lang, Utterance: utterance, Now: time.Now()}
			return runbooks.Play(got.lib, got.list[0], o, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&lang, "lang", "fr", "fr or en")
	c.Flags().StringVar(&utterance, "utterance", "", "the sentence that starts the dialogue")
	return c
}

func (t runbookTools) diff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff [old] new",
		Short: "Tell what changed between two versions; one argument is compared with the shipped library",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			was, err := t.loadSound(args[:len(args)-1])
			if err != nil {
				return err
			}
			is, err := t.loadSound(args[len(args)-1:])
			if err != nil {
				return err
			}
			w := cmd.OutOrStdout()
			old := map[string]*runbooks.Runbook{}
			for _, rb := range was.list {
				old[rb.ID] = rb
			}
			for _, rb := range is.list {
				before := old[rb.ID]
				if before == nil && len(was.list) == 1 && len(is.list) == 1 {
					before = was.list[0]
				}
				if before == nil {
					fmt.Fprintf(w, "+ runbook %s\n", rb.ID)
					continue
				}
				for _, line := range runbooks.Diff(before, rb) {
					fmt.Fprintf(w, "%s: %s\n", rb.ID, line)
				}
			}
			return nil
		},
	}
}

func (t runbookTools) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a runbook, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := runbooks.JSONSchema()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(schema)
			return err
		},
	}
}
