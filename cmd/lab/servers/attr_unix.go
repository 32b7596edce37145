//go:build unix && !linux

package servers

import "syscall"

// childAttr puts a server in a process group of its own, so that Ctrl-C in a terminal reaches the lab and not its servers
// directly. These systems cannot tie a child's life to its parent's: a lab that is killed -9 leaves its servers behind.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// stands is always true: these systems offer no cheap way to see that a process has stopped.
func stands(int) bool { return true }
