package runbooks

import (
	"encoding/json"
	"math"
	"slices"
)

// enums are the string fields that have a closed list of values. The first is
// what a report that does not say stands for.
func enums(kind, field string) []string {
	switch kind + "." + field {
	case "dns.points_to":
		return []string{"none", "ours", "other", "parking"}
	case "dns.dnssec":
		return []string{"unsigned", "valid", "bogus"}
	case "http.v4", "http.v6":
		return []string{"none", "ok", "fail"}
	case "http.hint":
		return []string{"none", "spip_db", "spip_setup", "drupal_error", "drupal_maintenance", "wp_critical", "wp_db", "php_fatal",
			"apache_default", "panel_default", "directory_listing", "parking", "maintenance", "bot_challenge"}
	case "dmarc.policy":
		return []string{"none", "quarantine", "reject"}
	}
	return nil
}

// good are the verdicts of a kind that find nothing wrong.
func good(kind string, v Verdict) bool {
	switch v {
	case OK, "clean", "hosted":
		return true
	case "none":
		return kind == "incident"
	case "recent":
		return kind == "incident"
	case "active":
		return kind == "rdap"
	}
	return false
}

// commonFields are what conditions may ask of a check of any kind.
func commonFields() map[string]FieldType {
	return map[string]FieldType{"verdict": FieldString, "ok": FieldBool, "skipped": FieldBool,
		"confirmed": FieldBool, "ms": FieldInt, "at": FieldTime}
}

// fieldType is the type of a field of a kind of check, common ones included.
func fieldType(kind Kind, field string) (FieldType, bool) {
	if t, ok := commonFields()[field]; ok {
		return t, true
	}
	t, ok := kind.Fields[field]
	return t, ok
}

// reportEnv is what conditions see of a report: every field of its kind, with
// the kind's own types, whatever the report holds. Reports come back from a
// store or another process, so nothing about their values is taken on trust.
func reportEnv(kind Kind, r Report) map[string]any {
	if !slices.Contains(kind.Verdicts, r.Verdict) {
		r.Verdict = Unknown
	}
	env := map[string]any{"verdict": string(r.Verdict), "ok": r.Verdict == OK, "skipped": r.Skipped,
		"confirmed": r.Confirmed, "ms": int(r.MS), "at": r.At.UTC().Format(timeForm)}
	for name, t := range kind.Fields {
		env[name] = fieldValue(kind.Name, name, t, r.Fields[name])
	}
	return env
}

// normal is a report with nothing in it but what its kind has, within bounds:
// this is what a session stores.
func normal(kind Kind, name string, r Report) Report {
	out := Report{Kind: name, Verdict: r.Verdict, Skipped: r.Skipped, Confirmed: r.Confirmed, MS: max(r.MS, 0), At: r.At, Detail: clean(r.Detail, 400)}
	if !slices.Contains(kind.Verdicts, r.Verdict) {
		out.Verdict = Unknown
	}
	for field, v := range r.Fields {
		if t, ok := kind.Fields[field]; ok {
			if out.Fields == nil {
				out.Fields = map[string]any{}
			}
			out.Fields[field] = fieldValue(kind.Name, field, t, v)
		}
	}
	return out
}

const timeForm = "2006-01-02T15:04:05Z07:00"

func fieldValue(kind, name string, t FieldType, v any) any {
	switch t {
	case FieldInt:
		if n, ok := intValue(v); ok {
			return n
		}
		if kind == "inventory" && name == "quota_pct" {
			return -1
		}
		return 0
	case FieldBool:
		b, _ := v.(bool)
		return b
	case FieldStrings:
		return stringsValue(v)
	}
	s, _ := v.(string)
	s = clean(s, 1000)
	if allowed := enums(kind, name); allowed != nil && !slices.Contains(allowed, s) {
		return allowed[0]
	}
	return s
}

func intValue(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int(n), true
		}
	case json.Number:
		i, err := n.Int64()
		return int(i), err == nil
	}
	return 0, false
}

func stringsValue(v any) []string {
	out := []string{}
	switch list := v.(type) {
	case []string:
		for _, s := range list {
			out = append(out, clean(s, 300))
		}
	case []any:
		for _, item := range list {
			if s, ok := item.(string); ok {
				out = append(out, clean(s, 300))
			}
		}
	}
	return out[:min(len(out), 50)]
}

// clip cuts a string to at most n bytes, at a character's edge.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
