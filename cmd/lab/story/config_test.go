package story

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// initialises is a program that writes what "vigie init" would.
const initialises = `#!/bin/sh
cat > "$4" <<'END'
language: fr
host:
  # Le nom
  name: "Hébergeur"

  info: "https://info.example.org/"
# --- the rest
services: []
END
`

func TestHostValuesAreThoseOfInit(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "vigie")
	if err := os.WriteFile(bin, []byte(initialises), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := hostValues(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := "host:\n  # Le nom\n  name: \"Hébergeur\"\n\n  info: \"https://info.example.org/\"\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "init.yaml")); !os.IsNotExist(err) {
		t.Errorf("the file is left behind: %v", err)
	}
}

func TestHostValuesNeedAHost(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "vigie")
	if err := os.WriteFile(bin, []byte(strings.Replace(initialises, "host:", "hosts:", 1)), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := hostValues(bin, dir); err == nil {
		t.Errorf("got %q", got)
	}
	if _, err := hostValues(filepath.Join(dir, "nothing"), dir); err == nil {
		t.Error("a program that is not there wrote something")
	}
}

func TestWriteQuotesEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	s := settings{Data: "/a folder/# not a comment", Host: "host: {name: x}\n", Pace: DemoPace(),
		Sites: []HostedSite{{"a.test", `L'« été » "2026"`}}, ConnectTo: map[string]string{"a.test:443": "127.0.0.1:1"}}
	if err := s.write(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, want := range []string{`data: "/a folder/# not a comment"`, `association: "L'« été » \"2026\""`, `"a.test:443": "127.0.0.1:1"`,
		"every: 25s", "after_incident: 15s", "lab: true"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %s", want)
		}
	}
	if strings.Contains(text, "appel-don") {
		t.Error("a donation call is planned before its time")
	}
}

func TestCallAtIsTheNextMinuteButNotThisVeryMoment(t *testing.T) {
	s := &Stage{Config: filepath.Join(t.TempDir(), "config.yaml"), Pace: DemoPace()}
	before := time.Now()
	at, err := s.CallAt()
	if err != nil {
		t.Fatal(err)
	}
	if left := at.Sub(before); at.Second() != 0 || left < 5*time.Second || left > 70*time.Second {
		t.Errorf("at %v, in %v", at, left)
	}
	data, err := os.ReadFile(s.Config)
	if err != nil || !strings.Contains(string(data), `rule: "`+at.Format("2006-01-02 15:04")+`"`) {
		t.Errorf("the file lacks the call: %v", err)
	}
}

func TestOpenWithoutTheBot(t *testing.T) {
	_, err := Open(t.Context(), StageOptions{Vigie: filepath.Join(t.TempDir(), "vigie")})
	if err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("without a bot: %v", err)
	}
}

func TestDefaultBin(t *testing.T) {
	t.Setenv(BinEnv, "/somewhere/vigie")
	if got := DefaultBin(); got != "/somewhere/vigie" {
		t.Errorf("got %s", got)
	}
	t.Setenv(BinEnv, "")
	if got := DefaultBin(); !strings.HasSuffix(got, "/bin/vigie") {
		t.Errorf("got %s", got)
	}
}
