package examples_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheREADMEListsEveryReasonOfAnError(t *testing.T) {
	var schema struct {
		Definitions struct{ Reason struct{ Enum []string } }
	}
	if err := json.Unmarshal([]byte(read(t, "../api/schemas/error.json")), &schema); err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(read(t, "../../README.md"), "## When something fails")
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\|.*$`).FindAllString(section, -1) {
		for _, m := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(strings.Split(row, "|")[3], -1) {
			listed = append(listed, m[1])
		}
	}
	reasons := schema.Definitions.Reason.Enum
	slices.Sort(listed)
	slices.Sort(reasons)
	if !slices.Equal(listed, reasons) {
		t.Errorf("listed %q, and there are %q", listed, reasons)
	}
}

func TestTheREADMEListsEveryVariable(t *testing.T) {
	readme := read(t, "../../README.md")
	for _, m := range regexp.MustCompile(`r\.\w+\("([A-Z_]+)"`).FindAllStringSubmatch(read(t, "../../handler/config.go"), -1) {
		if !regexp.MustCompile("(?m)^\\|.*`" + m[1] + "`.*\\|").MatchString(readme) {
			t.Errorf("there is no row for %s", m[1])
		}
	}
}
