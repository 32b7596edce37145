package runbooks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// allows is a small reading of JSON Schema: the words that ours uses.
func allows(schema map[string]any, v any) bool {
	if want, ok := schema["const"]; ok && v != want {
		return false
	}
	if list, ok := schema["enum"].([]any); ok && !contains(list, v) {
		return false
	}
	if list, ok := schema["oneOf"].([]any); ok {
		n := 0
		for _, one := range list {
			if allows(one.(map[string]any), v) {
				n++
			}
		}
		return n == 1
	}
	m, isMap := v.(map[string]any)
	if schema["type"] != "object" || !isMap {
		return schema["type"] != "object"
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, value := range m {
		sub, ok := properties[key].(map[string]any)
		if !ok {
			sub, ok = schema["additionalProperties"].(map[string]any)
		}
		if !ok || !allows(sub, value) {
			return false
		}
	}
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if _, ok := m[key.(string)]; !ok {
			return false
		}
	}
	return true
}

func contains(list []any, v any) bool {
	for _, w := range list {
		if w == v {
			return true
		}
	}
	return false
}

func TestJSONSchemaAcceptsWhatTheLoaderAccepts(t *testing.T) {
	data, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	read := func(src string) any {
		var v map[string]any
		if err := yaml.Unmarshal([]byte(src), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	files, err := filepath.Glob("library/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range append(files, "testdata/clean/sample.yaml", "testdata/clean/helper.yaml") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !allows(schema, read(string(src))) {
			t.Errorf("%s is refused", file)
		}
	}
	clean := readFile(t, "testdata/clean/sample.yaml")
	for old, bad := range map[string]string{"kind: route": "kind: rout", "fact: domain\n": "facts: domain\n", "outcome: solved,": "outcome: cancelled,",
		"kind: inventory,": "kind: inventori,", "owner: adminsys": "owned: adminsys", "{kind: http, url:": "{kind: http, uri:"} {
		if allows(schema, read(strings.Replace(clean, old, bad, 1))) {
			t.Errorf("%q is accepted", bad)
		}
	}
}
