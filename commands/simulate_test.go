package commands

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func instantOf(t testing.TB, s string) time.Time {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, paris)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// simulated are the decisions of a simulation about one schedule, a line each: when,
// what, room.
func simulated(t testing.TB, c Config, s Simulation, schedule string) []string {
	t.Helper()
	list, err := Simulate(t.Context(), testOptions(c), s)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range list {
		if strings.HasPrefix(d.Schedule, schedule) {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.At.In(c.Location()).Format("2006-01-02 15:04"), d.Act, d.Room)))
		}
	}
	return out
}

// oneOfEach is a configuration with one schedule of each kind, all on Mondays at 18:00,
// in one room.
func oneOfEach() Config {
	c := testConfig()
	c.Rooms["annonces"] = Room{Audience: Public, Places: []string{"irc/#annonces"}, Announcements: true}
	title := map[string]string{"fr": "Titre", "en": "Title"}
	c.Schedules = []ScheduleConfig{
		{ID: "meet", Kind: meeting, Rule: "cron: 0 20 * * 1", Reminders: []string{"2h"}, Title: title},
		{ID: "gift", Kind: donation, Rule: "cron: 0 18 * * 1", Campaign: "don2026", Title: title},
		{ID: "news", Kind: news, Rule: "cron: 0 18 * * 1", Title: title},
		{ID: "digest", Kind: digest, Rule: "cron: 0 18 * * 1", Title: title},
	}
	c.Campaigns.Gate.Every = 24 * time.Hour
	return c
}

// TestMisfireMatrix stops the bot around Monday 18:00 for longer and longer, and wants of
// each kind what its policy says: a meeting (it starts at 20:00) until it starts, a donation
// call only on time, news within a day, a digest whenever.
func TestMisfireMatrix(t *testing.T) {
	due := instantOf(t, "2026-12-07 18:00")
	for _, c := range []struct {
		off                      time.Duration // from ten minutes before until this long after
		meet, gift, news, digest bool
	}{
		{-5 * time.Minute, true, true, true, true},
		{time.Minute, true, true, true, true},
		{3 * time.Minute, true, false, true, true},
		{time.Hour, true, false, true, true},
		{119 * time.Minute, true, false, true, true},
		{121 * time.Minute, false, false, true, true},
		{3 * time.Hour, false, false, true, true},
		{23 * time.Hour, false, false, true, true},
		{25 * time.Hour, false, false, false, true},
		{72 * time.Hour, false, false, false, true},
	} {
		for kind, want := range map[string]bool{"meet": c.meet, "gift": c.gift, "news": c.news, "digest": c.digest} {
			s := Simulation{From: instantOf(t, "2026-12-06 12:00"), To: instantOf(t, "2026-12-13 12:00"),
				Off: []Span{{due.Add(-10 * time.Minute), due.Add(c.off)}}}
			list := simulated(t, oneOfEach(), s, kind)
			said := len(slices.DeleteFunc(slices.Clone(list), func(l string) bool { return !strings.Contains(l, " said ") }))
			if said != map[bool]int{true: 1}[want] {
				t.Errorf("stopped until %s after, %s: %v, want it said: %v", c.off, kind, list, want)
			}
		}
	}
}

// TestCatchUpIsNoBurst has ten news missed together: three of them a minute at most.
func TestCatchUpIsNoBurst(t *testing.T) {
	c := oneOfEach()
	c.Schedules = nil
	for i := range 10 {
		c.Schedules = append(c.Schedules, ScheduleConfig{ID: fmt.Sprintf("n%d", i), Kind: news, Rule: "cron: 0 18 * * 1", Title: map[string]string{"fr": "T", "en": "T"}})
	}
	due := instantOf(t, "2026-12-07 18:00")
	list := simulated(t, c, Simulation{From: due.Add(-time.Hour), To: due.Add(5 * time.Hour), Off: []Span{{due.Add(-time.Minute), due.Add(time.Hour)}}}, "n")
	if len(list) != 10 {
		t.Fatalf("%d of 10 were said: %v", len(list), list)
	}
	a := map[string]int{}
	for _, l := range list {
		if a[l[:16]]++; a[l[:16]] > 3 {
			t.Fatalf("a burst: %v", list)
		}
	}
	onTime := simulated(t, c, Simulation{From: due.Add(-time.Hour), To: due.Add(time.Hour)}, "n")
	if len(onTime) != 10 || onTime[9][:16] != "2026-12-07 18:00" {
		t.Errorf("what is on time does not wait: %v", onTime)
	}
}

// TestCallHeldByAnIncident is the story of PRODUCT.md: due at 18:00, held while the incident
// is open and for 72 h after, let go later.
func TestCallHeldByAnIncident(t *testing.T) {
	c := oneOfEach()
	s := Simulation{From: instantOf(t, "2026-12-06 12:00"), To: instantOf(t, "2026-12-13 12:00"),
		Troubles: []Trouble{{From: instantOf(t, "2026-12-07 17:00"), To: instantOf(t, "2026-12-07 19:30"), Service: "web"}}}
	want := []string{"2026-12-07 18:00 held irc/#annonces", "2026-12-07 20:00 held irc/#annonces", "2026-12-10 19:30 said irc/#annonces"}
	if got := simulated(t, c, s, "gift"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.Silent = true
	for _, l := range simulated(t, c, s, "gift") {
		if strings.Contains(l, "said") {
			t.Errorf("asked in a silent room: %s", l)
		}
	}
}

// TestSimulatedYearIsQuick is no measure: it only wants a year to be one that people wait for.
func TestSimulatedYear(t *testing.T) {
	list := simulated(t, testConfig(), Simulation{From: instantOf(t, "2026-01-01 00:00"), To: instantOf(t, "2027-01-01 00:00")}, "reunion")
	if len(list) != 12*3*2 { // months, reminders, rooms
		t.Errorf("%d reminders in a year", len(list))
	}
}

// timeline draws a random life of the bot: outages, stops, a rhythm of calls.
func timeline(t *rapid.T) (Config, Simulation) {
	c := oneOfEach()
	hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 30}).Draw(t, "minute")
	c.Schedules = []ScheduleConfig{
		{ID: "gift", Kind: donation, Rule: fmt.Sprintf("cron: %d %d * * *", minute, hour), Campaign: "don2026", Title: map[string]string{"fr": "T", "en": "T"}},
		{ID: "gift2", Kind: donation, Rule: fmt.Sprintf("cron: %d %d * * 1,4", minute, (hour+7)%24), Campaign: "don2026", Title: map[string]string{"fr": "T", "en": "T"}},
	}
	c.Campaigns.Gate.Every = time.Duration(rapid.IntRange(24, 14*24).Draw(t, "every")) * time.Hour
	from := instantOf(&testing.T{}, "2026-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 365*24).Draw(t, "begin")) * time.Hour)
	s := Simulation{From: from, To: from.Add(21 * 24 * time.Hour)}
	within := func(name string) time.Time {
		return from.Add(time.Duration(rapid.IntRange(1, 21*24*60).Draw(t, name)) * time.Minute)
	}
	for range rapid.IntRange(0, 3).Draw(t, "troubles") {
		at := within("trouble")
		s.Troubles = append(s.Troubles, Trouble{From: at, To: at.Add(time.Duration(rapid.IntRange(1, 100*60).Draw(t, "lasts")) * time.Minute), Service: rapid.SampledFrom([]string{"web", "mail", "voip"}).Draw(t, "service")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "stops") {
		at := within("stop")
		s.Off = append(s.Off, Span{at, at.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "off")) * time.Minute)})
	}
	return c, s
}

// TestNeverAtAWrongMoment holds the gate's promise over random timelines, through the
// very turns of earnest: never during an incident of the room nor within 72 h after, never
// more often than the cap, never in quiet hours, never twice.
func TestNeverAtAWrongMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s := timeline(t)
		list, err := Simulate(t.Context(), testOptions(c), s)
		if err != nil {
			t.Fatal(err)
		}
		last := map[string]time.Time{}
		seen := map[string]bool{}
		for _, d := range list {
			if d.Act != ActSaid {
				continue
			}
			key := d.Schedule + d.Civil + d.Room
			if seen[key] {
				t.Fatalf("said twice: %+v", d)
			}
			seen[key] = true
			if h := d.At.In(c.Location()).Hour(); h >= 22 || h < 8 {
				t.Fatalf("asked at %s", d.At.In(c.Location()))
			}
			if before, ok := last[d.Room]; ok && d.At.Sub(before) < c.Campaigns.Gate.Every {
				t.Fatalf("asked again after %s, the cap is %s", d.At.Sub(before), c.Campaigns.Gate.Every)
			}
			last[d.Room] = d.At
			for _, tr := range s.Troubles {
				concerns := tr.Service != "voip" // whose incidents concern a room of its own
				if concerns && d.At.After(tr.From) && d.At.Before(tr.To.Add(c.Campaigns.Gate.After)) {
					t.Fatalf("asked at %s, the trouble was from %s to %s", d.At, tr.From, tr.To)
				}
			}
		}
	})
}

func BenchmarkSimulateYear(b *testing.B) {
	s := Simulation{From: instantOf(b, "2026-01-01 00:00"), To: instantOf(b, "2027-01-01 00:00")}
	for b.Loop() {
		if _, err := Simulate(b.Context(), testOptions(testConfig()), s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpcomingTenThousand lists what ten thousand schedules say in ten years.
func BenchmarkUpcomingTenThousand(b *testing.B) {
	c := testConfig()
	c.Schedules = nil
	for i := range 10000 {
		c.Schedules = append(c.Schedules, ScheduleConfig{ID: fmt.Sprint("s", i), Kind: news, Title: map[string]string{"fr": "T", "en": "T"},
			Rule: []string{"2e mardi à 20:00", "cron: 0 18 1 * *", "dernier vendredi à 18:00", "le 15 à 9:00"}[i%4]})
	}
	from := instantOf(b, "2026-01-01 00:00")
	for b.Loop() {
		if n := len(Upcoming(&c, sentences(), from, from.AddDate(10, 0, 0))); n < 10000*115 {
			b.Fatal(n)
		}
	}
}

// TestNewerCallTakesThePlaceOfAHeldOne holds a weekly call for ten days: the next week's is
// considered at its own hour, and not found too late.
func TestNewerCallTakesThePlaceOfAHeldOne(t *testing.T) {
	c := oneOfEach()
	c.Campaigns.Gate.Every = 17 * 24 * time.Hour
	s := Simulation{From: instantOf(t, "2026-12-06 12:00"), To: instantOf(t, "2026-12-27 12:00")}
	want := []string{"2026-12-07 18:00 said irc/#annonces", "2026-12-14 18:00 held irc/#annonces", "2026-12-21 18:00 missed", "2026-12-21 18:00 held irc/#annonces", "2026-12-24 18:00 said irc/#annonces"}
	if got := simulated(t, c, s, "gift"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
