// Package api_test holds the descriptions of the HTTP door (openapi.yaml) and of
// the topics (asyncapi.yaml) to what the functions answer and publish, in both
// directions: what is described must be there, and what is there described.
package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// described is a description whose schemas can be compiled.
type described struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	url      string
	schemas  int // compiled so far
}

// describe reads a description. What it says of objects that may hold more, for
// the sake of consumers, is closed: to these tests anything more is undescribed.
func describe(t *testing.T, file string) *described {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := &described{compiler: jsonschema.NewCompiler(), url: absolute(t, file)}
	d.compiler.AssertFormat()
	if err := yaml.Unmarshal(b, &d.doc); err != nil {
		t.Fatal(err)
	}
	d.add(t, d.url, d.doc)
	d.add(t, absolute(t, "schemas/error.json"), closed(readJSON(t, "schemas/error.json")))
	return d
}

func (d *described) add(t *testing.T, url string, doc any) {
	t.Helper()
	if err := d.compiler.AddResource(url, plain(t, doc)); err != nil {
		t.Fatal(err)
	}
}

// check validates a value against the schema at a JSON pointer of the
// description. An object may hold nothing that is not described.
func (d *described) check(t *testing.T, pointer string, value any) {
	t.Helper()
	d.validate(t, map[string]any{"$ref": d.url + "#" + pointer, "unevaluatedProperties": false}, value)
}

// checkOpen is check for an object that is not eeexport's own.
func (d *described) checkOpen(t *testing.T, pointer string, value any) {
	t.Helper()
	d.validate(t, map[string]any{"$ref": d.url + "#" + pointer}, value)
}

func (d *described) validate(t *testing.T, schema map[string]any, value any) {
	t.Helper()
	d.schemas++
	url := fmt.Sprintf("%s-%d", d.url, d.schemas)
	d.add(t, url, schema)
	compiled, err := d.compiler.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(plain(t, value)); err != nil {
		t.Errorf("%s\n%#v", mustJSON(t, value), err)
	}
}

// at returns the value at a JSON pointer, and the pointer without references
// within the description.
func (d *described) at(t *testing.T, pointer string) (map[string]any, string) {
	t.Helper()
	var value any = d.doc
	for name := range strings.SplitSeq(pointer[1:], "/") {
		value = value.(map[string]any)[strings.ReplaceAll(name, "~1", "/")]
	}
	found, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("%s is not described", pointer)
	}
	if ref, ok := found["$ref"].(string); ok && strings.HasPrefix(ref, "#") {
		return d.at(t, ref[1:])
	}
	return found, pointer
}

// closed lets no object of a schema hold more than its properties.
func closed(schema any) any {
	switch schema := schema.(type) {
	case map[string]any:
		if _, ok := schema["properties"].(map[string]any); ok && schema["type"] == "object" {
			schema["additionalProperties"] = false
		}
		for _, s := range schema {
			closed(s)
		}
	case []any:
		for _, s := range schema {
			closed(s)
		}
	}
	return schema
}

// properties returns the names of all properties in a schema.
func properties(schema any) map[string]bool {
	names := make(map[string]bool)
	switch schema := schema.(type) {
	case map[string]any:
		if described, ok := schema["properties"].(map[string]any); ok {
			for name := range described {
				names[name] = true
			}
		}
		for _, s := range schema {
			maps.Copy(names, properties(s))
		}
	case []any:
		for _, s := range schema {
			maps.Copy(names, properties(s))
		}
	}
	return names
}

func readJSON(t *testing.T, file string) any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parseJSON(t, b)
}

func parseJSON(t *testing.T, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// plain returns a value in the types that the validator requires.
func plain(t *testing.T, value any) any {
	t.Helper()
	return parseJSON(t, mustJSON(t, value))
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}
