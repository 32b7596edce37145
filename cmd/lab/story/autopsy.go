package story

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// autopsy leaves in the lab's logs what everybody was doing when a step did not happen: the bot and the homeserver end
// with the stacks of their goroutines at the end of their logs, and the clients' own are in lab.log.
func (s *Stage) autopsy() error {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	file := filepath.Join(s.Lab.Dir, "logs", "lab.log")
	err := os.WriteFile(file, stacks, 0o600)
	if s.Bot.Running() {
		err = errors.Join(err, s.Bot.Dump())
	}
	if s.Lab.Matrix.Running() {
		err = errors.Join(err, s.Lab.Matrix.Dump())
	}
	if err != nil {
		return fmt.Errorf("what everybody was doing: %w", err)
	}
	return nil
}
