package api_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/eeexport/handler/message"
)

// channels are the topics on which events are published, with their types.
var channels = map[string][]string{
	"operations":  {message.TypeStarted},
	"completions": {message.TypeCancelled, message.TypeFailed, message.TypeSucceeded},
	"failures":    {message.TypeRequestFailed},
}

// TestEveryMessageIsDescribed holds asyncapi.yaml to the golden messages.
func TestEveryMessageIsDescribed(t *testing.T) {
	d := describe(t, "asyncapi.yaml")
	messages := make(map[string]string) // by ce-type, where they are described
	for channel, types := range channels {
		var found []string
		described, at := d.at(t, "/channels/"+channel+"/messages")
		for key := range described {
			message, pointer := d.at(t, at+"/"+key)
			kind := message["name"].(string)
			messages[kind] = pointer
			found = append(found, kind)
		}
		if slices.Sort(found); !slices.Equal(found, types) {
			t.Errorf("%s: %q, want %q", channel, found, types)
		}
	}
	files, err := filepath.Glob("../../handler/message/testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden messages: ", err)
	}
	seen := make(map[string]bool) // attributes
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var golden struct {
				Attributes map[string]string
				Data       json.RawMessage
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &golden); err != nil {
				t.Fatal(err)
			}
			kind, published := golden.Attributes["ce-type"]
			if !published { // a request that waits
				d.checkOpen(t, "/components/messages/request/headers", golden.Attributes)
				return
			}
			for name := range golden.Attributes {
				seen[name] = true
			}
			pointer := messages[kind]
			d.check(t, pointer+"/headers", golden.Attributes)
			d.checkOpen(t, pointer+"/payload", golden.Data)
		})
	}
	for name := range properties(readJSON(t, "schemas/attributes.json")) {
		if !seen[name] {
			t.Errorf("the attribute %s is described, and no golden message has it", name)
		}
	}
}
