package probe

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/runbooks"
)

// fakeSMTP is an SMTP server that keeps what it was told.
type fakeSMTP struct {
	cert     *tls.Certificate
	starttls bool
	implicit bool
	greeting string // default "220 …"
	ehlo     string // the whole reply, if not the usual
	extra    string // said right after "220 go" of STARTTLS, before the handshake
	mu       sync.Mutex
	heard    []string
}

func (f *fakeSMTP) talk(c net.Conn) {
	if f.implicit {
		c = tls.Server(c, oneCert(f.cert))
	}
	secure := f.implicit
	greeting := f.greeting
	if greeting == "" {
		greeting = "220-mail.site.test\r\n220 ESMTP"
	}
	_, _ = io.WriteString(c, greeting+"\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		f.mu.Lock()
		f.heard = append(f.heard, line)
		f.mu.Unlock()
		switch {
		case strings.HasPrefix(line, "EHLO"):
			reply := "250-mail.site.test\r\n250-SIZE 26214400\r\n"
			if f.starttls && !secure {
				reply += "250-STARTTLS\r\n"
			}
			if secure {
				reply += "250-AUTH PLAIN LOGIN\r\n"
			}
			if f.ehlo != "" {
				reply = f.ehlo
			} else {
				reply += "250 8BITMIME\r\n"
			}
			_, _ = io.WriteString(c, reply)
		case line == "STARTTLS":
			_, _ = io.WriteString(c, "220 go\r\n"+f.extra)
			c, secure = tls.Server(c, oneCert(f.cert)), true
			r = bufio.NewReader(c)
		default:
			return
		}
	}
}

// fakeIMAP is the same for IMAP.
type fakeIMAP struct {
	cert     *tls.Certificate
	starttls bool
	implicit bool
	greeting string
	refuse   bool // STARTTLS is offered, then refused
}

func (f *fakeIMAP) talk(c net.Conn) {
	if f.implicit {
		c = tls.Server(c, oneCert(f.cert))
	}
	greeting := f.greeting
	if greeting == "" {
		greeting = "* OK [CAPABILITY IMAP4rev1] Dovecot ready."
	}
	_, _ = io.WriteString(c, greeting+"\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case err != nil || command == "LOGOUT":
			return
		case command == "CAPABILITY":
			caps := "* CAPABILITY IMAP4rev1 IDLE"
			if f.starttls {
				caps += " STARTTLS"
			}
			_, _ = io.WriteString(c, caps+"\r\n"+tag+" OK done\r\n")
		case command == "STARTTLS" && f.refuse:
			_, _ = io.WriteString(c, tag+" NO not now\r\n")
		case command == "STARTTLS":
			_, _ = io.WriteString(c, tag+" OK go\r\n")
			c = tls.Server(c, oneCert(f.cert))
			r = bufio.NewReader(c)
		}
	}
}

func TestSMTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("mail.site.test. 60 IN A 185.96.10.1")
	good, bad := w.ca.issue(nil, "mail.site.test"), w.ca.issue(nil, "other.test")
	tests := []struct {
		name string
		want runbooks.Verdict
		port string
		f    *fakeSMTP
		code int64
	}{
		{"submission", "ok", "587", &fakeSMTP{cert: good, starttls: true}, 220},
		{"port 25", "ok", "25", &fakeSMTP{cert: good, starttls: true}, 220},
		{"implicit", "ok", "465", &fakeSMTP{cert: good, implicit: true}, 220},
		{"no starttls", "no_starttls", "587", &fakeSMTP{}, 220},
		{"certificate", "cert_bad", "587", &fakeSMTP{cert: bad, starttls: true}, 220},
		{"greylist", "tempfail", "25", &fakeSMTP{greeting: "421 4.3.2 too busy"}, 421},
		{"reject", "reject", "25", &fakeSMTP{greeting: "554 5.7.1 go away"}, 554},
		{"ehlo refused", "reject", "25", &fakeSMTP{ehlo: "550 your name is bad\r\n"}, 550},
		{"ehlo later", "tempfail", "25", &fakeSMTP{ehlo: "450 later\r\n"}, 450},
		{"not smtp", "bad_banner", "25", &fakeSMTP{greeting: "SSH-2.0-OpenSSH_9"}, 0},
		{"odd code", "bad_banner", "25", &fakeSMTP{greeting: "999 what"}, 0},
		{"endless line", "bad_banner", "25", &fakeSMTP{greeting: "220 " + strings.Repeat("a", 4096)}, 0},
		{"endless reply", "bad_banner", "25", &fakeSMTP{greeting: strings.Repeat("220-a\r\n", 100)}, 0},
		{"words before TLS", "bad_banner", "587", &fakeSMTP{cert: good, starttls: true, extra: "250 injected\r\n"}, 220},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.connect("mail.site.test:"+tt.port, serve(t, tt.f.talk))
			rep := w.want(tt.want, map[string]any{"code": tt.code}, "smtp", "host", "mail.site.test", "port", tt.port)
			if tt.want == "ok" && (rep.Fields["size_limit"] != int64(26214400) || rep.Fields["auth"] != true || rep.Fields["starttls"] != (tt.port != "465")) {
				t.Errorf("fields %v", rep.Fields)
			}
			tt.f.mu.Lock()
			defer tt.f.mu.Unlock()
			for _, h := range tt.f.heard {
				if word, _, _ := strings.Cut(h, " "); word != "EHLO" && word != "STARTTLS" && word != "QUIT" {
					t.Errorf("the server was told %q", h)
				}
			}
		})
	}
}

func TestMailConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("mail.site.test. 60 IN A 185.96.10.1")
	silent := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	drip := serve(t, func(c net.Conn) {
		for {
			<-time.After(10 * time.Millisecond)
			if _, err := io.WriteString(c, "2"); err != nil {
				return
			}
		}
	})
	w.connect("mail.site.test:25", closedPort(t))
	w.want("refused", nil, "smtp", "host", "mail.site.test")
	w.connect("mail.site.test:25", silent)
	w.want("timeout", nil, "smtp", "host", "mail.site.test", "port", "25")
	w.connect("mail.site.test:25", drip)
	w.want("timeout", nil, "smtp", "host", "mail.site.test", "port", "25")
	w.connect("mail.site.test:993", closedPort(t))
	w.want("refused", nil, "imap", "host", "mail.site.test")
	w.connect("mail.site.test:143", drip)
	w.want("timeout", nil, "imap", "host", "mail.site.test", "port", "143")
	w.want(runbooks.Unknown, nil, "smtp", "host", "mail.site.test", "port", "2525")
	w.want(runbooks.Unknown, nil, "imap", "host", "mail.site.test", "port", "80")
	w.want(runbooks.Unknown, nil, "imap", "host", "nobody.test")
}

func TestIMAP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("mail.site.test. 60 IN A 185.96.10.1")
	good, bad := w.ca.issue(nil, "mail.site.test"), w.ca.issue(nil, "other.test")
	tests := []struct {
		want runbooks.Verdict
		port string
		f    *fakeIMAP
	}{
		{"ok", "143", &fakeIMAP{cert: good, starttls: true}},
		{"ok", "993", &fakeIMAP{cert: good, implicit: true}},
		{"no_starttls", "143", &fakeIMAP{}},
		{"no_starttls", "143", &fakeIMAP{starttls: true, refuse: true}},
		{"cert_bad", "143", &fakeIMAP{cert: bad, starttls: true}},
		{"cert_bad", "993", &fakeIMAP{cert: bad, implicit: true}},
		{"refused", "143", &fakeIMAP{greeting: "* BYE too many connections"}},
		{"refused", "143", &fakeIMAP{greeting: "220 smtp here"}},
	}
	for _, tt := range tests {
		w.connect("mail.site.test:"+tt.port, serve(t, tt.f.talk))
		rep := w.want(tt.want, nil, "imap", "host", "mail.site.test", "port", tt.port)
		if tt.want == "ok" && rep.Fields["starttls"] != (tt.port == "143") {
			t.Errorf("fields %v", rep.Fields)
		}
	}
}

func TestTCP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("vps.site.test. 60 IN A 185.96.10.1")
	w.connect("vps.site.test:22", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-\x1b[31mOpenSSH\x00\u202e_9\r\nmore") }))
	w.want("ok", map[string]any{"banner": "SSH-2.0- [31mOpenSSH _9"}, "tcp", "host", "vps.site.test", "port", "22")
	w.connect("vps.site.test:80", serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }))
	w.want("ok", map[string]any{"banner": ""}, "tcp", "host", "vps.site.test", "port", "80")
	w.connect("vps.site.test:80", closedPort(t))
	w.want("refused", nil, "tcp", "host", "vps.site.test", "port", "80")
	w.want(runbooks.Unknown, nil, "tcp", "host", "vps.site.test", "port", "6379")
	w.want(runbooks.Unknown, nil, "tcp", "host", "nobody.test", "port", "22")
	w.want(runbooks.Unknown, nil, "tcp", "host", "vps.site.test")
}

// TestTCPByFamily has a machine that answers over IPv4 and refuses over IPv6: without
// a family nobody would see it.
func TestTCPByFamily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("half.test. 60 IN A 185.96.10.7", "half.test. 60 IN AAAA 2a0c:e300::7", "four.test. 60 IN A 185.96.10.8")
	w.connect("185.96.10.7:22", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-a\r\n") }))
	w.connect("[2a0c:e300::7]:22", closedPort(t))
	w.connect("185.96.10.8:22", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-b\r\n") }))
	w.want("ok", nil, "tcp", "host", "half.test", "port", "22")
	w.want("ok", nil, "tcp", "host", "half.test", "port", "22", "family", "4")
	w.want("refused", nil, "tcp", "host", "half.test", "port", "22", "family", "6")
	w.want("ok", nil, "tcp", "host", "four.test", "port", "22", "family", "4")
	for _, family := range []string{"6", "5", "4,6"} {
		if rep := w.want(runbooks.Unknown, nil, "tcp", "host", "four.test", "port", "22", "family", family); rep.Detail == "" {
			t.Errorf("family %s: no reason is given", family)
		}
		w.want(runbooks.Unknown, nil, "ping", "host", "four.test", "family", family)
	}
	w.want(runbooks.Unknown, nil, "tcp", "host", "2a0c:e300::7", "port", "22", "family", "4")
}

// TestSRV: a telephone finds its server by this record.
func TestSRV(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("_sip._udp.site.test. 60 IN SRV 0 5 5060 sip.site.test.", "site.test. 60 IN A 185.96.10.9")
	w.want("ok", nil, "dns", "name", "_sip._udp.site.test", "type", "SRV")
	w.want("no_address", nil, "dns", "name", "site.test", "type", "SRV")
	w.want("nxdomain", nil, "dns", "name", "_sips._tcp.site.test", "type", "SRV")
}
