package alert

import (
	"os"
	"strings"
	"testing"
	"time"
)

// gatus and kuma are the ready examples of config.example.yaml.
var (
	gatus = Config{Name: "gatus", Kind: KindJSON, Key: `body.group + "/" + body.endpoint`, Firing: `body.state == "TRIGGERED"`, Service: `body.group`,
		Title: `body.endpoint + " : " + body.description`}
	kuma = Config{Name: "kuma", Kind: KindJSON, Key: `body.monitor.id`, Firing: `body.heartbeat.status == 0`, Service: `body.monitor?.tags[0]?.value ?? ""`,
		Title: `body.monitor.name`, Severity: `body.monitor.type == "port" ? 2 : 3`}
)

func source(t *testing.T, c Config) *Source {
	t.Helper()
	s, err := Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAlertmanagerIsRead(t *testing.T) {
	sig, err := source(t, Config{Name: "am", Kind: KindAlertmanager}).Read(sample(t, "alertmanager.json"))
	if err != nil {
		t.Fatal(err)
	}
	if sig.Key != `{}:{alertname="SiteDown"}` || sig.Service != "web" || sig.Severity != 2 || sig.Title != "web3 does not answer" || !sig.Firing || len(sig.Alerts) != 2 {
		t.Errorf("%+v", sig)
	}
	a, b := sig.Alerts[0], sig.Alerts[1]
	if a.Print != "aaaa" || !a.Firing || !a.Until.IsZero() || b.Firing || !b.Until.Equal(time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", sig.Alerts)
	}
}

func TestAlertmanagerMayBeMapped(t *testing.T) {
	s := source(t, Config{Name: "am", Kind: KindAlertmanager, Service: `labels.alertname == "SiteDown" ? "mail" : ""`, Severity: `status == "firing" ? 1 : 4`, Title: `annotations.nothing`})
	sig, err := s.Read(sample(t, "alertmanager.json"))
	if err != nil || sig.Service != "mail" || sig.Severity != 1 || sig.Title != "" {
		t.Errorf("%+v %v", sig, err)
	}
}

func TestGatusAndUptimeKumaAreRead(t *testing.T) {
	sig, err := source(t, gatus).Read(sample(t, "gatus.json"))
	if err != nil || sig.Key != "web/site-web" || sig.Service != "web" || !sig.Firing || sig.Severity != 2 || sig.Title != "site-web : 3 checks failed in a row" {
		t.Errorf("gatus: %+v %v", sig, err)
	}
	sig, err = source(t, gatus).Read([]byte(strings.Replace(string(sample(t, "gatus.json")), "TRIGGERED", "RESOLVED", 1)))
	if err != nil || sig.Firing || sig.Alerts[0].Firing {
		t.Errorf("gatus, resolved: %+v %v", sig, err)
	}
	sig, err = source(t, kuma).Read(sample(t, "uptime-kuma.json"))
	if err != nil || sig.Key != "7" || sig.Service != "mail" || !sig.Firing || sig.Severity != 2 || sig.Title != "courriel sortant" {
		t.Errorf("kuma: %+v %v", sig, err)
	}
}

func TestWhatIsNoMessageIsRefusedWithoutQuotingIt(t *testing.T) {
	am, js := source(t, Config{Name: "am", Kind: KindAlertmanager}), source(t, gatus)
	for _, tt := range []struct {
		s    *Source
		body string
	}{
		{am, ""}, {am, "SECRET"}, {am, `{"version":"3","groupKey":"SECRET","status":"firing"}`}, {am, `{"version":"4","status":"firing"}`}, {am, `[]`},
		{js, ""}, {js, "null"}, {js, `{"group":1}`}, {js, `{"group":{"SECRET":1},"endpoint":"SECRET"}`}, {js, `"SECRET"`}, {js, `{"group":"","endpoint":["SECRET"]}`},
	} {
		if _, err := tt.s.Read([]byte(tt.body)); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", tt.body, err)
		}
	}
}

func TestExpressionsAreCheckedWhenTheyAreRead(t *testing.T) {
	for expression, want := range map[string]string{
		`filter(body.list, true)`: "may not be used", `1..1000000`: "may not be used", `let x = 1; x`: "may not be used", `body.f()`: "may not be used",
		`body | len`: "", `body.name matches "(a+)+$"`: "may not be used", `repeat("a", 100000)`: "may not be used", `$env`: "may not be used",
		`nothing.name`: "unknown name", `body.`: "unexpected", strings.Repeat("body.a + ", 400) + "body.a": "longer than",
	} {
		c := gatus
		c.Title = expression
		_, err := Compile(c)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.40s: %v", expression, err)
		}
	}
	wrong := Config{Name: "A b", Kind: "mail", Policy: "shout", Firing: `"x"`, Severity: `"x"`}
	_, err := Compile(wrong)
	for _, want := range []string{"name", "kind", "policy", "firing", "severity"} {
		if err == nil || !strings.Contains(err.Error(), want+":") && !strings.Contains(err.Error(), want+" \"") {
			t.Errorf("%s is not found wrong: %v", want, err)
		}
	}
	if _, err := Compile(Config{Name: "x", Kind: KindJSON}); err == nil || strings.Count(err.Error(), "missing") != 4 {
		t.Errorf("nothing is mapped: %v", err)
	}
}

func TestManyAlertsAreBounded(t *testing.T) {
	one := `{"status":"firing","fingerprint":"f%","startsAt":"2026-11-23T09:00:00Z"},`
	body := `{"version":"4","groupKey":"k","status":"firing","truncatedAlerts":3,"alerts":[` + strings.Repeat(one, mostAlerts+7) + strings.TrimSuffix(one, ",") + `]}`
	sig, err := source(t, Config{Name: "am", Kind: KindAlertmanager}).Read([]byte(body))
	if err != nil || len(sig.Alerts) != mostAlerts || sig.Truncated != 3+8 {
		t.Errorf("%d alerts, %d left out, %v", len(sig.Alerts), sig.Truncated, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"alertmanager.json", "gatus.json", "uptime-kuma.json"} {
		raw, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	var all []*Source
	for _, c := range []Config{{Name: "am", Kind: KindAlertmanager}, gatus, kuma} {
		s, err := Compile(c)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, s)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range all {
			if sig, err := s.Read(body); err == nil && (sig.Key == "" || sig.Severity < 1 || sig.Severity > 4 || strings.ContainsAny(sig.Title, "\r\n\x00")) {
				t.Fatalf("%+v", sig)
			}
		}
	})
}
