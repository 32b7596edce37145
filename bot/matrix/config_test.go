package matrix

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func good() Config {
	return Config{Name: "matrix", Homeserver: "https://matrix.example.org", User: "@vigie:example.org", PasswordFile: "p", Data: "d",
		Rooms: []RoomConfig{{Room: "#support:example.org"}, {Room: "!adminsys", Encrypted: true}}}
}

func TestValidate(t *testing.T) {
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Name = "" }, "give this network a name"},
		{func(c *Config) { c.User = "vigie" }, "such as @vigie:example.org"},
		{func(c *Config) { c.Homeserver = "http://example.org" }, "must begin with https://"},
		{func(c *Config) { c.Homeserver = "example.org" }, "must begin with https://"},
		{func(c *Config) { c.Data = "" }, "name a folder"},
		{func(c *Config) { c.PasswordFile = "" }, "say where the password is"},
		{func(c *Config) { c.PasswordEnv = "P" }, "keep either password_file"},
		{func(c *Config) { c.AccessTokenFile, c.AccessTokenEnv = "a", "b" }, "keep either access_token_file"},
		{func(c *Config) { c.Rooms[0].Room = "support" }, "neither an alias"},
		{func(c *Config) { c.Rooms[0].Room = "#support" }, "neither an alias"},
		{func(c *Config) { c.Rooms[1].Room = c.Rooms[0].Room }, "there twice"},
		{func(c *Config) { c.Rooms[1].AllowPlaintextSecret = true }, "leave it out"},
		{func(c *Config) { c.Invites.Users = []string{"anne"} }, "invites.users[0]"},
		{func(c *Config) { c.PollTime = time.Hour }, "must be longer than poll_time"},
	} {
		c := good()
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q, got %v", tc.want, err)
		}
	}
	if _, err := New(Config{}, nil); err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("not all at once: %v", err)
	}
	local := good()
	local.Homeserver = "http://127.0.0.1:8008"
	if err := local.Validate(); err != nil {
		t.Error(err)
	}
}

func TestInvitePolicy(t *testing.T) {
	p := InvitePolicy{Servers: []string{"Example.org"}, Users: []string{"@bob:elsewhere.org"}}
	for user, want := range map[id.UserID]bool{
		"@anne:example.org": true, "@bob:elsewhere.org": true, "@carl:elsewhere.org": false,
		"@anne:evil.example.org": false, "anne": false, "@anne:": false, "": false,
	} {
		if p.allows(user) != want {
			t.Errorf("%q: %v", user, !want)
		}
	}
	if !(InvitePolicy{Servers: []string{"*"}}).allows("@x:anywhere") {
		t.Error("* does not mean every server")
	}
	if (InvitePolicy{}).allows("@x:anywhere") {
		t.Error("no policy accepts")
	}
}

func TestSecretFromTheEnvironment(t *testing.T) {
	t.Setenv("VIGIE_TEST_PASSWORD", "s3cret")
	if v, err := (Config{PasswordEnv: "VIGIE_TEST_PASSWORD"}).password(); v != "s3cret" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
	if _, err := (Config{AccessTokenEnv: "VIGIE_TEST_NONE"}).token(); err == nil {
		t.Error("an unset variable is a token")
	}
}
