package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func answerFAQ() fs.FS {
	return fstest.MapFS{"faq/fr/webmail.md": {Data: []byte(
		"---\nid: webmail\ntitle: \"Où est le webmail ?\"\ntheme: mail_setup\nkeywords: [webmail]\n---\nIci : {{host.webmail}}.\n")}}
}

// runAnswer runs the command and gives what it printed.
func runAnswer(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := answerCommand(answerFAQ)
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

func tsv(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "phrases.tsv")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAnswerExplains(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"notre site ne s'ouvre plus"}, []string{"language   fr", "site_down", "because", "begin the runbook site-down"}},
		{[]string{"où", "est", "le", "webmail"}, []string{"answer about mail_setup", "FAQ        webmail"}},
		{[]string{"merci beaucoup"}, []string{"courtesy   thanks", "answer the courtesy"}},
		{[]string{"--ambient", "ton site est joli"}, []string{"stay silent"}},
		{[]string{"les carottes sont cuites"}, []string{"or a human"}},
		{[]string{""}, []string{"language   -", "or a human"}},
	} {
		out, err := runAnswer(t, c.args...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
		}
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("%q lacks %q:\n%s", c.args, w, out)
			}
		}
	}
}

func TestAnswerExplainsInJSON(t *testing.T) {
	out, err := runAnswer(t, "--json", "how can I donate?")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Lang     string
		Ranked   []struct{ ID string }
		Decision struct{ Kind string }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Lang != "en" || got.Ranked[0].ID != "donate" || got.Decision.Kind != "start" {
		t.Errorf("got %+v", got)
	}
}

func TestAnswerEval(t *testing.T) {
	file := tsv(t, "fr\tnotre site ne s'ouvre plus depuis ce matin\tsite_down", "en\thow can I donate?\tdonate", "fr\tbonne soirée à tous\tnone")
	out, err := runAnswer(t, "--eval", file, "--bar", "top1=0.85, top3=0.95,wrong_start=0.04,missed=0,false_alarm=0.05")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"wrong_start", "\nall ", "\nfr ", "\nen ", "site_down 1"} {
		if !strings.Contains(out, w) {
			t.Errorf("the report lacks %q:\n%s", w, out)
		}
	}
	out, err = runAnswer(t, "--eval", file, "--json")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"n":3,"top1":1,"top3":1,"wrong_start":0,"missed":0,"false_alarm":0,"by_lang":{` +
		`"en":{"n":1,"top1":1,"top3":1,"wrong_start":0,"missed":0,"false_alarm":0},` +
		`"fr":{"n":2,"top1":1,"top3":1,"wrong_start":0,"missed":0,"false_alarm":0}}}`
	if strings.TrimSpace(out) != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

func TestAnswerBelowTheBarFails(t *testing.T) {
	// The label is wrong on purpose: the right answer counts as a wrong start.
	file := tsv(t, "fr\tnotre site ne s'ouvre plus depuis ce matin\tdonate")
	out, err := runAnswer(t, "--eval", file, "--json", "--bar", "top1=0.85,wrong_start=0.04")
	if err == nil || !strings.Contains(err.Error(), "top1 is 0.000") || !strings.Contains(err.Error(), "wrong_start is 1.000") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out, `"wrong_start":1`) {
		t.Errorf("the numbers are not printed below the bar: %s", out)
	}
}

func TestAnswerSaysWhatIsWrong(t *testing.T) {
	for want, args := range map[string][]string{
		"give a sentence":    nil,
		"give --eval":        {"--bar", "top1=1"},
		"no such file":       {"--eval", filepath.Join(t.TempDir(), "none.tsv")},
		"three are needed":   {"--eval", tsv(t, "fr bonjour none")},
		"is not like":        {"--eval", tsv(t, "fr\tx\tnone"), "--bar", "speed=3"},
		"from 0 to 1":        {"--eval", tsv(t, "fr\tx\tnone"), "--bar", "top1=85"},
		`"weather" is no id`: {"--eval", tsv(t, "fr\tx\tweather")},
	} {
		if _, err := runAnswer(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
}
