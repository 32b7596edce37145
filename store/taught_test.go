package store

import (
	"errors"
	"testing"
	"time"
)

// learnTx opens a transaction to play in; nothing is committed.
func learnTx(t *testing.T) *Tx {
	t.Helper()
	s, err := Open(t.Context(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Discard)
	return g.Tx(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
}

func wifi(tx *Tx, text string) Taught {
	return Taught{Word: "wifi", Lang: "fr", Text: text, Expires: tx.Now.AddDate(1, 0, 0)}.Rewritten("p1", tx.Now)
}

func TestOnlyASecondPersonReviews(t *testing.T) {
	tx := learnTx(t)
	e := tx.ChangeTaught("p1", TaughtTeach, wifi(tx, "le code est au mur"))
	if !e.Live(tx.Now) || e.Unprompted(tx.Now) {
		t.Fatalf("not reviewed: live %v, unprompted %v", e.Live(tx.Now), e.Unprompted(tx.Now))
	}
	if _, err := e.ReviewedBy("p1", tx.Now); !errors.Is(err, ErrOwnWords) {
		t.Errorf("its author reviewed it: %v", err)
	}
	e, err := e.ReviewedBy("p2", tx.Now)
	if err != nil || !e.Unprompted(tx.Now) {
		t.Errorf("reviewed by another: %v, unprompted %v", err, e.Unprompted(tx.Now))
	}
	if e.Unprompted(e.Expires) || e.Live(e.Expires) {
		t.Error("it speaks after it expired")
	}
	if again := e.Rewritten("p2", tx.Now); again.Unprompted(tx.Now) {
		t.Error("other words kept the review of the old ones")
	}
}

func TestADraftIsSeenByStaffAlone(t *testing.T) {
	tx := learnTx(t)
	e := wifi(tx, "voici")
	e.Draft = true
	if e.Live(tx.Now) {
		t.Error("a draft is said to members")
	}
	if e, err := e.ReviewedBy("p2", tx.Now); err != nil || e.Draft || !e.Live(tx.Now) {
		t.Errorf("once reviewed it is no answer: %+v, %v", e, err)
	}
}

func TestUndoTaughtGoesBackStepByStep(t *testing.T) {
	tx := learnTx(t)
	key := tx.ChangeTaught("p1", TaughtTeach, wifi(tx, "un")).Key()
	two := wifi(tx, "deux")
	tx.ChangeTaught("p1", TaughtEdit, two)
	two.Gone = true
	tx.ChangeTaught("p2", TaughtForget, two)
	if _, ok := tx.Taught(key); ok {
		t.Fatal("unlearnt, and still found")
	}
	for _, want := range []string{"deux", "un"} {
		e, err := tx.UndoTaught("p2", key)
		if err != nil || e.Text != want || e.Gone {
			t.Fatalf("undo: %+v, %v; want %q", e, err, want)
		}
	}
	if e, err := tx.UndoTaught("p2", key); err != nil || !e.Gone {
		t.Errorf("before the first there was nothing: %+v, %v", e, err)
	}
	if _, err := tx.UndoTaught("p2", key); !errors.Is(err, ErrNotFound) {
		t.Errorf("undone past the beginning: %v", err)
	}
	if n := len(tx.TaughtHistory(key)); n != 6 {
		t.Errorf("%d versions, want 6: nothing is lost", n)
	}
}

func TestUndoAfterAChangeThatFollowedAnUndo(t *testing.T) {
	tx := learnTx(t)
	key := tx.ChangeTaught("p1", TaughtTeach, wifi(tx, "un")).Key()
	tx.ChangeTaught("p1", TaughtEdit, wifi(tx, "deux"))
	if _, err := tx.UndoTaught("p1", key); err != nil {
		t.Fatal(err)
	}
	tx.ChangeTaught("p1", TaughtEdit, wifi(tx, "trois"))
	if e, err := tx.UndoTaught("p1", key); err != nil || e.Text != "un" {
		t.Errorf("got %q, %v; want what stood before", e.Text, err)
	}
}

func TestHistoriesDoNotMix(t *testing.T) {
	tx := learnTx(t)
	tx.ChangeTaught("p1", TaughtTeach, wifi(tx, "un"))
	other := wifi(tx, "ailleurs")
	other.Word = "wifi|x"
	tx.ChangeTaught("p1", TaughtTeach, other)
	here := wifi(tx, "ici")
	here.Room = "support"
	tx.ChangeTaught("p1", TaughtTeach, here)
	if h := tx.TaughtHistory(TaughtKey("fr", "", "wifi")); len(h) != 1 || h[0].Entry.Text != "un" {
		t.Errorf("history %+v", h)
	}
	if n := len(tx.TaughtAll()); n != 3 {
		t.Errorf("%d answers, want 3", n)
	}
}

func TestGivenIsJudgedOnceByEach(t *testing.T) {
	tx := learnTx(t)
	g := Given{At: tx.Now, Room: "irc/#support", To: "p1", Entry: "alias"}
	tx.PutGiven(g)
	tx.NameGiven("irc", "m1", g)
	g, fresh := g.Judged("p2")
	if !fresh {
		t.Fatal("a first vote does not count")
	}
	if _, again := g.Judged("p2"); again {
		t.Error("a second vote of the same person counts")
	}
	tx.PruneGiven(tx.Now)
	if _, ok := tx.GivenAs("irc", "m1"); !ok {
		t.Error("forgotten too early")
	}
	tx.PruneGiven(tx.Now.Add(time.Second))
	if _, ok := tx.LastGiven("irc/#support"); ok {
		t.Error("not forgotten")
	}
}

func TestUnansweredAndCounts(t *testing.T) {
	tx := learnTx(t)
	tx.AddUnanswered(Unanswered{Text: "a", Why: "unsure"})
	tx.Now = tx.Now.Add(time.Hour)
	tx.AddUnanswered(Unanswered{Text: "b", Why: "human"})
	tx.PruneUnanswered(tx.Now)
	if q := tx.Unanswereds(); len(q) != 1 || q[0].Text != "b" || q[0].N != 2 {
		t.Errorf("queue %+v", q)
	}
	tx.Count("vote/up/alias")
	if n := tx.Count("vote/up/alias"); n != 2 {
		t.Errorf("counted %d", n)
	}
	tx.Count("other")
	tx.ResetCounts("vote/")
	if len(tx.Counts("vote/")) != 0 || tx.Counts("")["other"] != 1 {
		t.Errorf("counts %v", tx.Counts(""))
	}
}
