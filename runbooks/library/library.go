// Package library holds what Vigie ships for members to read: the runbooks,
// the sentence said for each verdict of each check, and the frequently asked
// questions, in French and in English. It is embedded in the program, and
// imports nothing of ours: package runbooks loads it, and a folder named in the
// configuration adds to it or overrides it by id.
//
// The layout is that of such a folder too:
//
//	ID.yaml            a runbook, schema runbook/v1, both languages in one file
//	verdicts/LANG.yaml kind → verdict → one sentence
//	faq/LANG/ID.md     one question: YAML front matter, then one to three lines
//
// What belongs to one host (its name, its addresses) is never written here: the
// texts say {{host.x}}, and HostKeys lists each x.
package library

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml verdicts faq
var content embed.FS

// FS returns the shipped content, read-only. It may be used by several
// goroutines at once.
func FS() fs.FS { return content }
