package bounded

import (
	"errors"
	"strings"
	"testing"
)

type env struct {
	State string   `expr:"state"`
	Age   float64  `expr:"age"`
	Tags  []string `expr:"tags"`
}

func TestCompile(t *testing.T) {
	for src, want := range map[string]bool{
		`state == "open" && age > 3`: true,
		`"dns" in tags`:              true,
		`len(tags) == 1 and not (state in ["closed","spam"])`: true,
		`age > 100 ? true : false`:                            false,
	} {
		c, err := Compile(src, env{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got, err := c.Holds(env{State: "open", Age: 5, Tags: []string{"dns"}}); err != nil || got != want {
			t.Errorf("%s: %v %v", src, got, err)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for src, want := range map[string]string{
		`any(tags, # == "x")`:                     "",
		`filter(tags, {# != ""}) != []`:           "",
		`age in 1..1000000`:                       "operator ..",
		`let x = 1; x == 1`:                       "variable",
		`tags | len() > 1`:                        "pipe",
		`state matches "(a+)+$"`:                  "matches",
		`age ** 9 > 1`:                            "operator **",
		`$env["state"] == "open"`:                 "",
		`tags[0] == "x"`:                          "index",
		`upper(state) == "OPEN"`:                  "",
		`age`:                                     "",
		`stat == "open"`:                          "unknown",
		`state == 3`:                              "",
		`state == `:                               "",
		strings.Repeat("age>1 && ", 300) + "true": "longer",
		strings.Repeat("!", 500) + "true":         "",
	} {
		_, err := Compile(src, env{})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), want) || e.At < 0 {
			t.Errorf("%.40s: %v, want %q", src, err, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`state == "open" && age > 3`)
	f.Fuzz(func(t *testing.T, src string) {
		if c, err := Compile(src, env{}); err == nil {
			_, _ = c.Holds(env{})
		}
	})
}
