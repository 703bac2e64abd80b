package message

import (
	"strings"
	"testing"
)

func TestParseStructured(t *testing.T) {
	long := strings.Repeat("x", maxContextBytes)
	for _, tc := range []struct {
		name, body, want string
	}{
		{"large data", `{"id":"1","data":"` + long + `"}`, ""},
		{"large data in base64", `{"id":"1","data_base64":"` + long + `"}`, ""},
		{"a number in base64", `{"id":"1","data_base64":5}`, "base64"},
		{"a number in base64, in version 0.3", `{"datacontentencoding":"base64","data":5}`, "base64"},
		{"data in both forms", `{"data_base64":"","data":5}`, "more than once"},
		{"a large attribute", `{"id":"` + long + `","data":{}}`, "too large"},
		{"an attribute with a long name", `{"` + long + `":1}`, "too large"},
		{"many attributes", "{" + strings.Repeat(`"x":"",`, 30_000) + `"data":{}}`, "too large"},
		{"data many times", "{" + strings.Repeat(`"data":1,`, 20_000) + `"id":"1"}`, "more than once"},
		{"half an event", `{"id":"1"`, "not valid JSON"},
		{"an event and more", `{"id":"1"}x`, "not valid JSON"},
		{"no object", "[]", "an object"},
		{"nothing", "", "an object"},
	} {
		_, _, err := ParseStructured([]byte(tc.body))
		if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
