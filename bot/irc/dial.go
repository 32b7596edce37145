package irc

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

// dialServer connects to s, and greets with TLS, within ConnectTimeout. The
// name is looked up anew each time; all its addresses are tried, of IPv6 and of IPv4, both
// families at once when the first one hesitates (RFC 8305).
func (t *Transport) dialServer(ctx context.Context, s Server) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.ConnectTimeout)
	defer cancel()
	d := net.Dialer{KeepAlive: 30 * time.Second, Resolver: t.resolver}
	if ip := net.ParseIP(s.Bind); ip != nil {
		d.LocalAddr = &net.TCPAddr{IP: ip}
	}
	conn, err := d.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	if !s.tls() {
		return conn, nil
	}
	conf, err := tlsConfig(s)
	if err != nil {
		conn.Close()
		return nil, err
	}
	tc := tls.Client(conn, conf)
	if err := tc.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("greeting with TLS: %w", err)
	}
	return tc, nil
}

// tlsConfig reads the files of s. They are read again at each connection, so
// that a renewed certificate is taken.
func tlsConfig(s Server) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", s.Address, err)
	}
	conf := &tls.Config{ServerName: cmp.Or(s.TLSServerName, host), MinVersion: tls.VersionTLS12}
	if s.TLSCA != "" {
		pem, err := os.ReadFile(s.TLSCA)
		if err != nil {
			return nil, fmt.Errorf("tls_ca cannot be read: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls_ca %s holds no PEM certificate", s.TLSCA)
		}
	}
	if s.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("the client certificate cannot be used: %w", err)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	return conf, nil
}
