package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"vigie/store"
)

// storeFlags say which store a tool works on: that of a configuration, or a file.
type storeFlags struct{ config, file string }

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.config, "config", "c", "config.yaml", "configuration file")
	cmd.Flags().StringVar(&f.file, "store", "", "a store's file or a backup, instead of the configuration's")
}

// path is the store's file; the configuration is read only when no file is named.
func (f *storeFlags) path(cmd *cobra.Command) (string, error) {
	if f.file != "" {
		return f.file, nil
	}
	cfg, err := loadOrPrint(cmd, f.config)
	if err != nil {
		return "", err
	}
	return cfg.storePath(), nil
}

// read opens the store to read it. While the bot runs the error says what to do.
func (f *storeFlags) read(cmd *cobra.Command) (*store.Store, error) {
	path, err := f.path(cmd)
	if err != nil {
		return nil, err
	}
	engine, err := store.ReadBolt(path)
	if errors.Is(err, store.ErrLocked) {
		return nil, errors.New("the bot has the store open: stop it, or write !sauvegarde to it and name the backup with --store")
	}
	if err != nil {
		return nil, err
	}
	st, err := store.Open(cmd.Context(), engine)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), engine.Close())
	}
	return st, nil
}

func backupCommand() *cobra.Command {
	var f storeFlags
	var out string
	cmd := &cobra.Command{Use: "backup", Short: "copy the store to a new file with its checksum, while the bot is stopped (!sauvegarde does it while it runs)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			st, err := f.read(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = st.Close() }()
			if out == "" {
				dir, err := f.backups(cmd)
				if err != nil {
					return err
				}
				path, bytes, err := backupInto(st, dir, time.Now())
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, verified\n", path, bytes)
				return nil
			}
			bytes, err := backupTo(st, out)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, verified\n", out, bytes)
			return nil
		}}
	f.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "the new file; otherwise one named by its instant, in the folder of backups")
	return cmd
}

// backups is the folder for backups: the configuration's, or one beside the named file.
func (f *storeFlags) backups(cmd *cobra.Command) (string, error) {
	if f.file != "" {
		return filepath.Join(filepath.Dir(f.file), "backups"), nil
	}
	cfg, err := loadOrPrint(cmd, f.config)
	if err != nil {
		return "", err
	}
	return cfg.backups(), nil
}

func verifyCommand() *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{Use: "verify [file]", Short: "look whether a backup, or the store, is whole: checksum, pages, every ticket replayed", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.file = args[0]
			}
			path, err := f.path(cmd)
			if err != nil {
				return err
			}
			v, err := verify(path)
			if err != nil {
				return err
			}
			sum := "no checksum beside it"
			if v.summed {
				sum = "checksum right"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: sound; %s; %d tickets, state %s\n", path, sum, v.tickets, v.hash)
			return nil
		}}
	f.add(cmd)
	return cmd
}

func restoreCommand() *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{Use: "restore file", Short: "put a backup in the store's place, which must be empty, once it is verified", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := f.path(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Lstat(path); err == nil {
				return fmt.Errorf("%s is there already: stop the bot and put that file aside first, nothing is written over", path)
			}
			v, err := verify(args[0])
			if err != nil {
				return err
			}
			if err := copyFile(args[0], path); err != nil {
				return err
			}
			if again, err := verify(path); err != nil || again.hash != v.hash {
				return errors.Join(fmt.Errorf("%s is not what %s holds: put it aside and try again", path, args[0]), err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: restored, %d tickets, state %s\n", path, v.tickets, v.hash)
			return nil
		}}
	f.add(cmd)
	return cmd
}

// copyFile copies to a name that must be free; the name appears once all is on disk.
func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("make the store's folder: %w", err)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	tmp := to + ".part"
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func compactCommand() *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{Use: "compact", Short: "write the store anew without the bytes of what was deleted, while the bot is stopped", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := f.path(cmd)
			if err != nil {
				return err
			}
			before, err := os.Stat(path)
			if err != nil {
				return err
			}
			engine, err := store.OpenBolt(path, store.BoltOptions{})
			if errors.Is(err, store.ErrLocked) {
				return errors.New("the bot has the store open, and compacts it by itself after each erasing: stop it first to do it by hand")
			}
			if err != nil {
				return err
			}
			if err := errors.Join(engine.Compact(context.WithoutCancel(cmd.Context())), engine.Close()); err != nil {
				return err
			}
			after, err := os.Stat(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, before %d\n", path, after.Size(), before.Size())
			return nil
		}}
	f.add(cmd)
	return cmd
}
