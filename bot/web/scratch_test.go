package web

import (
	"net/http"
	"os"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	addr := os.Getenv("SCRATCH")
	if addr == "" {
		t.Skip()
	}
	now := time.Now()
	h := newSite(t, config(), facts(), sample(t, now)).Handler()
	go http.ListenAndServe("127.0.0.1:8499", newSite(t, config(), facts(), newStore(t)).Handler())
	t.Fatal(http.ListenAndServe(addr, h))
}
