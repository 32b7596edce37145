package runbooks

import "time"

// Request asks for one check: its kind ("dns", "http", …) and its arguments by
// their schema names (domain, name, type, url, host, port, …), already rendered
// to text. It is what an engine hands out and what a prober carries out.
type Request struct {
	Kind string            `json:"kind"`
	Args map[string]string `json:"args,omitempty"`
}

// Verdict is the one-word outcome of a check, out of the closed list of its
// kind (see Kinds). Sentences are looked up from it when somebody reads, in the
// reader's language; a check never writes prose.
type Verdict string

// Unknown is the verdict that every kind has: the check could not be made, and
// nothing may be concluded about the thing that was to be checked.
const Unknown Verdict = "unknown"

// OK is the verdict of a check that found nothing wrong.
const OK Verdict = "ok"

// Report is what one check found. It is plain data: it is stored with the
// ticket, and read again later by people of either language.
type Report struct {
	Kind    string  `json:"kind"`
	Verdict Verdict `json:"verdict"`
	// Skipped says that the check's own condition was false: nothing was sent.
	Skipped bool `json:"skipped,omitempty"`
	// Confirmed says that a negative verdict was seen twice, some seconds apart.
	Confirmed bool `json:"confirmed,omitempty"`
	// MS is how long the check took, in milliseconds.
	MS int64 `json:"ms"`
	// At is when it ended.
	At time.Time `json:"at"`
	// Fields are the kind's own typed findings (see Kinds): string, int64, bool,
	// time.Time as RFC 3339 string, or []string.
	Fields map[string]any `json:"fields,omitempty"`
	// Detail is for sysadmins only: raw answers, error texts. It is never shown
	// to a member, and holds at most 400 clean bytes.
	Detail string `json:"detail,omitempty"`
}

// Kind describes a kind of check: its arguments, its verdicts and its fields.
type Kind struct {
	Name     string
	Args     map[string]ArgType
	Required []string
	Verdicts []Verdict // Unknown is always among them
	Fields   map[string]FieldType
}

// ArgType is the type of an argument of a check.
type ArgType string

// FieldType is the type of a field of a Report.
type FieldType string

// The types of arguments and fields.
const (
	ArgDomain  ArgType = "domain"
	ArgURL     ArgType = "url"
	ArgHost    ArgType = "host"
	ArgPort    ArgType = "port"
	ArgText    ArgType = "text"
	ArgBool    ArgType = "bool"
	ArgFamily  ArgType = "family"  // 4 or 6: over IPv4 or IPv6 only; without it, whichever answers
	ArgStrings ArgType = "strings" // several words, separated by a comma once rendered

	FieldString  FieldType = "string"
	FieldInt     FieldType = "int"
	FieldBool    FieldType = "bool"
	FieldTime    FieldType = "time"
	FieldStrings FieldType = "strings"
)

// Kinds lists the sixteen kinds of checks by name, with the exact verdicts and
// fields that a Report of that kind may hold.
func Kinds() map[string]Kind {
	kinds := []Kind{
		{"incident", args("domain", ArgDomain, "services", ArgStrings), nil,
			verdicts("none", "active", "maintenance", "recent"),
			fields("id", FieldString, "title", FieldString, "url", FieldString, "since", FieldTime, "count", FieldInt)},
		{"inventory", args("domain", ArgDomain, "label", ArgText), nil,
			verdicts("hosted", "not_hosted", "suspended"),
			fields("service", FieldString, "server", FieldString, "canary_url", FieldString, "quota_pct", FieldInt)},
		{"rdap", args("domain", ArgDomain), []string{"domain"},
			verdicts("active", "expires_soon", "expired", "hold", "redemption", "pending_delete", "not_registered"),
			fields("registrar", FieldString, "expires", FieldTime, "days_left", FieldInt, "expiry_known", FieldBool, "status", FieldStrings, "ns", FieldStrings)},
		{"dns", args("name", ArgDomain, "type", ArgText), []string{"name"},
			verdicts("ok", "nxdomain", "no_address", "servfail", "timeout", "bogus", "lame", "reserved_address"),
			fields("a", FieldStrings, "aaaa", FieldStrings, "ns", FieldStrings, "cname", FieldString, "points_to", FieldString,
				"ns_ours", FieldBool, "servers_agree", FieldBool, "ttl", FieldInt, "dnssec", FieldString)},
		{"http", args("url", ArgURL, "expect", ArgText), []string{"url"},
			verdicts("ok", "slow", "server_error", "blank", "not_found", "forbidden", "client_error", "redirect_loop", "redirect_away",
				"gateway", "unavailable", "timeout", "refused", "reset", "tls_error", "dns_error", "blocked_target"),
			fields("status", FieldInt, "hops", FieldInt, "bytes", FieldInt, "ttfb_ms", FieldInt, "final_host", FieldString,
				"title", FieldString, "server", FieldString, "v4", FieldString, "v6", FieldString, "hint", FieldString)},
		{"tls", args("host", ArgHost, "port", ArgPort, "starttls", ArgText), []string{"host"},
			verdicts("ok", "expires_soon", "expired", "not_yet_valid", "name_mismatch", "self_signed", "untrusted", "incomplete_chain",
				"old_protocol", "handshake_failed", "refused", "timeout"),
			fields("days_left", FieldInt, "not_after", FieldTime, "issuer", FieldString, "protocol", FieldString,
				"names", FieldStrings, "same_on_all_ips", FieldBool)},
		{"tcp", args("host", ArgHost, "port", ArgPort, "family", ArgFamily), []string{"host", "port"},
			verdicts("ok", "refused", "timeout", "unreachable"), fields("banner", FieldString)},
		{"ping", args("host", ArgHost, "family", ArgFamily), []string{"host"},
			verdicts("ok", "loss", "none", "unreachable"), fields("sent", FieldInt, "received", FieldInt, "rtt_ms", FieldInt)},
		{"mx", args("domain", ArgDomain), []string{"domain"},
			verdicts("ok", "none", "null_mx", "elsewhere", "cname", "unresolvable"),
			fields("hosts", FieldStrings, "ours", FieldBool, "implicit", FieldBool)},
		{"smtp", args("host", ArgHost, "port", ArgPort), []string{"host"},
			verdicts("ok", "refused", "timeout", "tempfail", "reject", "no_starttls", "cert_bad", "bad_banner"),
			fields("code", FieldInt, "size_limit", FieldInt, "starttls", FieldBool, "auth", FieldBool)},
		{"imap", args("host", ArgHost, "port", ArgPort), []string{"host"},
			verdicts("ok", "refused", "timeout", "cert_bad", "no_starttls"), fields("starttls", FieldBool)},
		{"spf", args("domain", ArgDomain), []string{"domain"},
			verdicts("ok", "none", "multiple", "syntax", "too_many_lookups", "not_us"),
			fields("record", FieldString, "all", FieldString, "lookups", FieldInt)},
		{"dkim", args("domain", ArgDomain, "selector", ArgText), []string{"domain"},
			verdicts("ok", "missing", "bad_key", "short_key"), fields("bits", FieldInt)},
		{"dmarc", args("domain", ArgDomain), []string{"domain"},
			verdicts("ok", "none", "multiple", "syntax"), fields("policy", FieldString, "rua", FieldBool)},
		{"ptr", args("ip", ArgText), []string{"ip"}, verdicts("ok", "none", "mismatch"), fields("name", FieldString)},
		{"dnsbl", args("ip", ArgText), []string{"ip"}, verdicts("clean", "listed"), fields("lists", FieldStrings)},
	}
	out := make(map[string]Kind, len(kinds))
	for _, k := range kinds {
		out[k.Name] = k
	}
	return out
}

func args(pairs ...any) map[string]ArgType {
	m := make(map[string]ArgType, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(ArgType)
	}
	return m
}

func fields(pairs ...any) map[string]FieldType {
	m := make(map[string]FieldType, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(FieldType)
	}
	return m
}

func verdicts(words ...Verdict) []Verdict { return append([]Verdict{Unknown}, words...) }
