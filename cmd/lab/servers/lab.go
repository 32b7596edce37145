// Package servers runs the real chat servers that Vigie is tested and shown against: an IRC server (ergo) and a Matrix
// homeserver (Dendrite), each a child process on free loopback ports with all its files in one folder.
//
// Start returns when both answer and hold the accounts and rooms they were asked for. Each server can then be stopped,
// restarted, killed and frozen at will (see Server); Close ends everything.
package servers

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"vigie/cmd/lab/pki"
)

// Bot is the account of the bot under test, on both networks. Founder founds the channels and rooms, and is an adminsys.
const (
	Bot     = "vigie"
	Founder = "jean"
)

// Options say what lab is wanted; the zero value is a whole lab in a new temporary folder.
type Options struct {
	// Dir is where the lab's folder is made; empty means the system's temporary folder.
	Dir string
	// BinDir holds the server binaries, `ergo` and `dendrite`; empty means as DefaultBinDir finds.
	BinDir string
	// Keep leaves the folder, with the logs, after Close.
	Keep bool
	// RateLimit has the homeserver limit requests as it is shipped (20, then 2 a second, answering 429).
	RateLimit bool
	// IRCAccounts and MatrixUsers are registered besides Bot and Founder; nil means DefaultPeople.
	IRCAccounts, MatrixUsers []string
	// Channels are registered on IRC; nil means #support, #adminsys, #annonces.
	Channels []string
}

// DefaultPeople are those whom Options registers unless told otherwise: members claire, marc, ines and paul, adminsys awa.
func DefaultPeople() []string { return []string{"claire", "awa", "marc", "ines", "paul"} }

// A Lab is two running servers and their certificate authority.
type Lab struct {
	Dir    string // the lab's folder; logs are in Dir/logs
	CA     *pki.CA
	IRC    *Ergo
	Matrix *Dendrite

	keep   bool
	detach func() bool
	close  func() error // runs once
}

// Start makes a lab. When ctx ends, the lab is closed, so ctx bounds its life and not only its start.
func Start(ctx context.Context, opts Options) (*Lab, error) {
	opts.fill()
	bins, err := findBinaries(opts.BinDir)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(opts.Dir, "vigie-lab-")
	if err != nil {
		return nil, fmt.Errorf("lab folder: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("lab folder: %w", err)
	}
	l := &Lab{Dir: dir, keep: opts.Keep}
	l.close = sync.OnceValue(l.end)
	if err := l.start(ctx, bins, opts); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.detach = context.AfterFunc(ctx, func() { _ = l.close() })
	return l, nil
}

func (o *Options) fill() {
	if o.IRCAccounts == nil {
		o.IRCAccounts = DefaultPeople()
	}
	if o.MatrixUsers == nil {
		o.MatrixUsers = DefaultPeople()
	}
	if o.Channels == nil {
		o.Channels = []string{"#support", "#adminsys", "#annonces"}
	}
	o.IRCAccounts = withStaff(o.IRCAccounts)
	o.MatrixUsers = withStaff(o.MatrixUsers)
	if o.BinDir == "" {
		o.BinDir = DefaultBinDir()
	}
}

func withStaff(names []string) []string {
	all := []string{Bot, Founder}
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func (l *Lab) start(ctx context.Context, bins binaries, opts Options) (err error) {
	ircDir, matrixDir, logs := filepath.Join(l.Dir, "irc"), filepath.Join(l.Dir, "matrix"), filepath.Join(l.Dir, "logs")
	for _, d := range []string{ircDir, matrixDir, logs} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return fmt.Errorf("lab folder: %w", err)
		}
	}
	if l.CA, err = pki.New(l.Dir); err != nil {
		return err
	}
	if l.Matrix, err = newDendrite(bins.dendrite, matrixDir, filepath.Join(logs, "dendrite.log"), opts); err != nil {
		return fmt.Errorf("prepare dendrite: %w", err)
	}
	if l.IRC, err = newErgo(ctx, bins.ergo, ircDir, filepath.Join(logs, "ergo.log"), l.CA, opts); err != nil {
		return fmt.Errorf("prepare ergo: %w", err)
	}
	if err := l.IRC.Start(ctx); err != nil {
		return err
	}
	if err := l.Matrix.Start(ctx); err != nil {
		return err
	}
	if err := l.Matrix.populate(ctx, opts.MatrixUsers); err != nil {
		return fmt.Errorf("%w; end of %s:\n%s", err, l.Matrix.LogFile, tail(l.Matrix.LogFile))
	}
	return nil
}

// Close stops both servers and removes the lab's folder unless it was to be kept. Only the first call does something; all
// return the same error.
func (l *Lab) Close() error {
	if l.detach != nil {
		l.detach()
	}
	return l.close()
}

func (l *Lab) end() error {
	var errs []error
	var wg sync.WaitGroup
	var mu sync.Mutex
	stop := func(s *Server) {
		wg.Go(func() {
			if err := s.Stop(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	if l.IRC != nil && l.IRC.Server != nil {
		stop(l.IRC.Server)
	}
	if l.Matrix != nil && l.Matrix.Server != nil {
		stop(l.Matrix.Server)
	}
	wg.Wait()
	if !l.keep {
		errs = append(errs, os.RemoveAll(l.Dir))
	}
	return errors.Join(errs...)
}

// secret returns a fresh password of 96 bits, in letters that need no quoting anywhere.
func secret() string {
	b := make([]byte, 12)
	rand.Read(b) // never fails, by its documentation
	return hex.EncodeToString(b)
}

func fingerprintFile(certFile, keyFile string) (string, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return "", fmt.Errorf("client certificate: %w", err)
	}
	return pki.Fingerprint(cert), nil
}
