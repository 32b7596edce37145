package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Place is where something stands in a file; both count from 1.
type Place struct{ Line, Column int }

// column is the field that a name of the first line stands for, in French or
// English; empty for none.
func column(name string) string {
	switch name = Fold(name); name {
	case "personnes":
		return "people"
	case "domaines":
		return "domains"
	case "confirme":
		return "confirmed"
	case "association", "people", "domains", "services", "site", "contact", "confirmed":
		return name
	}
	return ""
}

// ReadCSV reads a register as a spreadsheet saves it: separated by commas or
// semicolons, the first line naming the columns, several values of one cell
// separated by spaces. It gives every mistake at once; places tells where each
// member and each of its fields stands, by the paths that Check uses.
func ReadCSV(raw []byte) (members []Member, places map[string]Place, found []Problem) {
	t := &sheet{places: map[string]Place{}}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		t.at("file", Place{1, 1}, "save it as CSV UTF-8", "the file is not UTF-8")
		return nil, t.places, t.found
	}
	t.reader = csv.NewReader(bytes.NewReader(raw))
	t.reader.Comma, t.reader.FieldsPerRecord, t.reader.TrimLeadingSpace = separator(raw), -1, true
	t.read()
	return t.members, t.places, t.found
}

// separator is what the first line is cut by: French spreadsheets write semicolons.
func separator(raw []byte) rune {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		return ';'
	}
	return ','
}

type sheet struct {
	reader  *csv.Reader
	header  []string
	members []Member
	places  map[string]Place
	found   []Problem
}

func (t *sheet) at(path string, p Place, hint, format string, args ...any) {
	t.places[path] = p
	t.found = append(t.found, Problem{path, fmt.Sprintf(format, args...), hint})
}

func (t *sheet) read() {
	for {
		row, err := t.reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if pe, ok := errors.AsType[*csv.ParseError](err); ok {
			t.at("file", Place{pe.Line, pe.Column}, "put a text that holds quotes or separators between double quotes", "%v", pe.Err)
			return
		}
		if t.header == nil {
			t.title(row)
			continue
		}
		if slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			t.row(row)
		}
	}
	if t.header == nil {
		t.at("file", Place{1, 1}, "begin with: association,people,domains,services,site,contact,confirmed", "the file is empty")
	}
}

func (t *sheet) place(i int) Place {
	line, column := t.reader.FieldPos(i)
	return Place{line, column}
}

func (t *sheet) title(row []string) {
	for i, name := range row {
		known := column(name)
		if known == "" {
			t.at(fmt.Sprintf("column %d", i+1), t.place(i), "the columns are: association, people, domains, services, site, contact, confirmed",
				"%q is no column", strings.TrimSpace(name))
		}
		t.header = append(t.header, known)
	}
	if !slices.Contains(t.header, "association") {
		t.at("columns", Place{1, 1}, "name the columns in the first line", "no column is called association")
	}
}

func (t *sheet) row(row []string) {
	m, path := Member{}, fmt.Sprintf("members[%d]", len(t.members))
	t.places[path] = t.place(0)
	for i, cell := range row {
		if i >= len(t.header) {
			t.at(fmt.Sprintf("%s.column %d", path, i+1), t.place(i), "take it out, or put the text between double quotes", "there are more cells than columns")
			break
		}
		t.cell(&m, path, t.header[i], strings.TrimSpace(cell), t.place(i))
	}
	t.members = append(t.members, m)
}

func (t *sheet) cell(m *Member, path, column, cell string, p Place) {
	t.places[path+"."+column] = p
	many := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" ;|\t\n", r) })
	switch column {
	case "association":
		m.Association = cell
	case "people":
		m.People = many
	case "services":
		m.Services = many
	case "site":
		m.Site = cell
	case "contact":
		m.Contact = cell
	case "domains":
		for _, s := range many {
			var d Domain
			_ = d.UnmarshalText([]byte(s)) // what it cannot be is Check's to say
			m.Domains = append(m.Domains, d)
		}
	case "confirmed":
		if cell != "" && !m.Confirmed.written(cell) {
			t.at(path+".confirmed", p, "write it as 2026-01-31 or 31/01/2026", "%q is not a date", cell)
		}
	}
}

// written reads a day as people and spreadsheets write it.
func (d *Day) written(s string) bool {
	for _, form := range []string{time.DateOnly, "02/01/2006"} {
		if t, err := time.Parse(form, s); err == nil {
			d.Time = t
			return true
		}
	}
	return false
}
