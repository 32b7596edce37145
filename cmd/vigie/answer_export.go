package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vigie/commands"
	"vigie/commands/answer"
	"vigie/store"
)

// answerExport writes the answers that were taught in chat as files of the FAQ, for
// the host's own folder or a merge request. It reads the store only.
func answerExport(faq func() fs.FS) *cobra.Command {
	var path, dir string
	var all bool
	c := &cobra.Command{
		Use:   "export [word]...",
		Short: "write the answers taught in chat as files of the FAQ",
		Long: "Prints the answers that were taught in chat and reviewed, as files of the FAQ, out of a store that no\n" +
			"bot has open; with --output they are written below that folder, which content: may then name.",
		Example: "  vigie answer export --store backup/vigie.db --output nos-textes",
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := taught(cmd, path)
			if err != nil {
				return err
			}
			know, errs := commands.NewMind(nil, answer.Options{}, faq())
			if len(errs) > 0 {
				return errs[0]
			}
			n := 0
			for _, e := range list {
				if !all && !e.Unprompted(time.Now()) || len(args) > 0 && !named(e, args) {
					continue
				}
				n++
				if err := writeEntry(cmd.OutOrStdout(), dir, commands.ExportTaught(e, commands.ThemeOf(know, e))); err != nil {
					return err
				}
			}
			if n == 0 {
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), "nothing to export: no taught answer is reviewed and still valid (--all gives the others)")
			}
			return err
		},
	}
	c.Flags().StringVar(&path, "store", "data/vigie.db", "the store's file, or a copy of it")
	c.Flags().StringVarP(&dir, "output", "o", "", "write the files below this folder instead of printing them")
	c.Flags().BoolVar(&all, "all", false, "also those that nobody has reviewed, or that have ended")
	return c
}

// taught reads the answers out of a store.
func taught(cmd *cobra.Command, path string) (list []store.Taught, err error) {
	engine, err := store.ReadBolt(path)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(cmd.Context(), engine)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = st.Close() }()
	err = st.View(func(tx *store.Tx) error { list = tx.TaughtAll(); return nil })
	return list, err
}

func named(e store.Taught, words []string) bool {
	for _, w := range words {
		if strings.EqualFold(w, e.Word) {
			return true
		}
	}
	return false
}

// writeEntry prints an entry, or writes it below dir. A file that is there already is
// not replaced: somebody may have mended it.
func writeEntry(w io.Writer, dir string, x commands.ExportedEntry) error {
	if dir == "" {
		_, err := fmt.Fprintf(w, "%s\n%s\n", x.Path, x.Text)
		return err
	}
	file := filepath.Join(dir, filepath.FromSlash(x.Path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", x.Path, err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", x.Path, err)
	}
	_, err = f.WriteString(x.Text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", x.Path, err)
	}
	_, err = fmt.Fprintln(w, file)
	return err
}
