package probe

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// rcode makes a reply that is only a code.
func rcode(q *dns.Msg, code int) *dns.Msg {
	m := new(dns.Msg)
	m.SetRcode(q, code)
	return m
}

// silence is an answer that serveDNS does not send.
var silence = &dns.Msg{}

// serveDNS serves UDP and TCP on one loopback port.
func serveDNS(t testing.TB, answer func(*dns.Msg) *dns.Msg) string {
	t.Helper()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if m := answer(q); m != silence {
			if w.RemoteAddr().Network() == "udp" {
				m.Truncate(udpSize)
			}
			_ = w.WriteMsg(m)
		}
	})
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			_ = l.Close()
			continue
		}
		for _, s := range []*dns.Server{{Listener: l, Handler: handler}, {PacketConn: pc, Handler: handler}} {
			ready := make(chan struct{})
			s.NotifyStartedFunc = func() { close(ready) }
			go func() { _ = s.ActivateAndServe() }()
			<-ready
			t.Cleanup(func() { _ = s.Shutdown() })
		}
		return l.Addr().String()
	}
	t.Fatal("no port free for both UDP and TCP")
	return ""
}

// serve accepts connections and gives each to talk, in a goroutine of its own.
func serve(t testing.TB, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				talk(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// web serves HTTP, over TLS if there is a certificate.
func web(t testing.TB, cert *tls.Certificate, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Second, ErrorLog: quiet()}
	if cert != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10})
	}
	done := make(chan struct{})
	go func() { _ = s.Serve(l); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return addr
}

// closedPort is a loopback address where nobody listens.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
