package servers

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports are taken below the range from which the kernel picks the near end of outgoing connections (32768 and up on Linux).
// Otherwise, while a server is down for a restart, a client's own connection could be given its port; on loopback a client
// that retries can even connect to itself.
const firstPort, lastPort = 16000, 32000

// FreePorts returns n loopback ports (127.0.0.1) on which nobody listens.
func FreePorts(n int) ([]int, error) {
	var ports []int
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	for tries := 0; len(ports) < n; tries++ {
		if tries > 200+n {
			return nil, fmt.Errorf("no %d free loopback ports between %d and %d", n, firstPort, lastPort)
		}
		port := firstPort + rand.IntN(lastPort-firstPort)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		held = append(held, l) // kept until all are found, so that none is given twice
		ports = append(ports, port)
	}
	return ports, nil
}
