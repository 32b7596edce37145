package main

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"
)

// notify tells systemd that the bot runs, and then that it still does, as
// sd_notify(3) and sd_watchdog_enabled(3) describe: as long as alive says so.
// Without systemd it does nothing.
func notify(ctx context.Context, alive func() bool) {
	addr := os.Getenv("NOTIFY_SOCKET")
	if addr == "" {
		return
	}
	conn, err := net.Dial("unixgram", addr)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte("READY=1"))
	every := 24 * time.Hour
	if usec, err := strconv.Atoi(os.Getenv("WATCHDOG_USEC")); err == nil && usec > 0 {
		every = time.Duration(usec) * time.Microsecond / 2
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_, _ = conn.Write([]byte("STOPPING=1"))
			return
		case <-tick.C:
			if alive() {
				_, _ = conn.Write([]byte("WATCHDOG=1"))
			}
		}
	}
}
