package servers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// BinDirEnv names the environment variable that says where the server binaries are.
const BinDirEnv = "VIGIE_LAB_BIN"

// ErrNoBinaries is what Start returns, wrapped with what to do, when the servers have not been built.
var ErrNoBinaries = errors.New("the lab's servers are not built")

type binaries struct{ ergo, dendrite string }

// DefaultBinDir is the folder named by VIGIE_LAB_BIN, else bin/lab of the project that holds the working directory.
func DefaultBinDir() string {
	if dir := os.Getenv(BinDirEnv); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return filepath.Join("bin", "lab")
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "cmd", "lab", "go.mod")); err == nil {
			return filepath.Join(d, "bin", "lab")
		}
		if d == filepath.Dir(d) {
			return filepath.Join(dir, "bin", "lab")
		}
	}
}

func findBinaries(dir string) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, fmt.Errorf("folder of the lab's servers: %w", err)
	}
	b := binaries{ergo: filepath.Join(dir, "ergo"), dendrite: filepath.Join(dir, "dendrite")}
	for _, file := range []string{b.ergo, b.dendrite} {
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return binaries{}, fmt.Errorf("%w: %s is missing; build it with `make lab-servers`, or in cmd/lab with `CGO_ENABLED=0 go build -o %s/ tool` (a few minutes, once)",
				ErrNoBinaries, file, dir)
		case err != nil:
			return binaries{}, fmt.Errorf("server binary: %w", err)
		case info.IsDir() || info.Mode()&0o111 == 0:
			return binaries{}, fmt.Errorf("%w: %s is not a program", ErrNoBinaries, file)
		}
	}
	return b, nil
}
