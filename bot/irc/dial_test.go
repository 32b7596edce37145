package irc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate makes a self-signed certificate for name, as PEM files.
func certificate(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pk, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pk}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// listen is a server on loopback that hands each connection to serve.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			serve(c)
		}
	}()
	return l.Addr().String()
}

func TestTLSIsVerified(t *testing.T) {
	certFile, keyFile := certificate(t, "irc.test")
	clientCert, clientKey := certificate(t, "vigie")
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 4)
	addr := listen(t, func(c net.Conn) {
		tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert})
		if tc.Handshake() == nil {
			name := "nobody"
			if p := tc.ConnectionState().PeerCertificates; len(p) > 0 {
				name = p[0].Subject.CommonName
			}
			seen <- name
		}
	})
	tr := &Transport{cfg: Config{}.withDefaults()}
	for name, tt := range map[string]struct {
		server Server
		err    string
	}{
		"unknown authority": {Server{Address: addr, TLSServerName: "irc.test"}, "unknown authority"},
		"wrong name":        {Server{Address: addr, TLSCA: certFile, TLSServerName: "other.test"}, "not other.test"},
		"no name":           {Server{Address: addr, TLSCA: certFile}, "127.0.0.1"},
		"no such file":      {Server{Address: addr, TLSCA: certFile + "x"}, "tls_ca cannot be read"},
		"not a certificate": {Server{Address: addr, TLSCA: clientKey}, "no PEM certificate"},
		"no client key":     {Server{Address: addr, TLSCA: certFile, CertFile: clientCert, KeyFile: certFile}, "client certificate cannot be used"},
		"right":             {Server{Address: addr, TLSCA: certFile, TLSServerName: "irc.test", CertFile: clientCert, KeyFile: clientKey}, ""},
	} {
		conn, err := tr.dialServer(t.Context(), tt.server)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if who := <-seen; who != "vigie" {
				t.Errorf("the client certificate was %s's", who)
			}
		}
	}
}

func TestSilentTLSServerIsGivenUp(t *testing.T) {
	addr := listen(t, func(net.Conn) {})
	tr := &Transport{cfg: Config{}.withDefaults()}
	tr.cfg.ConnectTimeout = 100 * time.Millisecond
	began := time.Now()
	if _, err := tr.dialServer(t.Context(), Server{Address: addr}); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
