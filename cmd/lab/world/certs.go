package world

import (
	"crypto/tls"
	"os"
	"time"

	"vigie/cmd/lab/pki"
)

// certs are the certificates that a server can show.
type certs map[Mode]*tls.Certificate

// newCerts makes the good certificate for some names, and the bad ones.
func newCerts(ca *pki.CA, names ...string) (certs, error) {
	dir, err := os.MkdirTemp("", "vigie-lab-ca-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	unknown, err := pki.New(dir)
	if err != nil {
		return nil, err
	}
	out := certs{}
	for mode, leaf := range map[Mode]pki.Leaf{
		OK:            {Names: names},
		CertExpired:   {Names: names, NotBefore: time.Now().AddDate(0, 0, -97), NotAfter: time.Now().AddDate(0, 0, -7)},
		CertWrongName: {Names: []string{"autre-site.test"}},
		CertUnknown:   {Names: names},
	} {
		signer := ca
		if mode == CertUnknown {
			signer = unknown
		}
		cert, err := signer.Issue(leaf)
		if err != nil {
			return nil, err
		}
		out[mode] = &cert
	}
	return out, nil
}

// config shows the certificate of the mode at the time of the handshake.
func (c certs) config(mode func() Mode) *tls.Config {
	return &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if cert, ok := c[mode()]; ok {
			return cert, nil
		}
		return c[OK], nil
	}}
}
