package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/answer"
	"vigie/commands/register"
	"vigie/store/calendar"
)

// Config is the part of the configuration that says how Vigie behaves. Every
// duration and cap has a default; see Defaults.
type Config struct {
	// Language is "fr" or "en": what to speak when nothing else tells.
	Language string `yaml:"language"`
	// Names are what the bot answers to in a room ("vigie: …").
	Names []string `yaml:"names"`
	// TimeZone is the IANA zone that people live in.
	TimeZone string `yaml:"time_zone"`
	// Host holds the values that content names as {{host.x}}.
	Host map[string]string `yaml:"host"`
	// Rooms are the logical rooms by name: support, adminsys, annonces …
	Rooms map[string]Room `yaml:"rooms"`
	// Roles names who has which role, by identity: "network/account".
	Roles map[Role][]string `yaml:"roles"`
	// Limits bounds what one person may ask of the bot.
	Limits Limits `yaml:"limits"`
	// Answers says how sure the bot must be.
	Answers Answers `yaml:"answers"`
	// Learning says how taught answers age, and what the bot learns from use.
	Learning Learning `yaml:"learning"`

	// Opening says when the team is there, and which holidays it keeps.
	Opening calendar.Config `yaml:"opening"`

	Tickets   TicketsConfig   `yaml:"tickets"`
	Incidents IncidentsConfig `yaml:"incidents"`
	// Subscriptions says when those who subscribe are left in peace.
	Subscriptions SubscriptionsConfig `yaml:"subscriptions"`
	// Alerts says who may tell of trouble by a webhook.
	Alerts AlertsConfig `yaml:"alerts"`
	// Works says when planned works are spoken of.
	Works    WorksConfig `yaml:"maintenance"`
	Services []Service   `yaml:"services"`
	Sites    []Site      `yaml:"sites"`
	// MembersFile is the register of members, CSV or YAML, that Members is read from.
	MembersFile string            `yaml:"members"`
	Members     []register.Member `yaml:"-"`
	Contacts    ContactsConfig    `yaml:"contacts"`
	Linking     LinkingConfig     `yaml:"linking"`
	Retention   Retention         `yaml:"retention"`
	Volunteers  []VolunteerEntry  `yaml:"volunteers"`
	Backup      Backup            `yaml:"backup"`
	Schedules   []ScheduleConfig  `yaml:"schedules"`
	Meetings    MeetingsConfig    `yaml:"meetings"`
	Campaigns   CampaignsConfig   `yaml:"campaigns"`
	// zone is the time zone once it was read, by Table.load: reading it costs a file.
	zone *time.Location
}

// Room is one logical room: the same people, on one or several networks.
type Room struct {
	// Audience is who reads here; no text of a narrower audience is said in it.
	Audience Audience `yaml:"audience"`
	// Places are "network/#channel" or "network/!room:server".
	Places []string `yaml:"places"`
	// AllowPlaintext says of a staff room that a place of it may be without end-to-end
	// encryption, IRC for one: whoever runs the server can then read private tickets.
	AllowPlaintext bool `yaml:"allow_plaintext"`
	// Language is what to speak here when the person has no choice of their own.
	Language string `yaml:"language"`
	// Announcements makes the room hear of incidents, works and campaigns.
	Announcements bool `yaml:"announcements"`
	// Ambient lets the bot answer a question that nobody put to it, when sure.
	Ambient bool `yaml:"ambient"`
	// Topic lets the bot put the state of things in the topic.
	Topic bool `yaml:"topic"`
}

// Audience orders who may read a text, the widest first.
type Audience string

// The audiences of rooms. A private conversation is narrower than all.
const (
	Public  Audience = "public"
	Members Audience = "members"
	Staff   Audience = "staff"
)

// Role is what somebody may do. The configuration grants roles to identities.
type Role string

// The roles. Whoever a network vouches for is a member, as far as their own data
// go; an adminsys is a volunteer too. No other role includes another.
const (
	Anyone    Role = "anyone"
	Member    Role = "member"
	Volunteer Role = "volunteer"
	Board     Role = "board"
	Adminsys  Role = "adminsys"
	Operator  Role = "operator"
)

// Limits bounds what one person may ask.
type Limits struct {
	// Age is how old a message may be and still be acted on in a shared room.
	Age time.Duration `yaml:"age"`
	// Messages addressed to the bot by one person within Window, before it warns
	// and then falls silent for Silence.
	Messages int           `yaml:"messages"`
	Window   time.Duration `yaml:"window"`
	Silence  time.Duration `yaml:"silence"`
	// Lines is how many lines an answer has on a network of short lines.
	Lines int `yaml:"lines"`
	// Text is how many characters of one message are kept.
	Text int `yaml:"text"`
	// Confirm is how long a question "are you sure?" stays open.
	Confirm time.Duration `yaml:"confirm"`
}

// Answers says how sure the bot must be to act.
type Answers struct {
	// CoolDown is how long the bot holds back in a room after an answer that nobody asked
	// it for.
	CoolDown time.Duration `yaml:"cool_down"`
	// Listen is how long after a question, in a shared room, words that are not put
	// to the bot may still be its answer when any words would do.
	Listen time.Duration `yaml:"listen"`
}

// Service is something the host offers, that can break.
type Service struct {
	ID    string            `yaml:"id"`
	Title map[string]string `yaml:"title"` // by language
	// Intents are what people complain of when it breaks (site_down, mail_send …).
	Intents []string `yaml:"intents"`
	// Sites are the places it runs at, shown apart on the info site; "lieu:" places an incident.
	Sites []string `yaml:"sites"`
	// Rooms, when named, are the only ones that an incident here concerns.
	Rooms []string `yaml:"rooms"`
}

// Defaults is the configuration that an empty file stands for.
func Defaults() Config {
	return Config{
		Language: "fr", Names: []string{"vigie"}, TimeZone: "Europe/Paris",
		Limits: Limits{Age: 5 * time.Minute, Messages: 12, Window: time.Minute, Silence: 5 * time.Minute,
			Lines: 3, Text: 4000, Confirm: 5 * time.Minute},
		Answers:       Answers{CoolDown: 10 * time.Minute, Listen: 3 * time.Minute},
		Learning:      defaultLearning(),
		Tickets:       defaultTickets(),
		Contacts:      defaultContacts(),
		Linking:       defaultLinking(),
		Incidents:     defaultIncidents(),
		Subscriptions: defaultSubscriptions(),
		Works:         defaultWorks(),
		Alerts:        defaultAlerts(),
		Campaigns:     defaultCampaigns(),
		Meetings:      defaultMeetings(),
		Retention:     defaultRetention(),
		Backup:        defaultBackup(),
	}
}

// Problem is one mistake in a configuration: where (a dotted path), what, and
// what to write instead.
type Problem struct{ Path, Message, Hint string }

// Error implements error.
func (p Problem) Error() string { return fmt.Sprintf("%s: %s (%s)", p.Path, p.Message, p.Hint) }

// Check finds every mistake that the types alone do not show. networks are the
// names of the configured networks.
func (c *Config) Check(networks []string) []Problem {
	var p []Problem
	add := func(path, message, hint string) { p = append(p, Problem{path, message, hint}) }
	if c.Language != "fr" && c.Language != "en" {
		add("language", fmt.Sprintf("%q is not a language of Vigie", c.Language), "write fr or en")
	}
	if len(c.Names) == 0 {
		add("names", "the bot has no name to answer to", "write names: [vigie]")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		add("time_zone", fmt.Sprintf("%q is not a time zone", c.TimeZone), "write an IANA name such as Europe/Paris")
	}
	c.checkRooms(networks, add)
	c.checkRoles(networks, add)
	c.checkSites(networks, add)
	c.checkServices(add)
	p = append(p, c.Contacts.check()...)
	p = append(p, c.Linking.check()...)
	p = append(p, c.checkKeeping()...)
	p = append(p, c.checkVolunteers()...)
	p = append(p, c.Learning.check()...)
	p = append(p, c.checkOpening()...)
	_, wrong := c.clockPolicy()
	p = append(p, wrong...)
	p = append(p, c.Tickets.check()...)
	p = append(p, c.Incidents.check()...)
	p = append(p, c.Subscriptions.check()...)
	p = append(p, c.Works.check()...)
	p = append(p, c.Alerts.check()...)
	p = append(p, c.checkSchedules()...)
	p = append(p, c.Campaigns.check(c)...)
	p = append(p, c.Meetings.check()...)
	return p
}

func (c *Config) checkRooms(networks []string, add func(path, message, hint string)) {
	seen := map[string]string{}
	staff := false
	for name, r := range c.Rooms {
		path := "rooms." + name
		switch r.Audience {
		case Public, Members:
		case Staff:
			staff = true
		default:
			add(path+".audience", fmt.Sprintf("%q is not an audience", r.Audience), "write public, members or staff")
		}
		if r.Audience == Staff && r.Announcements {
			add(path+".announcements", "announcements are for everybody, and this is a staff room", "take it out")
		}
		for i, place := range r.Places {
			network, id, ok := strings.Cut(place, "/")
			if !ok || id == "" || !slices.Contains(networks, network) {
				add(fmt.Sprintf("%s.places[%d]", path, i), fmt.Sprintf("%q names no configured network", place),
					"write NETWORK/ROOM, with one of: "+strings.Join(networks, ", "))
			}
			if other, dup := seen[place]; dup {
				add(fmt.Sprintf("%s.places[%d]", path, i), fmt.Sprintf("%q belongs to room %s already", place, other), "a place belongs to one room")
			}
			seen[place] = name
		}
	}
	if !staff {
		add("rooms", "no room has the audience staff", "tickets need a room where the sysadmins read them")
	}
}

// checkServices finds services without a name or with another's, and words that are no theme.
func (c *Config) checkServices(add func(path, message, hint string)) {
	seen := map[string]bool{}
	for i, s := range c.Services {
		path := fmt.Sprintf("services[%d]", i)
		if s.ID == "" || s.Title["fr"] == "" || s.Title["en"] == "" {
			add(path, "a service needs an id and a title in both languages", "write {id: web, title: {fr: …, en: …}}")
		}
		if seen[s.ID] {
			add(path+".id", fmt.Sprintf("%q is another service's id", s.ID), "give each service an id of its own")
		}
		seen[s.ID] = true
		for n, intent := range s.Intents {
			if _, ok := answer.SubjectOf(answer.ID(intent)); !ok {
				add(fmt.Sprintf("%s.intents[%d]", path, n), fmt.Sprintf("%q is nothing that is recognised", intent), "write one such as site_down, mail_send, certificate")
			}
		}
		for n, room := range s.Rooms {
			if _, ok := c.Rooms[room]; !ok {
				add(fmt.Sprintf("%s.rooms[%d]", path, n), fmt.Sprintf("there is no room %q", room), "name one of rooms")
			}
		}
	}
}

func (c *Config) checkRoles(networks []string, add func(path, message, hint string)) {
	for role, ids := range c.Roles {
		if !slices.Contains(grantable(), role) {
			add("roles."+string(role), "is not a role", "write one of member, volunteer, board, adminsys, operator")
		}
		for i, id := range ids {
			network, account, ok := strings.Cut(id, "/")
			if !ok || account == "" || !slices.Contains(networks, network) {
				add(fmt.Sprintf("roles.%s[%d]", role, i), fmt.Sprintf("%q is not an identity", id),
					"write NETWORK/ACCOUNT (a services account on IRC, @name:server on Matrix)")
			}
		}
	}
}

func grantable() []Role { return []Role{Member, Volunteer, Board, Adminsys, Operator} }

// rooms lists the places of the logical rooms that keep says yes to, in a fixed order.
func (c *Config) rooms(keep func(name string, r Room) bool) []chat.Room {
	var names []string
	for name, r := range c.Rooms {
		if keep(name, r) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []chat.Room
	for _, name := range names {
		for _, place := range c.Rooms[name].Places {
			network, id, _ := strings.Cut(place, "/")
			out = append(out, chat.Room{Network: network, ID: id})
		}
	}
	return out
}

// StaffRooms are the places where the sysadmins read.
func (c *Config) StaffRooms() []chat.Room {
	return c.rooms(func(_ string, r Room) bool { return r.Audience == Staff })
}

// AnnouncementRooms are the places that hear announcements.
func (c *Config) AnnouncementRooms() []chat.Room {
	return c.rooms(func(_ string, r Room) bool { return r.Announcements })
}

// RoomOf finds the logical room that a place belongs to.
func (c *Config) RoomOf(place chat.Room) (string, Room, bool) {
	for name, r := range c.Rooms {
		if slices.Contains(r.Places, place.Network+"/"+place.ID) && !place.Private {
			return name, r, true
		}
	}
	return "", Room{}, false
}

// Location is the configured time zone.
func (c *Config) Location() *time.Location {
	if c.zone != nil && c.zone.String() == c.TimeZone {
		return c.zone
	}
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
