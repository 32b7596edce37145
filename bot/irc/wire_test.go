package irc

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lrstanley/girc"
	"pgregory.net/rapid"
)

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		params []string
		want   string
	}{
		{nil, "X\r\n"}, {[]string{"a", "b"}, "X a b\r\n"}, {[]string{"a", "b c"}, "X a :b c\r\n"}, {[]string{"a", ""}, "X a :\r\n"},
		{[]string{"a", ":b"}, "X a ::b\r\n"}, {[]string{"a b", "c"}, ""}, {[]string{"", "c"}, ""}, {[]string{":a", "c"}, ""},
		{[]string{"a\r\nQUIT"}, ""}, {[]string{"a\nb"}, ""}, {[]string{"a\x00"}, ""},
	} {
		got, err := command("X", tt.params...)
		if string(got) != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("command(%q) = %q, %v", tt.params, got, err)
		}
	}
}

// Whatever the parameters are, there is one line or none.
func TestNothingCanBeInjected(t *testing.T) {
	evil := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\r\nQUIT", "a b", ":x", "\x00", "\n", "#a,#b"}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := evil.Draw(t, "a")+evil.Draw(t, "a2"), evil.Draw(t, "b")
		for _, build := range []func() ([]byte, error){
			func() ([]byte, error) { return command("X", a, b) },
			func() ([]byte, error) { return say("PRIVMSG", a, b) },
			func() ([]byte, error) {
				l, err := say("PRIVMSG", "#a", "x")
				return tagged(l, "label", a, "+draft/reply", b), err
			},
		} {
			line, err := build()
			if err != nil {
				continue
			}
			body, ok := strings.CutSuffix(string(line), "\r\n")
			if !ok || strings.ContainsAny(body, "\r\n\x00") {
				t.Fatalf("not one line: %q", line)
			}
			if e := girc.ParseEvent(body); e == nil || e.Command != "X" && e.Command != "PRIVMSG" {
				t.Fatalf("another command: %q", line)
			}
		}
	})
}

func TestTagged(t *testing.T) {
	if got := string(tagged([]byte("X"), "label", "v1", "+a", "", "+b", "c d", "+e", "f")); got != "@label=v1;+e=f X" {
		t.Errorf("tagged = %q", got)
	}
	if got := string(tagged([]byte("X"), "a", "b;c")); got != "X" {
		t.Errorf("tagged = %q", got)
	}
}

func TestUTF8Text(t *testing.T) {
	if got := utf8Text("priv\xe9"); got != "privé" {
		t.Errorf("Latin-1: %q", got)
	}
	if got := utf8Text("privé"); got != "privé" {
		t.Errorf("UTF-8: %q", got)
	}
}

func TestISupportIsBounded(t *testing.T) {
	i := newISupport()
	i.set([]string{"TOPICLEN=-5", "USERLEN=9999", "HOSTLEN=x", "CHATHISTORY=0", "BOT=\x01", "TARGMAX=PRIVMSG:4,JOIN:99", "CLIENTTAGDENY=*,-draft/reply", "STATUSMSG=@+"})
	if i.topicLen != 1 || i.userLen != 64 || i.hostLen != 64 || i.history != 1 || i.botMode != "" || i.joinMax != 10 {
		t.Errorf("%+v", i)
	}
	if i.tagAllowed("vigie/reply") || !i.tagAllowed("draft/reply") {
		t.Error("CLIENTTAGDENY is not obeyed")
	}
	if !i.channel("@#x") || i.channel("nick") || i.channel("") || i.channel("@") {
		t.Error("channels are not told from nicks")
	}
}

// Neither the password nor what people say reaches the log, whatever happens.
func TestLogHoldsNoSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		n := &network{}
		b := idle(t, n, nil)
		b.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		b.run(nil)
		time.Sleep(5 * time.Second)
		n.last().send(":jean!u@h PRIVMSG vigie :texte-privé", "@broken", ":op!o@h KICK #support vigie :texte-privé")
		b.send(public("k", "texte-privé"))
		b.send(private("k2", "jean", "", "texte-privé"))
		time.Sleep(5 * time.Second)
		n.last().conn.Close()
		time.Sleep(10 * time.Second)
		b.stop()
		if log.Len() == 0 {
			t.Error("nothing was logged at all")
		}
		for _, s := range []string{secretCanary, "texte-priv", "czNjcjN0"} {
			if strings.Contains(log.String(), s) {
				t.Errorf("%q is in the log", s)
			}
		}
	})
}
