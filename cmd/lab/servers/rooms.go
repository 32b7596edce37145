package servers

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/synapseadmin"
)

// The rooms that every lab has. The founder makes them and everybody's client joins later, as people do.
var matrixRooms = []struct {
	name, title       string
	public, encrypted bool
	quiet             bool // only the founder and the bot may speak
}{
	{name: "support", title: "Support", public: true},
	{name: "adminsys", title: "Adminsys", encrypted: true},
	{name: "annonces", title: "Annonces", public: true, quiet: true},
}

// populate registers the users and makes the rooms, through the homeserver's own interfaces.
func (d *Dendrite) populate(ctx context.Context, users []string) error {
	admin, err := mautrix.NewClient(d.URL, "", "")
	if err != nil {
		return fmt.Errorf("homeserver client: %w", err)
	}
	for _, local := range users {
		u := MatrixUser{ID: "@" + local + ":" + MatrixName, Local: local, Password: secret()}
		_, err := (&synapseadmin.Client{Client: admin}).SharedSecretRegister(ctx, d.sharedSecret,
			synapseadmin.ReqSharedSecretRegister{Username: local, Password: u.Password, InhibitLogin: true})
		if err != nil {
			return fmt.Errorf("register %s: %w", u.ID, err)
		}
		d.Users[local] = u
	}
	return d.makeRooms(ctx, admin)
}

func (d *Dendrite) makeRooms(ctx context.Context, cli *mautrix.Client) (err error) {
	founder := d.Users[Founder]
	_, err = cli.Login(ctx, &mautrix.ReqLogin{
		Type:             mautrix.AuthTypePassword,
		Identifier:       mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: founder.Local},
		Password:         founder.Password,
		StoreCredentials: true,
	})
	if err != nil {
		return fmt.Errorf("log in as %s: %w", founder.ID, err)
	}
	// This device must not stay: everybody would encrypt for it, and nobody reads it.
	defer func() {
		if _, lerr := cli.Logout(ctx); err == nil && lerr != nil {
			err = fmt.Errorf("log out: %w", lerr)
		}
	}()
	for _, r := range matrixRooms {
		req := roomRequest(r.name, r.title, r.public, r.encrypted, r.quiet)
		for _, name := range []string{Bot, Founder} {
			if name != Founder {
				req.Invite = append(req.Invite, id.UserID(d.Users[name].ID))
			}
		}
		resp, err := cli.CreateRoom(ctx, req)
		if err != nil {
			return fmt.Errorf("make room %s: %w", r.name, err)
		}
		d.Rooms[r.name] = Room{ID: resp.RoomID.String(), Alias: "#" + r.name + ":" + MatrixName, Encrypted: r.encrypted, Public: r.public}
	}
	return nil
}

func roomRequest(name, title string, public, encrypted, quiet bool) *mautrix.ReqCreateRoom {
	req := &mautrix.ReqCreateRoom{Name: title, RoomAliasName: name, Preset: "private_chat", Visibility: "private"}
	if public {
		req.Preset, req.Visibility = "public_chat", "public"
	}
	if encrypted {
		empty := ""
		req.InitialState = append(req.InitialState, &event.Event{Type: event.StateEncryption, StateKey: &empty,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}}})
	}
	req.PowerLevelOverride = &event.PowerLevelsEventContent{Users: map[id.UserID]int{
		id.UserID("@" + Founder + ":" + MatrixName): 100,
		id.UserID("@" + Bot + ":" + MatrixName):     50,
	}}
	if quiet {
		req.PowerLevelOverride.EventsDefault = 50
	}
	return req
}
