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

// Subject is what answers an id. An empty Runbook means that the FAQ entries
// whose theme is the id answer it, or, for Human and Status, a command. The FAQ
// may have entries for an id with a runbook too.
type Subject struct {
	ID      ID     `json:"id"`
	Runbook string `json:"runbook,omitempty"`
}

// subjects is the whole table, in the order people are shown it.
func subjects() []Subject {
	return []Subject{
		{ID: "site_down", Runbook: "site-down"},
		{ID: "site_slow", Runbook: "site-slow"},
		{ID: "site_error", Runbook: "site-error"},
		{ID: "certificate", Runbook: "certificate"},
		{ID: "domain_dns", Runbook: "domain-dns"},
		{ID: "mail_send", Runbook: "mail-send"},
		{ID: "mail_receive", Runbook: "mail-receive"},
		{ID: "mail_spam", Runbook: "mail-spam"},
		{ID: "mail_quota", Runbook: "mail-quota"},
		{ID: "mail_setup"},
		{ID: "password", Runbook: "password"},
		{ID: "database", Runbook: "database"},
		{ID: "ftp", Runbook: "ftp"},
		{ID: "vps", Runbook: "vps"},
		{ID: "dedicated", Runbook: "dedicated"},
		{ID: "nolog", Runbook: "nolog"},
		{ID: "hacked", Runbook: "hacked"},
		{ID: "voip", Runbook: "voip"},
		{ID: Status},
		{ID: "backup", Runbook: "backup"},
		{ID: "billing"},
		{ID: "meeting"},
		{ID: "donate"},
		{ID: "hosting_howto"},
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
