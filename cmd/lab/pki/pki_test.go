package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// judge is the verdict on cert of a client that trusts ca and wants to talk to name.
func judge(t *testing.T, ca *CA, cert tls.Certificate, name string) error {
	t.Helper()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: name})
	return err
}

func TestIssuedCertificatesAreJudgedAsMeant(t *testing.T) {
	ca, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	good, err := ca.Issue(Leaf{Names: []string{"site.test", "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().AddDate(0, 0, -100)
	expired, err := ca.Issue(Leaf{Names: []string{"site.test"}, NotBefore: old, NotAfter: old.AddDate(0, 0, 90)})
	if err != nil {
		t.Fatal(err)
	}
	if err := judge(t, ca, good, "site.test"); err != nil {
		t.Errorf("good certificate refused by name: %v", err)
	}
	if err := judge(t, ca, good, "127.0.0.1"); err != nil {
		t.Errorf("good certificate refused by address: %v", err)
	}
	var wrong x509.HostnameError
	if err := judge(t, ca, good, "other.test"); !errors.As(err, &wrong) {
		t.Errorf("wrong name: got %v", err)
	}
	var invalid x509.CertificateInvalidError
	if err := judge(t, ca, expired, "site.test"); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("expired: got %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if err := judge(t, other, good, "site.test"); !errors.As(err, &unknown) {
		t.Errorf("other root: got %v", err)
	}
}

func TestWrittenFilesLoadBack(t *testing.T) {
	dir := t.TempDir()
	ca, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(Leaf{Names: []string{"irc.test"}})
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	if err := Write(cert, certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	back, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if Fingerprint(back) != Fingerprint(cert) || len(Fingerprint(cert)) != 64 {
		t.Errorf("fingerprint changed: %s, %s", Fingerprint(cert), Fingerprint(back))
	}
	info, err := os.Stat(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("key file mode is %v", info.Mode().Perm())
	}
	data, err := os.ReadFile(ca.File)
	if err != nil {
		t.Fatal(err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(data) {
		t.Error("the root file holds no certificate")
	}
}

func TestIssueNeedsAName(t *testing.T) {
	ca, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Issue(Leaf{}); err == nil {
		t.Error("a certificate for nobody was issued")
	}
}
