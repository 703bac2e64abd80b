package examples_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheREADMEsLinksLeadSomewhere(t *testing.T) {
	const root = "../.."
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(read(t, root+"/README.md"), -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		file, fragment, _ := strings.Cut(m[1], "#")
		path := filepath.Join(root, file)
		if file == "" {
			path = root + "/README.md"
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		} else if fragment != "" && !slices.Contains(anchors(read(t, path)), fragment) {
			t.Errorf("%s: there is no such heading", m[1])
		}
	}
}

// anchors returns the anchors of a page's headings.
func anchors(page string) (names []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

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
