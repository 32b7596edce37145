package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"vigie/runbooks/library"
)

//go:embed dist/config.yaml
var configTemplate string

// answers is what "vigie init" asks; the values of an example are the defaults.
type answers struct {
	Language, HostName, IRCServer, Nick, Homeserver, MatrixUser string
	Host                                                        []hostValue
}

type hostValue struct{ Name, What, Value string }

func exampleAnswers() answers {
	a := answers{Language: "fr", HostName: "Hébergeur Exemple", IRCServer: "irc.example.org:6697", Nick: "vigie",
		Homeserver: "https://matrix.example.org", MatrixUser: "@vigie:example.org"}
	for _, k := range library.HostKeys() {
		a.Host = append(a.Host, hostValue{k.Name, k.What, k.Example})
	}
	return a
}

func initCommand() *cobra.Command {
	var path string
	var plain bool
	cmd := &cobra.Command{Use: "init", Short: "write a configuration to begin with", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a := exampleAnswers()
			if !plain {
				if err := a.ask(cmd.InOrStdin(), cmd.OutOrStdout()); err != nil {
					return err
				}
			}
			text, err := a.render()
			if err != nil {
				return err
			}
			if err := writeNew(path, text); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s : écrit. Remplissez-le, puis : vigie check -c %s\n%s: written. Fill it in, then: vigie check -c %s\n", path, path, path, path)
			return nil
		}}
	cmd.Flags().StringVarP(&path, "config", "c", "config.yaml", "file to write; it must not exist yet")
	cmd.Flags().BoolVar(&plain, "defaults", false, "ask nothing")
	return cmd
}

// ask goes through the few things that differ everywhere; an empty line keeps
// the example.
func (a *answers) ask(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for _, q := range []struct {
		words string
		value *string
	}{
		{"Langue / language (fr, en)", &a.Language},
		{"Nom de l'hébergeur / name of the host", &a.HostName},
		{"Serveur IRC / IRC server (host:port)", &a.IRCServer},
		{"Pseudo et compte du bot / nick and account of the bot", &a.Nick},
		{"Serveur Matrix / homeserver (https://…)", &a.Homeserver},
		{"Identifiant Matrix du bot / Matrix id of the bot", &a.MatrixUser},
	} {
		fmt.Fprintf(out, "%s [%s]: ", q.words, *q.value)
		if !lines.Scan() {
			return errors.Join(lines.Err(), errors.New("no answer; with --defaults nothing is asked"))
		}
		if s := strings.TrimSpace(lines.Text()); s != "" {
			if strings.ContainsAny(s, "\"\n\\") {
				return fmt.Errorf("%q cannot stand in the file: leave out quotes and backslashes", s)
			}
			*q.value = s
		}
	}
	if a.Language != "fr" && a.Language != "en" {
		return fmt.Errorf("%q is not a language of Vigie: write fr or en", a.Language)
	}
	for i := range a.Host {
		if a.Host[i].Name == "name" {
			a.Host[i].Value = a.HostName
		}
	}
	return nil
}

func (a answers) render() (string, error) {
	t, err := template.New("config").Parse(configTemplate)
	if err != nil {
		return "", fmt.Errorf("configuration template: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, a); err != nil {
		return "", fmt.Errorf("configuration template: %w", err)
	}
	return b.String(), nil
}

// writeNew writes a file that must not exist: nobody's configuration is lost.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already: move it away, or write elsewhere with -c", path)
	}
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
