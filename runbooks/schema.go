package runbooks

import (
	"encoding/json"
	"fmt"
	"strings"
)

// JSONSchema is the schema of a runbook for editors, which complete and check
// keys while an author types. It is made from the tables that the loader uses;
// what it cannot say (targets, conditions, languages) is left to the lints.
func JSONSchema() ([]byte, error) {
	text := object{"type": "object", "additionalProperties": object{"type": "string"}}
	words := object{"type": "array", "items": object{"type": []string{"string", "integer"}}}
	root := closed("schema* id* version* owner* review_by* title* intents* languages* limits facts start* steps* tests", object{
		"schema": object{"const": Schema}, "version": object{"type": "integer", "minimum": 1}, "title": text, "intents": words,
		"languages": object{"type": "array", "items": object{"enum": []string{"fr", "en"}}},
		"limits":    closed("max_steps max_visits remind_after park_after expire_after", nil),
		"facts":     object{"type": "object", "additionalProperties": closed("type from expr needs label", object{"from": words, "needs": words, "label": text})},
		"steps":     object{"type": "object", "additionalProperties": object{"oneOf": stepSchemas(text, words)}},
		"tests":     object{"type": "array", "items": closed("name* lang* say path* outcome* checks facts utterance", object{"say": words, "path": words})},
	})
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Vigie runbook, schema v1"
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make the JSON schema: %w", err)
	}
	return append(out, '\n'), nil
}

type object = map[string]any

// closed is a mapping with these keys and no others; a star marks the mandatory
// ones. Keys without a schema of their own take anything.
func closed(keys string, of object) object {
	properties, required := object{}, []string{}
	for _, key := range strings.Fields(keys) {
		name, must := strings.CutSuffix(key, "*")
		if must {
			required = append(required, name)
		}
		properties[name] = object{}
		if schema, ok := of[name]; ok {
			properties[name] = schema
		}
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

func stepSchemas(text, words object) []object {
	checks := object{"type": "object", "additionalProperties": object{"oneOf": checkSchemas()}}
	var out []object
	for _, kind := range []StepKind{KindAsk, KindCheck, KindRoute, KindSay, KindDo, KindWait, KindCall, KindEnd} {
		of := object{"kind": object{"const": kind}, "text": text, "why": text, "invalid": text, "announce": text, "tell": words, "run": checks, "verify": checks,
			"type":    object{"enum": []AskType{AskChoice, AskYesNo, AskDomain, AskURL, AskEmail, AskText, AskNumber, AskSince, AskService}},
			"outcome": object{"enum": []Outcome{Solved, KnownIncident, NotOurs, Ticket, Escalate}}}
		out = append(out, closed(strings.Replace(stepKeys[kind], "kind", "kind*", 1), of))
	}
	return out
}

func checkSchemas() []object {
	var out []object
	kinds := Kinds()
	for _, name := range sortedKeys(kinds) {
		kind := kinds[name]
		keys := "kind* if"
		for _, arg := range sortedKeys(kind.Args) {
			keys += " " + arg
			for _, must := range kind.Required {
				if must == arg {
					keys += "*"
				}
			}
		}
		out = append(out, closed(keys, object{"kind": object{"const": name}}))
	}
	return out
}
