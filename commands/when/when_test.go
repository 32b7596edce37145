package when

import (
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 15, 30, 0, 0, paris) // a Tuesday
	for text, want := range map[string]string{
		"vendredi":                        "2026-11-27 09:00|",
		"Vendredi 14h30 le fournisseur":   "2026-11-27 14:30|le fournisseur",
		"mardi":                           "2026-12-01 09:00|",
		"jusqu'à vendredi, on attend OVH": "2026-11-27 09:00|on attend OVH",
		"jusqu'au 15/12 le devis":         "2026-12-15 09:00|le devis",
		"until friday 2pm please":         "2026-11-27 14:00|please",
		"demain":                          "2026-11-25 09:00|",
		"après-demain à 8h":               "2026-11-26 08:00|",
		"tomorrow at 17:45":               "2026-11-25 17:45|",
		"aujourd'hui 18h":                 "2026-11-24 18:00|",
		"18h":                             "2026-11-24 18:00|",
		"9h":                              "2026-11-25 09:00|",
		"3 jours le temps du devis":       "2026-11-27 09:00|le temps du devis",
		"dans une semaine":                "2026-12-01 09:00|",
		"2 weeks":                         "2026-12-08 09:00|",
		"2w":                              "2026-12-08 09:00|",
		"25h":                             "2026-11-25 16:30|", // no hour of a day: a length
		"48h":                             "2026-11-26 15:30|",
		"in 2 hours":                      "2026-11-24 17:30|",
		"90min":                           "2026-11-24 17:00|",
		"15/12":                           "2026-12-15 09:00|",
		"15/12/26 10h":                    "2026-12-15 10:00|",
		"3/4":                             "2027-04-03 09:00|",
		"2026-12-15 x":                    "2026-12-15 09:00|x",
		"15 décembre":                     "2026-12-15 09:00|",
		"1er janvier 2027":                "2027-01-01 09:00|",
		"december 15":                     "2026-12-15 09:00|",
		"lundi prochain":                  "2026-11-30 09:00|",
		"friday next":                     "2026-11-27 09:00|",
		"29/02/2028":                      "2028-02-29 09:00|",
		// no time, or none that can be meant
		"":                     "-",
		"le fournisseur":       "-",
		"31/04":                "-",
		"29/02/2027":           "-",
		"15/12/2020":           "-",
		"2031-01-01":           "-",
		"aujourd'hui 8h":       "-",
		"0 jours":              "-",
		"99999 jours":          "-",
		"3 personnes":          "-",
		"le 3":                 "-",
		"un mail du membre":    "-",
		"jusqu'à":              "-",
		"the":                  "-",
		"in":                   "-",
		"a":                    "-",
		"ce que dit le membre": "-",
	} {
		at, rest, ok := Read(text, now)
		got := "-"
		if ok {
			got = at.Format("2006-01-02 15:04") + "|" + rest
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestReadAcrossTheClockChange(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 15, 0, 0, 0, paris) // the night has 25 hours
	if at, _, _ := Read("demain", now); at.Format(time.RFC3339) != "2026-10-25T09:00:00+01:00" {
		t.Errorf("demain is %s", at.Format(time.RFC3339))
	}
	if at, _, _ := Read("24h", now); !at.Equal(now.Add(24 * time.Hour)) {
		t.Errorf("24h is %s", at)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("jusqu'à vendredi 14h le devis")
	f.Add("15/12/2026")
	now := time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		at, _, ok := Read(text, now)
		if ok && (!at.After(now) || at.Sub(now) > farthest) {
			t.Fatalf("%q is %s", text, at)
		}
	})
}
