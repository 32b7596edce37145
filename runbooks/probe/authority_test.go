package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync/atomic"
	"testing"
	"time"
)

// certAuthority issues certificates.
type certAuthority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var serial atomic.Int64

func newAuthority(t testing.TB, name string) *certAuthority {
	t.Helper()
	tpl := template(name)
	tpl.IsCA, tpl.BasicConstraintsValid, tpl.KeyUsage = true, true, x509.KeyUsageCertSign
	a := &certAuthority{t: t, key: newKey(t)}
	a.cert = a.sign(tpl, tpl, a.key, a.key)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-10 * 24 * time.Hour), NotAfter: time.Now().Add(80 * 24 * time.Hour),
	}
}

func (a *certAuthority) sign(tpl, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tpl, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// intermediate makes an authority below this one.
func (a *certAuthority) intermediate(name string) *certAuthority {
	tpl := template(name)
	tpl.IsCA, tpl.BasicConstraintsValid, tpl.KeyUsage = true, true, x509.KeyUsageCertSign
	sub := &certAuthority{t: a.t, key: newKey(a.t)}
	sub.cert = a.sign(tpl, a.cert, sub.key, a.key)
	return sub
}

// issue makes a server certificate for names; change may spoil it.
func (a *certAuthority) issue(change func(*x509.Certificate), names ...string) *tls.Certificate {
	tpl := template(names[0])
	tpl.DNSNames, tpl.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if change != nil {
		change(tpl)
	}
	key := newKey(a.t)
	c := a.sign(tpl, a.cert, key, a.key)
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

func (a *certAuthority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}
