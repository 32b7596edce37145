package runbooks_test

import (
	"fmt"
	"strings"
	"testing"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

func TestOutlineNamesEveryStepAndWhereItLeads(t *testing.T) {
	lib, _ := runbooks.Load(nil, library.FS())
	rb, _ := lib.ByID("site-down")
	for lang, want := range map[string]string{"fr": "QUESTION · Est-ce que cela ressemble à ce que vous voyez ? | oui ; ne sait pas → PANNE CONNUE | non → 5",
		"en": "QUESTION · Does it look like what you see? | yes; does not know → KNOWN INCIDENT | no → 5"} {
		lines := runbooks.Outline(rb, lang)
		for i, line := range lines {
			if !strings.HasPrefix(line, fmt.Sprintf("%d. ", i+1)) || !strings.Contains(line, " → ") {
				t.Errorf("line %d: %s", i+1, line)
			}
		}
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("%s: no %q in\n%s", lang, want, strings.Join(lines, "\n"))
		}
	}
}
