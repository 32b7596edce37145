package servers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// childAttr puts a server in a process group of its own, so that Ctrl-C in a terminal reaches the lab and not its servers
// directly, and has the kernel kill it if the lab dies without stopping it.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stands tells whether every thread of a process is stopped: a signal is only asked for when kill returns.
func stands(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return false
	}
	for _, file := range threads {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		// "12 (name) T …": the name may hold spaces and brackets, the state follows the last one.
		if _, rest, ok := bytes.Cut(data[max(0, bytes.LastIndexByte(data, ')')):], []byte(") ")); !ok || rest[0] != 'T' {
			return false
		}
	}
	return true
}
