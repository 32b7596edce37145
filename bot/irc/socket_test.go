package irc

import (
	"context"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vigie/bot/chat"
)

// On real sockets: login, one line with its proof, and nothing left behind.
func TestOverRealSockets(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{t: t, caps: allCaps, isupport: "CHANTYPES=# WHOX"}
	served := make(chan struct{})
	go func() {
		defer close(served)
		c, err := l.Accept()
		if err != nil {
			return
		}
		(&peer{conn: c, net: n, nick: "*"}).serve()
	}()
	cfg := testConfig(t)
	no := false
	cfg.Servers = []Server{{Address: l.Addr().String(), TLS: &no}}
	tr, err := New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	up, sent, done := make(chan bool, 10), make(chan chat.Sent, 10), make(chan error, 1)
	go func() {
		done <- tr.Run(ctx, nil, func(_ context.Context, in chat.Inbound) error {
			switch in := in.(type) {
			case chat.Status:
				up <- in.Up
			case chat.Sent:
				sent <- in
			}
			return nil
		})
	}()
	if !<-up {
		t.Fatal("no link")
	}
	if err := tr.Send(ctx, public("k", "bonjour")); err != nil {
		t.Fatal(err)
	}
	if s := <-sent; s.Key != "k" || s.Proof == "" || s.Err != nil {
		t.Errorf("outcome: %+v", s)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
	<-served
	l.Close()
}
