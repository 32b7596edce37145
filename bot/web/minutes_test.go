package web

import (
	"strings"
	"testing"
	"time"

	"vigie/store"
)

// TestMinutesArePublicWithoutNames publishes a public meeting that is over, as a page, as
// text and as files, and nothing of the others; nobody's name is in it.
func TestMinutesArePublicWithoutNames(t *testing.T) {
	now := time.Date(2026, 12, 9, 10, 0, 0, 0, time.UTC)
	st := sample(t, now)
	err := st.Update(t.Context(), now, func(tx *store.Tx) error {
		title := map[string]string{"fr": "Réunion <b>", "en": "Meeting <b>"}
		m := store.Meeting{Room: "support", Public: true, Title: title, Chair: "p1", People: []string{"p1", "p2"}, Agenda: []string{"le serveur"}, Lines: []store.Minute{
			{Kind: store.MinuteTopic, Text: "Serveur <script>"}, {Kind: store.MinuteLink, Text: "https://lh.example/devis"}, {Kind: store.MinuteLink, Text: "javascript:alert(1)"},
			{Kind: store.MinuteVote, Text: "On change ?", Votes: map[string]int{"p1": 1, "p2": -1}, Voters: []string{"p1", "p2"}}, {Kind: store.MinuteAgreed, Text: "on change"}}}
		m = tx.NewMeeting(m)
		m.Ended = now
		tx.PutMeeting(m)
		hidden := tx.NewMeeting(store.Meeting{Room: "adminsys", Title: title})
		hidden.Ended = now
		tx.PutMeeting(hidden)
		tx.NewMeeting(store.Meeting{Room: "voip", Public: true, Title: title})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newSite(t, Config{Listen: "127.0.0.1:8480"}, facts(), st)
	s, err := w.current()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.state.Meetings) != 1 {
		t.Fatalf("%d meetings are public", len(s.state.Meetings))
	}
	n := s.state.Meetings[0].N
	d, err := w.doc(item{form: formMeeting, lang: "fr", n: n})
	if err != nil {
		t.Fatal(err)
	}
	page := string(d.body)
	for _, want := range []string{"Serveur &lt;script&gt;", `href="https://lh.example/devis"`, "Pour 1, contre 1, abstentions 0", "Décidé : on change", "2 personnes présentes"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
	if strings.Contains(page, "<b>") || strings.Contains(page, `href="javascript`) {
		t.Error("what somebody typed has become HTML")
	}
	text, err := w.doc(item{form: formMeeting, lang: "en", n: n, plain: true})
	if err != nil || !strings.Contains(string(text.body), "For 1, against 1") {
		t.Errorf("%v\n%s", err, text.body)
	}
	for _, other := range []int{n + 1, n + 2, 0} {
		if d, err := w.doc(item{form: formMeeting, lang: "fr", n: other}); err != nil || !d.missing {
			t.Errorf("meeting %d is published: %v", other, err)
		}
	}
	front, err := w.doc(item{form: formPage, lang: "fr"})
	if err != nil || !strings.Contains(string(front.body), "/fr/meeting/") {
		t.Errorf("the front page does not lead to the minutes: %v", err)
	}
}
