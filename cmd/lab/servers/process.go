package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	readyTimeout  = 60 * time.Second      // how long a server may take to answer its first probe
	stopTimeout   = 10 * time.Second      // how long it may take to end once asked, before it is killed
	probePause    = 30 * time.Millisecond // between two probes of a server that is not ready
	freezeTimeout = time.Second           // how long the kernel may take to stop all its threads
	logTail       = 2000                  // bytes of a dead server's log that its error quotes
)

// A Server is one child process that can be started, stopped, frozen and killed, any number of times, always with the same
// files and the same ports. Its methods may be called by several goroutines; they exclude each other.
type Server struct {
	Name    string // short name for messages: "ergo", "dendrite"
	LogFile string // everything it printed, all its lives one after the other
	// Env is added, as "NAME=value", to the little that a server is given: PATH, HOME (its folder), TZ=UTC.
	Env []string

	bin   string
	args  []string
	dir   string
	ready func(context.Context) error // one probe; nil means it answers

	mu   sync.Mutex
	proc *child // nil when it does not run
}

// A child is one life of a server.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and been reaped
	err  error         // its exit status, to be read after done
}

// NewServer describes a child process that runs in dir, for instance the bot under test. Ready is one probe of it: nil means
// that it answers. Start is what runs it.
func NewServer(name, logFile, dir string, ready func(context.Context) error, bin string, args ...string) *Server {
	return &Server{Name: name, LogFile: logFile, dir: dir, ready: ready, bin: bin, args: args}
}

// Start runs the server and returns once it answers. It is an error if it already runs. If it ends or stays silent for a
// minute, the error quotes the end of its log.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive() {
		return fmt.Errorf("%s already runs", s.Name)
	}
	c, err := s.spawn()
	if err != nil {
		return fmt.Errorf("start %s: %w", s.Name, err)
	}
	s.proc = c
	if err := s.waitReady(ctx, c); err != nil {
		c.kill()
		s.proc = nil
		return fmt.Errorf("start %s: %w; end of %s:\n%s", s.Name, err, s.LogFile, tail(s.LogFile))
	}
	return nil
}

func (s *Server) spawn() (*child, error) {
	log, err := os.OpenFile(s.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child holds its own descriptor
	cmd := exec.Command(s.bin, s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TZ=UTC"}
	cmd.Env = append(cmd.Env, s.Env...)
	cmd.SysProcAttr = childAttr()
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel kills the child when the *thread* that started it ends, so that thread is kept for the child's life.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	return c, <-started
}

func (s *Server) waitReady(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("it ended at once (%v)", c.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", errors.Join(err, context.Cause(ctx)))
		case <-time.After(probePause):
		}
	}
}

// Stop asks the server to end, and kills it if it has not after ten seconds. Stopping one that does not run does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		s.proc = nil
		return nil
	}
	c := s.proc
	s.proc = nil
	c.signal(syscall.SIGCONT) // a frozen process would never see the SIGTERM
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
		return nil
	case <-time.After(stopTimeout):
		c.kill()
		return fmt.Errorf("%s did not stop within %v and was killed", s.Name, stopTimeout)
	}
}

// Kill ends the server as a power cut would (SIGKILL) and returns when it is gone.
func (s *Server) Kill() error {
	return s.with(func(c *child) error {
		c.kill()
		s.proc = nil
		return nil
	})
}

// Dump has a program written in Go print what each of its goroutines is doing (SIGQUIT) at the end of its log, which ends
// it, and returns when it is gone.
func (s *Server) Dump() error {
	return s.with(func(c *child) error {
		if err := c.signal(syscall.SIGQUIT); err != nil {
			return err
		}
		select {
		case <-c.done:
		case <-time.After(stopTimeout):
			c.kill()
		}
		s.proc = nil
		return nil
	})
}

// Freeze stops the server's time (SIGSTOP): its sockets stay open and answer nothing. It returns when every thread stands.
func (s *Server) Freeze() error {
	return s.with(func(c *child) error {
		if err := c.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		for deadline := time.Now().Add(freezeTimeout); !stands(c.cmd.Process.Pid); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s is not frozen after %v", s.Name, freezeTimeout)
			}
		}
		return nil
	})
}

// Thaw lets a frozen server go on (SIGCONT).
func (s *Server) Thaw() error {
	return s.with(func(c *child) error { return c.signal(syscall.SIGCONT) })
}

// Restart stops the server and starts it again on the same files and ports.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start(ctx)
}

// Running tells whether the process lives; a frozen one does.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alive()
}

// Ended is closed once the present life of the server is over, by itself or not; at once if it does not run.
func (s *Server) Ended() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		over := make(chan struct{})
		close(over)
		return over
	}
	return s.proc.done
}

// PID is the process id, or 0 when the server does not run.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		return 0
	}
	return s.proc.cmd.Process.Pid
}

func (s *Server) with(do func(*child) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		return fmt.Errorf("%s does not run", s.Name)
	}
	return do(s.proc)
}

func (s *Server) alive() bool {
	if s.proc == nil {
		return false
	}
	select {
	case <-s.proc.done:
		return false
	default:
		return true
	}
}

func (c *child) signal(sig syscall.Signal) error { return c.cmd.Process.Signal(sig) }

func (c *child) kill() {
	_ = c.signal(syscall.SIGKILL) // fails only if it has ended, which is what is wanted
	<-c.done
}

// tail returns the last bytes of a log file, for an error message.
func tail(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return "(no log: " + err.Error() + ")"
	}
	if len(data) > logTail {
		data = data[len(data)-logTail:]
	}
	return string(data)
}
