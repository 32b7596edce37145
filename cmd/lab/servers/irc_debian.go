package servers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"vigie/cmd/lab/pki"
)

// The IRC servers that Debian has, and Atheme, the services that stand behind each of them. They are run as plain
// child processes with a configuration of the lab's own; Debian's own services are not touched.
const (
	NgIRCd   = "ngircd"
	InspIRCd = "inspircd"
	atheme   = "atheme-services"
)

// DebianIRCName is the name that these servers give themselves, and ServicesName the one of their services, on which
// NickServ is.
const (
	DebianIRCName = "irc.debian.lab.test"
	ServicesName  = "services.lab.test"
)

// ErrNotInstalled is what StartDebianIRC returns, wrapped with what to install, when a program is missing.
var ErrNotInstalled = errors.New("not installed")

// A DebianIRC is ngIRCd or InspIRCd with Atheme behind it, on loopback ports of its own.
type DebianIRC struct {
	*Server
	// Services are the process of Atheme.
	Services *Server
	// Addr is plaintext; TLSAddr is TLS, its certificate signed by the lab's CA.
	Addr, TLSAddr string
	// NickServ is the mask of NickServ, as this server shows it.
	NickServ string
}

//go:embed ngircd.conf.tmpl
var ngircdConfig string

//go:embed inspircd.conf.tmpl
var inspircdConfig string

//go:embed atheme.conf.tmpl
var athemeConfig string

// debianSettings is what the templates are filled with.
type debianSettings struct {
	Name, Services, Dir, Password, Protocol string
	Port, TLSPort, LinkPort                 int
}

// StartDebianIRC starts kind (NgIRCd or InspIRCd) and its services in dir, and returns when both answer. Stop ends both.
func StartDebianIRC(ctx context.Context, kind, dir string, ca *pki.CA) (*DebianIRC, error) {
	programs := map[string]string{}
	for _, name := range []string{kind, atheme} {
		path, err := findDebian(name)
		if err != nil {
			return nil, err
		}
		programs[name] = path
	}
	ports, err := FreePorts(3)
	if err != nil {
		return nil, err
	}
	s := debianSettings{Name: DebianIRCName, Services: ServicesName, Dir: dir, Password: secret(), Protocol: kind,
		Port: ports[0], TLSPort: ports[1], LinkPort: ports[2]}
	if kind == NgIRCd {
		s.LinkPort = s.Port // one port for people and servers
	}
	if err := s.write(ca); err != nil {
		return nil, err
	}
	d := &DebianIRC{Addr: fmt.Sprintf("127.0.0.1:%d", s.Port), TLSAddr: fmt.Sprintf("127.0.0.1:%d", s.TLSPort), NickServ: "NickServ!services@" + ServicesName}
	args := map[string][]string{
		NgIRCd:   {"-n", "-f", filepath.Join(dir, "ngircd.conf")},
		InspIRCd: {"--nofork", "--runasroot", "--config", filepath.Join(dir, "inspircd.conf")},
	}[kind]
	if kind == NgIRCd {
		d.NickServ = "NickServ!services@" + cloak // it hides the services' host like everybody's
	}
	up := func(ctx context.Context) error { return answersIRC(ctx, d.Addr) }
	d.Server = NewServer(kind, filepath.Join(dir, kind+".log"), dir, up, programs[kind], args...)
	linked := func(ctx context.Context) error { return hasServices(ctx, d.Addr) }
	d.Services = NewServer(atheme, filepath.Join(dir, "atheme.log"), dir, linked, programs[atheme], "-n",
		"-c", filepath.Join(dir, "atheme.conf"), "-D", dir, "-l", filepath.Join(dir, "atheme.run.log"), "-p", filepath.Join(dir, "atheme.pid"))
	if err := d.Server.Start(ctx); err != nil {
		return nil, err
	}
	if err := d.Services.Start(ctx); err != nil {
		return nil, errors.Join(err, d.Server.Stop())
	}
	return d, nil
}

// cloak is the host that ngIRCd shows for everybody.
const cloak = "users.lab.test"

// Stop ends the services and the server.
func (d *DebianIRC) Stop() error { return errors.Join(d.Services.Stop(), d.Server.Stop()) }

// write makes the configurations and the certificate.
func (s debianSettings) write(ca *pki.CA) error {
	cert, err := ca.Issue(pki.Leaf{Names: []string{DebianIRCName, "localhost", "127.0.0.1"}})
	if err != nil {
		return err
	}
	if err := pki.Write(cert, filepath.Join(s.Dir, "cert.pem"), filepath.Join(s.Dir, "key.pem")); err != nil {
		return err
	}
	for name, text := range map[string]string{"ngircd.conf": ngircdConfig, "inspircd.conf": inspircdConfig, "atheme.conf": athemeConfig} {
		t, err := template.New(name).Parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var b strings.Builder
		if err := t.Execute(&b, s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(b.String()), 0o600); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// findDebian finds a program, which Debian may put where only root looks.
func findDebian(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	path := "/usr/sbin/" + name
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s is %w: apt-get install ngircd inspircd atheme-services", name, ErrNotInstalled)
}

// hasServices is one probe of the services behind a server: does NickServ exist?
func hasServices(ctx context.Context, addr string) error {
	return converse(ctx, addr, []string{"NICK probe", "USER probe 0 * :probe"}, func(line string) (string, bool, error) {
		switch {
		case strings.Contains(line, " 376 ") || strings.Contains(line, " 422 "):
			return "WHOIS NickServ", false, nil
		case strings.Contains(line, " 312 ") && strings.Contains(line, ServicesName):
			return "QUIT", true, nil
		case strings.Contains(line, " 318 "):
			return "", false, errors.New("there is no NickServ yet")
		}
		return "", false, nil
	})
}
