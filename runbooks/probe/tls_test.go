package probe

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/runbooks"
)

// tlsOn serves only a handshake with cert.
func tlsOn(t *testing.T, cfg *tls.Config) string {
	return serve(t, func(c net.Conn) {
		_ = tls.Server(c, cfg).Handshake()
		_, _ = io.Copy(io.Discard, c)
	})
}

func oneCert(c *tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{*c}} }

func lived(from, to time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(to)
	}
}

const day = 24 * time.Hour

func TestTLSVerdicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("www.site.test. 60 IN A 185.96.10.1")
	stranger := newAuthority(t, "Somebody's Root")
	self := func() *tls.Certificate {
		tpl := template("www.site.test")
		tpl.DNSNames = []string{"www.site.test"}
		key := newKey(t)
		c := w.ca.sign(tpl, tpl, key, key)
		return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
	}()
	old := oneCert(w.ca.issue(nil, "www.site.test"))
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	tests := []struct {
		want runbooks.Verdict
		cfg  *tls.Config
	}{
		{"ok", oneCert(w.ca.issue(nil, "www.site.test"))},
		{"ok", oneCert(w.ca.issue(nil, "*.site.test"))},
		{"ok", oneCert(w.ca.issue(lived(-40*day, 20*day), "www.site.test"))},
		{"expires_soon", oneCert(w.ca.issue(lived(-70*day, 20*day), "www.site.test"))},
		{"expires_soon", oneCert(w.ca.issue(lived(-6*day, 36*time.Hour), "www.site.test"))},
		{"expired", oneCert(w.ca.issue(lived(-9*day, -day), "www.site.test"))},
		{"expired", oneCert(w.ca.issue(lived(-9*day, -day), "other.test"))},
		{"not_yet_valid", oneCert(w.ca.issue(lived(2*day, 9*day), "www.site.test"))},
		{"name_mismatch", oneCert(w.ca.issue(nil, "site.test", "mail.site.test"))},
		{"self_signed", oneCert(self)},
		{"untrusted", oneCert(stranger.issue(nil, "www.site.test"))},
		{"old_protocol", old},
	}
	for _, tt := range tests {
		w.connect("www.site.test:443", tlsOn(t, tt.cfg))
		rep := w.want(tt.want, map[string]any{"same_on_all_ips": true}, "tls", "host", "www.site.test", "port", "443")
		if _, err := time.Parse(time.RFC3339, rep.Fields["not_after"].(string)); err != nil {
			t.Errorf("not_after: %v", err)
		}
	}
	w.connect("www.site.test:443", tlsOn(t, oneCert(w.ca.issue(lived(-10*day, 50*day+time.Hour), "www.site.test", "a.test"))))
	w.want("ok", map[string]any{"days_left": int64(50), "issuer": "Lab Root", "protocol": "TLS 1.3", "names": []string{"www.site.test", "a.test"}}, "tls", "host", "www.site.test")
}

func TestTLSNoCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("www.site.test. 60 IN A 185.96.10.1")
	w.connect("www.site.test:443", closedPort(t))
	w.want("refused", nil, "tls", "host", "www.site.test")
	w.connect("www.site.test:443", serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }))
	w.want("timeout", nil, "tls", "host", "www.site.test")
	w.connect("www.site.test:443", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.0 400 Bad Request\r\n\r\n") }))
	w.want("handshake_failed", nil, "tls", "host", "www.site.test")
	w.connect("www.site.test:443", serve(t, func(c net.Conn) {}))
	w.want("handshake_failed", nil, "tls", "host", "www.site.test")
	w.connect("www.site.test:443", tlsOn(t, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, io.EOF }}))
	w.want("handshake_failed", nil, "tls", "host", "www.site.test")
	w.want(runbooks.Unknown, nil, "tls", "host", "nobody.test")
	w.want(runbooks.Unknown, nil, "tls", "host", "www.site.test", "port", "22")
	w.want(runbooks.Unknown, nil, "tls", "host", "www.site.test", "port", "443", "starttls", "smtp")
}

// TestTLSIncompleteChain: the server forgets its intermediate. Where the certificate says
// where that can be had, having it decides.
func TestTLSIncompleteChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("www.site.test. 60 IN A 185.96.10.1", "aia.test. 60 IN A 185.96.10.2")
	sub := w.ca.intermediate("Lab Intermediate")
	aia := func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://aia.test/sub.der"} }
	forgot := sub.issue(aia, "www.site.test")
	w.connect("www.site.test:443", tlsOn(t, oneCert(forgot)))
	w.want("incomplete_chain", nil, "tls", "host", "www.site.test") // the issuer cannot be had
	w.connect("aia.test:80", web(t, nil, func(rw http.ResponseWriter, r *http.Request) { _, _ = rw.Write(sub.cert.Raw) }))
	w.want("incomplete_chain", map[string]any{"issuer": "Lab Intermediate"}, "tls", "host", "www.site.test")

	whole := *forgot
	whole.Certificate = append(append([][]byte{}, forgot.Certificate...), sub.cert.Raw)
	w.connect("www.site.test:443", tlsOn(t, oneCert(&whole)))
	w.want("ok", nil, "tls", "host", "www.site.test")

	stranger := newAuthority(t, "Somebody's Root")
	w.connect("www.site.test:443", tlsOn(t, oneCert(stranger.intermediate("x").issue(aia, "www.site.test"))))
	w.want("untrusted", nil, "tls", "host", "www.site.test")

	s, at := newSentinel(t)
	w.connect("127.0.0.1:80", at)
	trap := func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://127.0.0.1/sub.der"} }
	w.connect("www.site.test:443", tlsOn(t, oneCert(sub.issue(trap, "www.site.test"))))
	w.want("incomplete_chain", nil, "tls", "host", "www.site.test")
	if s.hits.Load() != 0 {
		t.Error("a certificate led to loopback")
	}
}

func TestTLSOnSeveralAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("www.site.test. 60 IN A 185.96.10.1", "www.site.test. 60 IN AAAA 2a0c:e300::1")
	good := tlsOn(t, oneCert(w.ca.issue(nil, "www.site.test")))
	w.connect("185.96.10.1:443", good)
	w.connect("[2a0c:e300::1]:443", good)
	w.want("ok", map[string]any{"same_on_all_ips": true}, "tls", "host", "www.site.test")
	w.connect("[2a0c:e300::1]:443", tlsOn(t, oneCert(w.ca.issue(lived(-9*day, -day), "www.site.test"))))
	rep := w.want("expired", map[string]any{"same_on_all_ips": false}, "tls", "host", "www.site.test")
	if !strings.Contains(rep.Detail, "2a0c:e300::1") {
		t.Errorf("the detail does not say where: %q", rep.Detail)
	}
	w.connect("[2a0c:e300::1]:443", closedPort(t))
	w.want("ok", map[string]any{"same_on_all_ips": true}, "tls", "host", "www.site.test")
}

func TestTLSStartTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("mail.site.test. 60 IN A 185.96.10.1")
	cert := w.ca.issue(lived(-9*day, -day), "mail.site.test")
	w.connect("mail.site.test:587", serve(t, (&fakeSMTP{cert: cert, starttls: true}).talk))
	w.connect("mail.site.test:143", serve(t, (&fakeIMAP{cert: cert, starttls: true}).talk))
	w.connect("mail.site.test:993", tlsOn(t, oneCert(cert)))
	w.want("expired", nil, "tls", "host", "mail.site.test", "port", "587", "starttls", "smtp")
	w.want("expired", nil, "tls", "host", "mail.site.test", "port", "143", "starttls", "imap")
	w.want("expired", nil, "tls", "host", "mail.site.test", "port", "143")
	w.want("expired", nil, "tls", "host", "mail.site.test", "port", "993")
	w.connect("mail.site.test:587", serve(t, (&fakeSMTP{}).talk))
	w.want("handshake_failed", nil, "tls", "host", "mail.site.test", "port", "587")
}
