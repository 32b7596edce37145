package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

const (
	maxLine    = 2 << 10  // bytes of one line
	maxTalk    = 64 << 10 // bytes of one conversation
	maxReplies = 64       // lines of one reply
)

// What a mail server may say that is none of its protocol.
var (
	errProtocol   = errors.New("not the protocol expected")
	errNoStartTLS = errors.New("no STARTTLS offered")
)

// lines reads a line protocol, bounded in line, in all, and (by the connection's
// deadline, which is never moved) in time.
type lines struct {
	conn net.Conn
	r    *bufio.Reader
}

func newLines(conn net.Conn) *lines {
	return &lines{conn: conn, r: bufio.NewReaderSize(io.LimitReader(conn, maxTalk), maxLine)}
}

// line reads one line without its end.
func (l *lines) line() (string, error) {
	b, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("%w: a line without end", errProtocol)
	}
	if err != nil {
		return "", fmt.Errorf("read: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// say writes one command.
func (l *lines) say(command string) error {
	if _, err := io.WriteString(l.conn, command+"\r\n"); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// clear says that nothing was received beyond the last line. What came before a TLS
// handshake could have been put there by anybody on the way.
func (l *lines) clear() error {
	if l.r.Buffered() > 0 {
		return fmt.Errorf("%w: words before the handshake", errProtocol)
	}
	return nil
}
