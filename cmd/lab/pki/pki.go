// Package pki is the lab's own certificate authority: one root made for one run of the lab, and the certificates, good or
// deliberately bad, that its servers and clients show. Nothing it makes is trusted outside the lab's folder.
//
// A CA may be used by several goroutines at once.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A CA signs the lab's certificates.
type CA struct {
	// File is the path of the root certificate in PEM, for clients that are given a file.
	File string

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New makes a root valid for ten years and writes its certificate to dir/ca.pem. The key stays in memory.
func New(dir string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("lab CA key: %w", err)
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: "Vigie lab root"},
		NotBefore:             now.AddDate(-5, 0, 0), // older than any expired leaf it signs
		NotAfter:              now.AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("lab CA certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("lab CA certificate: %w", err)
	}
	ca := &CA{File: filepath.Join(dir, "ca.pem"), cert: cert, key: key}
	if err := writePEM(ca.File, 0o644, "CERTIFICATE", der); err != nil {
		return nil, fmt.Errorf("lab CA: %w", err)
	}
	return ca, nil
}

// Pool returns a pool that holds this root alone.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// A Leaf says what a certificate is for. The zero times mean "valid since yesterday, for 60 days".
type Leaf struct {
	Names               []string // DNS names or IP addresses
	NotBefore, NotAfter time.Time
}

// Issue signs a certificate that serves and authenticates clients alike.
func (ca *CA) Issue(leaf Leaf) (tls.Certificate, error) {
	if len(leaf.Names) == 0 {
		return tls.Certificate{}, errors.New("lab certificate: no name")
	}
	if leaf.NotBefore.IsZero() {
		leaf.NotBefore = time.Now().AddDate(0, 0, -1)
	}
	if leaf.NotAfter.IsZero() {
		leaf.NotAfter = leaf.NotBefore.AddDate(0, 0, 61)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("lab certificate for %s: %w", leaf.Names[0], err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: leaf.Names[0]},
		NotBefore:    leaf.NotBefore,
		NotAfter:     leaf.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range leaf.Names {
		if ip := net.ParseIP(name); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("lab certificate for %s: %w", leaf.Names[0], err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// Write saves a certificate and its key as PEM files, the key readable by its owner only.
func Write(cert tls.Certificate, certFile, keyFile string) error {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return fmt.Errorf("lab key for %s: %w", keyFile, err)
	}
	if err := writePEM(certFile, 0o644, "CERTIFICATE", cert.Certificate[0]); err != nil {
		return err
	}
	return writePEM(keyFile, 0o600, "PRIVATE KEY", key)
}

// Fingerprint is the SHA-256 of the certificate in lower-case hexadecimal: what IRC services call a certfp.
func Fingerprint(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Certificate[0])
	return hex.EncodeToString(sum[:])
}

func writePEM(file string, mode os.FileMode, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}

// serial returns a random positive serial number, so that two lab certificates are never taken for one another.
func serial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b) // never fails, by its documentation
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}
