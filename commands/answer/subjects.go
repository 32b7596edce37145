package answer

// ID names what a sentence asks for: one of the subjects below, or None.
type ID string

// The ids that are spoken of by name in code.
const (
	// None is chatter: nothing is wanted from a support bot.
	None ID = "none"
	// Human asks for a person.
	Human ID = "human"
	// Status asks how the services are.
	Status ID = "status"
)

// Subject is what answers an id: a runbook, or a theme of the FAQ, or neither
// (Human, Status, which commands answer themselves).
type Subject struct {
	ID      ID     `json:"id"`
	Runbook string `json:"runbook,omitempty"`
	Theme   string `json:"theme,omitempty"`
}

// subjects is the whole table, in the order people are shown it.
func subjects() []Subject {
	return []Subject{
		{ID: "site_down", Runbook: "site-down", Theme: "site"},
		{ID: "site_slow", Runbook: "site-slow", Theme: "site"},
		{ID: "site_error", Runbook: "site-error", Theme: "site"},
		{ID: "certificate", Runbook: "certificate", Theme: "site"},
		{ID: "domain_dns", Runbook: "domain-dns", Theme: "domain"},
		{ID: "mail_send", Runbook: "mail-send", Theme: "mail"},
		{ID: "mail_receive", Runbook: "mail-receive", Theme: "mail"},
		{ID: "mail_spam", Runbook: "mail-spam", Theme: "mail"},
		{ID: "mail_quota", Runbook: "mail-quota", Theme: "mail"},
		{ID: "mail_setup", Theme: "mail"},
		{ID: "password", Runbook: "password", Theme: "account"},
		{ID: "database", Runbook: "database", Theme: "site"},
		{ID: "ftp", Runbook: "ftp", Theme: "site"},
		{ID: "vps", Runbook: "vps", Theme: "servers"},
		{ID: "dedicated", Runbook: "dedicated", Theme: "servers"},
		{ID: "nolog", Runbook: "nolog", Theme: "nolog"},
		{ID: "hacked", Runbook: "hacked"},
		{ID: "voip", Runbook: "voip"},
		{ID: Status},
		{ID: "backup", Runbook: "backup", Theme: "site"},
		{ID: "billing", Theme: "billing"},
		{ID: "meeting", Theme: "meeting"},
		{ID: "donate", Theme: "donate"},
		{ID: "hosting_howto", Theme: "hosting"},
		{ID: Human},
	}
}

// SubjectOf finds the subject of an id; ok is false for None and unknown ids.
func SubjectOf(id ID) (s Subject, ok bool) {
	for _, s := range subjects() {
		if s.ID == id {
			return s, true
		}
	}
	return Subject{}, false
}

// Subjects gives every subject, in the order people are shown them.
func Subjects() []Subject { return subjects() }
