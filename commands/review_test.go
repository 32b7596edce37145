package commands

import (
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
)

// TestShippedTextsAreToBeReadAgain: each text of the library has its day, and staff are
// told of it before it comes, and monthly once it is past.
func TestShippedTextsAreToBeReadAgain(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	books, entries := table.reviewDates()
	if len(books) != 18 || len(entries) != 80 {
		t.Errorf("%d runbooks and %d FAQ entries have a day", len(books), len(entries))
	}
	day := time.Date(2027, 5, 31, 0, 0, 0, 0, time.UTC)
	list := []toReview{{"b", day}, {"a", day}, {"later", day.AddDate(1, 0, 0)}}
	for monday, want := range map[string]string{"2027-05-10": "", "2027-05-17": "a b", "2027-05-24": "", "2027-05-31": "", "2027-06-07": "a b", "2027-06-14": "", "2027-07-05": "a b"} {
		now, _ := time.Parse(time.DateOnly, monday)
		var got []string
		for _, r := range dueFor(now.Add(7*time.Hour), list) {
			got = append(got, r.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("on %s: %v, not %q", monday, got, want)
		}
	}
	many := make([]toReview, reviewNamed+3)
	if got := reviewList(many); !strings.HasSuffix(got, ", … (+3)") {
		t.Errorf("%q", got)
	}
}

func TestStaffAreRemindedToRead(t *testing.T) {
	o := playOptions(t)
	o.Start = time.Date(2027, 5, 11, 8, 0, 0, 0, time.UTC)
	o.New = func(time.Time) bot.Handler {
		c := testConfig()
		c.Schedules, c.Campaigns.List = nil, nil
		table, errs := New(testOptions(c))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return &reality{Table: table}
	}
	bottest.Play(t, "testdata/upgrade/review.txt", o)
}
