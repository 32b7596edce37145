package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/runbooks"
)

// maxAddresses is how many addresses of a name have their certificate looked at.
const maxAddresses = 4

// checkTLS looks at the certificate that each address of a host shows. The verdict is
// the first fault found, in the order of addresses, IPv4 first.
func checkTLS(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	h, err := parseHost(strings.TrimSpace(args["host"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	port, upgrade, err := tlsArgs(args)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	addrs, err := a.resolve(ctx, h)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	addrs = sortedFew(addrs, maxAddresses)
	looks := make([]look, len(addrs))
	var all []func()
	for i := range addrs {
		all = append(all, func() { looks[i] = a.lookAt(ctx, h, addrs[i], port, upgrade) })
	}
	together(all...)
	return a.judgeLooks(ctx, h, looks)
}

// tlsArgs reads port and starttls. TLS is looked at where it is at home: the web's port
// and those of mail.
func tlsArgs(args map[string]string) (uint16, string, error) {
	port := uint16(443)
	if t := strings.TrimSpace(args["port"]); t != "" {
		p, err := parsePort(t)
		if err != nil {
			return 0, "", err
		}
		port = p
	}
	upgrade := ""
	switch port {
	case 443, 465, 993, 995:
	case 25, 587:
		upgrade = "smtp"
	case 143:
		upgrade = "imap"
	default:
		return 0, "", fmt.Errorf("%w: not a port where TLS is looked at", errBlocked)
	}
	switch t := strings.ToLower(strings.TrimSpace(args["starttls"])); t {
	case "", "none", "false", upgrade:
	default:
		return 0, "", fmt.Errorf("%w: that starttls does not go with that port", errBlocked)
	}
	return port, upgrade, nil
}

// look is what one address showed.
type look struct {
	addr  vetted
	state *tls.ConnectionState
	err   error
}

// lookAt connects, upgrades if asked, and shakes hands without judging: a certificate
// must be seen to be judged. Nothing is ever sent over this connection.
func (a *attempt) lookAt(ctx context.Context, h host, v vetted, port uint16, upgrade string) look {
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	conn, err := a.dial(ctx, "tcp", v, port)
	if err != nil {
		return look{addr: v, err: err}
	}
	defer func() { _ = conn.Close() }()
	switch upgrade {
	case "smtp":
		_, err = smtpUpgrade(newLines(conn), a.set.Helo)
	case "imap":
		_, err = imapUpgrade(newLines(conn))
	}
	if err != nil {
		return look{addr: v, err: err}
	}
	cfg := &tls.Config{
		InsecureSkipVerify: true, // judged by judgeChain, which must tell faults apart
		MinVersion:         tls.VersionTLS10,
	}
	if !h.addr.IsValid() {
		cfg.ServerName = h.name
	}
	c, err := handshake(ctx, conn, cfg)
	if err != nil {
		return look{addr: v, err: err}
	}
	state := c.ConnectionState()
	return look{addr: v, state: &state}
}

func (a *attempt) judgeLooks(ctx context.Context, h host, looks []look) runbooks.Report {
	var worst *runbooks.Report
	var failed error
	same := true
	var first *x509.Certificate
	for _, l := range looks {
		if l.err != nil {
			if failed == nil || errKind(failed) == failOurs {
				failed = l.err
			}
			continue
		}
		leaf := l.state.PeerCertificates[0]
		if first == nil {
			first = leaf
		}
		same = same && leaf.Equal(first)
		v, detail := a.judgeChain(ctx, h, l.state, time.Now())
		if worst == nil || gravity(v) > gravity(worst.Verdict) {
			rep := verdict(v, certFields(l.state, time.Now()), l.addr.addr.String()+": "+detail)
			worst = &rep
		}
	}
	if worst != nil {
		worst.Fields["same_on_all_ips"] = same
		return *worst
	}
	return because(tlsFailure(failed), failed)
}

// gravity orders verdicts on certificates: fine, fine for now, a fault.
func gravity(v runbooks.Verdict) int {
	switch v {
	case runbooks.OK:
		return 0
	case "expires_soon":
		return 1
	}
	return 2
}

// tlsFailure is the verdict when no certificate was seen.
func tlsFailure(err error) runbooks.Verdict {
	switch errKind(err) {
	case failRefused:
		return "refused"
	case failTimeout, failUnreachable:
		return "timeout"
	case failTLS, failReset, failProtocol:
		return "handshake_failed"
	}
	return runbooks.Unknown
}

func certFields(s *tls.ConnectionState, now time.Time) map[string]any {
	leaf := s.PeerCertificates[0]
	issuer := leaf.Issuer.CommonName
	if len(leaf.Issuer.Organization) > 0 {
		issuer = leaf.Issuer.Organization[0] + " " + issuer
	}
	names := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return map[string]any{
		"days_left": int64(wholeDays(leaf.NotAfter.Sub(now))), "not_after": leaf.NotAfter.UTC().Format(time.RFC3339),
		"issuer": clean(issuer, 120), "protocol": tls.VersionName(s.Version), "names": cleanAll(names, 32, 253),
	}
}

// judgeChain tells the faults of a certificate apart, the root cause first: who vouches
// for it, when, for whom, over what.
func (a *attempt) judgeChain(ctx context.Context, h host, s *tls.ConnectionState, now time.Time) (runbooks.Verdict, string) {
	leaf := s.PeerCertificates[0]
	early, late := now.Before(leaf.NotBefore), now.After(leaf.NotAfter)
	err := a.verifyChain(s.PeerCertificates, nil, within(leaf, now))
	switch {
	case err != nil && isSelfSigned(leaf):
		return "self_signed", "signed by itself"
	case late:
		return "expired", "since " + leaf.NotAfter.UTC().Format(time.RFC3339)
	case early:
		return "not_yet_valid", "until " + leaf.NotBefore.UTC().Format(time.RFC3339)
	case err != nil && a.isIncomplete(ctx, s.PeerCertificates, within(leaf, now)):
		return "incomplete_chain", err.Error()
	case err != nil:
		return "untrusted", err.Error()
	}
	if err := leaf.VerifyHostname(h.name); err != nil {
		return "name_mismatch", err.Error()
	}
	if s.Version < tls.VersionTLS12 {
		return "old_protocol", tls.VersionName(s.Version)
	}
	// Relative, since certificates live 90 days today, and less tomorrow.
	if leaf.NotAfter.Sub(now) <= leaf.NotAfter.Sub(leaf.NotBefore)/4 {
		return "expires_soon", leaf.NotAfter.UTC().Format(time.RFC3339)
	}
	return runbooks.OK, ""
}

// within gives an instant at which the leaf's own dates are no obstacle, so that they
// do not hide what is wrong with its chain.
func within(leaf *x509.Certificate, now time.Time) time.Time {
	if now.After(leaf.NotAfter) {
		return leaf.NotAfter.Add(-time.Second)
	}
	if now.Before(leaf.NotBefore) {
		return leaf.NotBefore.Add(time.Second)
	}
	return now
}

func isSelfSigned(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// verifyChain verifies the first certificate against our roots, by way of those sent and
// of extra ones.
func (a *attempt) verifyChain(sent, extra []*x509.Certificate, at time.Time) error {
	pool := x509.NewCertPool()
	for _, c := range append(append([]*x509.Certificate{}, sent[1:]...), extra...) {
		pool.AddCert(c)
	}
	_, err := sent[0].Verify(x509.VerifyOptions{Roots: a.roots, Intermediates: pool, CurrentTime: at})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	return nil
}

// isIncomplete says that the chain would hold with what the server forgot to send. The
// certificate names where its issuer can be had; what is found there decides, through
// the guard like any URL of a stranger. If it cannot be had, a chain in which the
// leaf's issuer is missing is called incomplete, and otherwise it is the trust that lacks.
func (a *attempt) isIncomplete(ctx context.Context, sent []*x509.Certificate, at time.Time) bool {
	var extra []*x509.Certificate
	last := sent[len(sent)-1]
	if !issuerSent(sent) {
		last = sent[0]
	}
	for range 3 {
		if len(last.IssuingCertificateURL) == 0 {
			return false
		}
		issuer, err := a.getIssuer(ctx, last.IssuingCertificateURL[0])
		if err != nil {
			return len(extra) == 0 && !issuerSent(sent)
		}
		extra = append(extra, issuer)
		if a.verifyChain(sent, extra, at) == nil {
			return true
		}
		last = issuer
	}
	return false
}

// issuerSent says that the server sent the certificate of its leaf's issuer.
func issuerSent(sent []*x509.Certificate) bool {
	for _, c := range sent[1:] {
		if string(c.RawSubject) == string(sent[0].RawIssuer) {
			return true
		}
	}
	return false
}

func (a *attempt) getIssuer(ctx context.Context, text string) (*x509.Certificate, error) {
	u, err := parseURL(text)
	if err != nil {
		return nil, err
	}
	p, err := a.get(ctx, u, anyFamily, 64<<10)
	if err != nil {
		return nil, err
	}
	if p.status != 200 {
		return nil, errors.New("the issuer's certificate is not there")
	}
	c, err := x509.ParseCertificate(p.body)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	return c, nil
}
