package main

import (
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		want string // the beginning
	}{
		{"commands", []string{"re"}, "redrive\t"},
		{"levels of the check", []string{"validate", "--check", ""}, "strict\nstructure\noff\n:4\n"},
		{"states", []string{"list", "--state", ""}, "PENDING\nRUNNING\n"},
		{"types", []string{"list", "--type", ""}, "EXPORT_CLASSIFIER\n"},
		{"colours", []string{"watch", "--color", ""}, "auto\nalways\nnever\n:4\n"},
		{"request files", []string{"submit", ""}, "json\n:8\n"},
		{"no files if none are taken", []string{"watch", ""}, ":4\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := command(t, "", append([]string{"__complete"}, tc.args...)...)
			if r.status != exitOK || !strings.HasPrefix(r.out, tc.want) {
				t.Errorf("%+v", r)
			}
		})
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if r := command(t, "", "completion", shell); r.status != exitOK || !strings.Contains(r.out, "eeexport") {
			t.Errorf("%s: %+v", shell, r.status)
		}
	}
}
