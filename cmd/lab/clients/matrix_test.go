package clients_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
)

func login(t *testing.T, l *servers.Lab, name, dir string) *clients.Matrix {
	t.Helper()
	m, err := clients.LoginMatrix(t.Context(), clients.MatrixOptions{URL: l.Matrix.URL, User: name,
		Password: l.Matrix.Users[name].Password, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func enter(t *testing.T, m *clients.Matrix, room string) id.RoomID {
	t.Helper()
	joined, err := m.Join(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	return joined
}

// see waits for somebody's words and returns the event.
func see(t *testing.T, m *clients.Matrix, by string, room id.RoomID, words string) clients.MatrixEvent {
	t.Helper()
	e, err := m.Wait(t.Context(), 0, "« "+words+" » by "+by, clients.Wrote(by, room, words))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sent(t *testing.T) func(id.EventID, error) id.EventID {
	return func(ev id.EventID, err error) id.EventID {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
}

func TestMatrix(t *testing.T) {
	l := labtest.Start(t, servers.Options{})
	dir := t.TempDir()
	jean, bot := login(t, l, "jean", dir), login(t, l, "vigie", dir)
	room := enter(t, bot, l.Matrix.Rooms["adminsys"].ID)
	if _, err := jean.Wait(t.Context(), 0, "the bot's arrival", func(e clients.MatrixEvent) bool {
		return e.Membership == "join" && e.Sender == bot.UserID()
	}); err != nil {
		t.Fatal(err)
	}
	t.Run("encrypted, both ways", func(t *testing.T) { encrypted(t, jean, bot, room) })
	t.Run("relations", func(t *testing.T) { relations(t, jean, bot, room) })
	t.Run("plain room", func(t *testing.T) { plain(t, l, jean, bot) })
	t.Run("killed server", func(t *testing.T) { killed(t, l, jean, bot, room) })
	t.Run("the device is kept", func(t *testing.T) {
		device := jean.DeviceID()
		if err := jean.Close(); err != nil {
			t.Fatal(err)
		}
		sent(t)(bot.Say(t.Context(), room, "écrit pendant son absence"))
		again := login(t, l, "jean", dir)
		if again.DeviceID() != device {
			t.Errorf("device %s became %s", device, again.DeviceID())
		}
		if e := see(t, again, "vigie", room, "pendant son absence"); !e.Encrypted {
			t.Error("not encrypted")
		}
	})
}

func encrypted(t *testing.T, jean, bot *clients.Matrix, room id.RoomID) {
	root := sent(t)(bot.Post(t.Context(), room, clients.Post{Text: "Ticket n° 1", HTML: "<b>Ticket n° 1</b>", Notice: true,
		Mention: []id.UserID{jean.UserID()}}))
	e := see(t, jean, "vigie", room, "Ticket n° 1")
	if e.ID != root || !e.Encrypted || !strings.HasPrefix(e.Trust, "cross-signed") || e.MsgType != "m.notice" || e.HTML == "" {
		t.Errorf("got %+v", e)
	}
	if len(e.Mention) != 1 || e.Mention[0] != jean.UserID() || e.MentionsRoom {
		t.Errorf("mentions %v", e.Mention)
	}
	sent(t)(jean.InThread(t.Context(), room, root, "!prendre 1"))
	e = see(t, bot, "jean", room, "!prendre 1")
	if e.Thread != root || e.ReplyTo != "" || !e.Encrypted || e.MsgType != "m.text" || !e.HasMentions {
		t.Errorf("got %+v", e)
	}
	// The homeserver has seen nothing of it.
	history, err := bot.History(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range history {
		if e.Text != "" {
			texts = append(texts, e.Text)
		}
		if e.Type == "m.room.message" && !e.Encrypted {
			t.Errorf("in clear: %s", e)
		}
	}
	if got := strings.Join(texts, "|"); got != "Ticket n° 1|!prendre 1" {
		t.Errorf("history: %s", got)
	}
}

func relations(t *testing.T, jean, bot *clients.Matrix, room id.RoomID) {
	ctx := t.Context()
	said := sent(t)(bot.Say(ctx, room, "c'est en panne"))
	see(t, jean, "vigie", room, "c'est en panne")
	sent(t)(bot.Edit(ctx, room, said, "c'est réparé"))
	if e := see(t, jean, "vigie", room, "c'est réparé"); e.Edits != said {
		t.Errorf("edit: %+v", e)
	}
	sent(t)(jean.Reply(ctx, room, said, "merci"))
	if e := see(t, bot, "jean", room, "merci"); e.ReplyTo != said || e.Thread != "" {
		t.Errorf("reply: %+v", e)
	}
	sent(t)(jean.React(ctx, room, said, "👍"))
	if _, err := bot.Wait(ctx, 0, "the reaction", func(e clients.MatrixEvent) bool { return e.React == "👍" && e.Target == said }); err != nil {
		t.Error(err)
	}
	if err := jean.Redact(ctx, room, said); err != nil { // the founder may
		t.Fatal(err)
	}
	if _, err := bot.Wait(ctx, 0, "the redaction", func(e clients.MatrixEvent) bool {
		return e.Type == "m.room.redaction" && e.Target == said
	}); err != nil {
		t.Error(err)
	}
}

func plain(t *testing.T, l *servers.Lab, jean, bot *clients.Matrix) {
	room := enter(t, bot, l.Matrix.Rooms["annonces"].Alias)
	sent(t)(bot.Say(t.Context(), room, "panne du courriel"))
	if e := see(t, jean, "vigie", room, "panne du courriel"); e.Encrypted || e.Trust != "" {
		t.Errorf("got %+v", e)
	}
	awa := login(t, l, "awa", t.TempDir())
	enter(t, awa, l.Matrix.Rooms["annonces"].Alias)
	if _, err := awa.Say(t.Context(), room, "moi aussi"); err == nil {
		t.Error("anybody may speak in the room of announcements")
	}
	if _, err := awa.Join(t.Context(), l.Matrix.Rooms["adminsys"].ID); err == nil {
		t.Error("anybody may enter the room of the adminsys")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := awa.Wait(ctx, 0, "a miracle", clients.Wrote("vigie", room, "miracle"))
	if err == nil || !strings.Contains(err.Error(), "a miracle") || !strings.Contains(err.Error(), "panne du courriel") {
		t.Errorf("a failed wait should say what it waited for and what it saw: %v", err)
	}
}

func killed(t *testing.T, l *servers.Lab, jean, bot *clients.Matrix, room id.RoomID) {
	ctx := t.Context()
	if err := l.Matrix.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := l.Matrix.Start(ctx); err != nil {
		t.Fatal(err)
	}
	sent(t)(bot.Say(ctx, room, "de retour"))
	see(t, jean, "vigie", room, "de retour")
	if n := jean.Count(0, clients.Wrote("vigie", room, "de retour")); n != 1 {
		t.Errorf("seen %d times", n)
	}
	if n := jean.Count(0, clients.Wrote("vigie", room, "Ticket n° 1")); n != 1 {
		t.Errorf("an old event was seen %d times", n)
	}
}

func TestANewDeviceCannotReadTheOldOnesKeys(t *testing.T) {
	l := labtest.Start(t, servers.Options{MatrixUsers: []string{}, IRCAccounts: []string{}})
	dir := t.TempDir()
	jean := login(t, l, "jean", dir)
	room := enter(t, jean, l.Matrix.Rooms["adminsys"].ID)
	sent(t)(jean.Say(t.Context(), room, "avant"))
	other := login(t, l, "vigie", filepath.Join(dir, "autre"))
	enter(t, other, string(room))
	history, err := other.History(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	problems := 0
	for _, e := range history {
		if e.Problem != "" {
			problems++
		}
		if strings.Contains(e.Text, "avant") {
			t.Errorf("it reads %s", e)
		}
	}
	if problems != 1 {
		t.Errorf("%d undecryptable events, want 1", problems)
	}
}
