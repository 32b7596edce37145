package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"vigie/bot/irc"
	"vigie/bot/matrix"
	"vigie/bot/web"
	"vigie/commands"
	"vigie/commands/answer"
	"vigie/runbooks"
	"vigie/runbooks/library"
	"vigie/runbooks/probe"
)

// Config is the whole configuration file. Each part is described beside what it
// configures; config.example.yaml shows all of it.
type Config struct {
	// Lab marks a configuration of the laboratory: it alone may hold checks.lab.
	Lab bool `yaml:"lab"`
	// Data is the folder for the store.
	Data string `yaml:"data"`
	// Content is a folder of runbooks, verdicts and FAQ that adds to the shipped
	// ones or overrides them by id.
	Content string `yaml:"content"`
	// StoreMaxMiB bounds the store's file.
	StoreMaxMiB int `yaml:"store_max_mib"`
	// Understand holds the thresholds of the recogniser.
	Understand answer.Options `yaml:"understand"`

	IRC    []irc.Config    `yaml:"irc"`
	Matrix []matrix.Config `yaml:"matrix"`
	Checks probe.Config    `yaml:"checks"`
	Web    web.Config      `yaml:"web"`

	commands.Config `yaml:",inline"`
}

// defaults is what an empty file stands for.
func defaults() Config {
	return Config{Data: "data", StoreMaxMiB: 4096, Web: web.Defaults(), Config: commands.Defaults()}
}

// Finding is one mistake in the configuration, placed for an editor.
type Finding struct {
	File         string
	Line, Column int
	Message      string
	Hint         string
}

// String is file:line:column: message (hint).
func (f Finding) String() string {
	s := f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	s += ": " + f.Message
	if f.Hint != "" {
		s += " — " + f.Hint
	}
	return s
}

// LoadConfig reads a configuration file. It gives every mistake at once, and a
// Config only when there is none. Paths in it become relative to its folder.
func LoadConfig(path string) (*Config, []Finding) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, []Finding{{File: path, Message: "cannot be read: " + err.Error(), Hint: "make one with: vigie init"}}
	}
	if len(raw) > 1<<20 {
		return nil, []Finding{{File: path, Message: "is larger than 1 MiB", Hint: "is this the right file?"}}
	}
	cfg := defaults()
	doc, findings := strict(path, bytes.TrimPrefix(raw, []byte("\ufeff")), &cfg)
	if !doc.readable() {
		return nil, findings
	}
	settlePaths(reflect.ValueOf(&cfg).Elem(), filepath.Dir(path))
	for _, p := range cfg.problems() {
		line, column := doc.place(p.Path)
		findings = append(findings, Finding{path, line, column, p.Path + ": " + p.Message, p.Hint})
	}
	findings = append(findings, cfg.readMembers()...)
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	if len(findings) > 0 {
		return nil, findings
	}
	return &cfg, nil
}

// networks are the names of the configured networks.
func (c *Config) networks() []string {
	var out []string
	for _, n := range c.IRC {
		out = append(out, n.Name)
	}
	for _, n := range c.Matrix {
		out = append(out, n.Name)
	}
	return out
}

// problems are the mistakes that the types alone do not show.
func (c *Config) problems() []commands.Problem {
	var p []commands.Problem
	seen := map[string]bool{}
	for i, n := range c.IRC {
		for _, err := range n.Validate() {
			p = append(p, commands.Problem{Path: fmt.Sprintf("irc[%d]", i), Message: err.Error()})
		}
	}
	for i, n := range c.Matrix {
		if err := n.Validate(); err != nil {
			for line := range strings.Lines(err.Error()) {
				p = append(p, commands.Problem{Path: fmt.Sprintf("matrix[%d]", i), Message: strings.TrimSpace(line)})
			}
		}
	}
	for _, n := range c.networks() {
		if seen[n] || strings.ContainsAny(n, "/?| ") || n == "" {
			p = append(p, commands.Problem{Path: "irc", Message: fmt.Sprintf("network name %q is taken or not usable", n), Hint: "give each network a short name of its own"})
		}
		seen[n] = true
	}
	if len(c.networks()) == 0 {
		p = append(p, commands.Problem{Path: "irc", Message: "no network is configured", Hint: "fill in irc: or matrix:"})
	}
	if c.Checks.Lab != nil && !c.Lab {
		p = append(p, commands.Problem{Path: "checks.lab", Message: "is for the laboratory only", Hint: "take it out; a laboratory says lab: true at the top"})
	}
	if _, err := probe.New(c.Checks); err != nil {
		p = append(p, commands.Problem{Path: "checks", Message: err.Error()})
	}
	for _, err := range c.Web.Validate() {
		p = append(p, commands.Problem{Path: "web", Message: err.Error()})
	}
	p = append(p, c.hostProblems()...)
	p = append(p, c.roomProblems()...)
	return append(p, c.Config.Check(c.networks())...)
}

// hostProblems finds values of the host that the content needs and nobody gave.
func (c *Config) hostProblems() []commands.Problem {
	var p []commands.Problem
	known := map[string]bool{}
	for _, k := range library.HostKeys() {
		known[k.Name] = true
		if strings.TrimSpace(c.Host[k.Name]) == "" {
			p = append(p, commands.Problem{Path: "host", Message: k.Name + " is missing (" + k.What + ")", Hint: "for example " + k.Name + ": " + k.Example})
		}
	}
	return p
}

// layers are the folders of content, the shipped one first.
func (c *Config) layers() []fs.FS {
	out := []fs.FS{library.FS()}
	if c.Content != "" {
		out = append(out, os.DirFS(c.Content))
	}
	return out
}

// shortLines names the networks on which long answers are cut.
func (c *Config) shortLines() []string {
	var out []string
	for _, n := range c.IRC {
		out = append(out, n.Name)
	}
	return out
}

// options makes what the bot's handler is made of, or says what is wrong with
// the content.
func (c *Config) options() (commands.Options, []error) {
	lib, found := runbooks.Load(c.Host, c.layers()...)
	_ = lib
	var errs []error
	for _, f := range found.Errors() {
		errs = append(errs, fmt.Errorf("%s", f))
	}
	mind, more := commands.NewMind(c.Host, c.Understand, c.layers()...)
	errs = append(errs, more...)
	if len(errs) > 0 {
		return commands.Options{}, errs
	}
	return commands.Options{Config: c.Config, Content: c.layers(), Understand: mind, ShortLines: c.shortLines(), Version: version}, nil
}

// settlePaths makes the paths of files and folders relative to the configuration's folder.
func settlePaths(v reflect.Value, dir string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			settlePaths(v.Elem(), dir)
		}
	case reflect.Slice:
		for i := range v.Len() {
			settlePaths(v.Index(i), dir)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f, tag := v.Field(i), v.Type().Field(i).Tag.Get("yaml")
			name, _, _ := strings.Cut(tag, ",")
			isPath := strings.HasSuffix(name, "_file") || slices.Contains([]string{"data", "content", "tls_ca", "ca", "static", "members", "folder", "copies"}, name)
			if f.Kind() == reflect.String && isPath && f.String() != "" && !filepath.IsAbs(f.String()) && !strings.Contains(f.String(), "\n") {
				f.SetString(filepath.Join(dir, f.String()))
				continue
			}
			if f.CanSet() {
				settlePaths(f, dir)
			}
		}
	}
}
