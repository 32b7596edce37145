package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vigie/commands/register"
)

// maxMembersFile bounds the register's file, in bytes.
const maxMembersFile = 4 << 20

// readMembers reads the register that the configuration names, CSV or YAML by the
// file's name, and says every mistake in it with its place.
func (c *Config) readMembers() []Finding {
	path := c.MembersFile
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return []Finding{{File: path, Message: "the register of members cannot be read: " + err.Error(), Hint: "make it, or take members: out of the configuration"}}
	}
	if len(raw) > maxMembersFile {
		return []Finding{{File: path, Message: "is larger than 4 MiB", Hint: "is this the right file?"}}
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return c.membersCSV(path, raw)
	}
	return c.membersYAML(path, raw)
}

func (c *Config) membersCSV(path string, raw []byte) []Finding {
	members, places, found := register.ReadCSV(raw)
	c.Members = members
	found = append(found, register.Check(members, c.known())...)
	var out []Finding
	for _, p := range found {
		at := placeIn(places, p.Path)
		out = append(out, Finding{path, at.Line, at.Column, p.Path + ": " + p.Message, p.Hint})
	}
	return out
}

// placeIn is where a path stands; the nearest part of it that there is.
func placeIn(places map[string]register.Place, path string) register.Place {
	for path != "" {
		if at, ok := places[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return register.Place{Line: 1, Column: 1}
}

func (c *Config) membersYAML(path string, raw []byte) []Finding {
	var file struct {
		Members []register.Member `yaml:"members"`
	}
	doc, findings := strict(path, bytes.TrimPrefix(raw, []byte("\ufeff")), &file)
	c.Members = file.Members
	for _, p := range register.Check(file.Members, c.known()) {
		line, column := doc.place(p.Path)
		findings = append(findings, Finding{path, line, column, p.Path + ": " + p.Message, p.Hint})
	}
	return findings
}

// known is what the register may name.
func (c *Config) known() register.Known {
	k := register.Known{Networks: c.networks()}
	for _, s := range c.Services {
		k.Services = append(k.Services, s.ID)
	}
	return k
}

// membersSummary is what "vigie check" says of the register.
func (c *Config) membersSummary() string {
	domains := 0
	for _, m := range c.Members {
		domains += len(m.Domains)
	}
	return fmt.Sprintf("%d associations with %d domains", len(c.Members), domains)
}
