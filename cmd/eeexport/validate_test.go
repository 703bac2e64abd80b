package main

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

// changed is an example with some of its text replaced.
func changed(name string, oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(string(requests.Get(name)))
}

// realRequests is the folder of the real requests.
const realRequests = "../../eeclient/eetest/requests/"

func TestValidateRealRequests(t *testing.T) {
	t.Chdir(realRequests)
	files := requests.Names()
	text := command(t, "", append([]string{"validate"}, files...)...)
	lines := command(t, "", append([]string{"validate", "--json"}, files...)...)
	t.Chdir("../../../cmd/eeexport")
	golden(t, "validate.txt", text.out)
	golden(t, "validate.jsonl", lines.out)
	if text.status != exitFailed || lines.status != exitFailed || text.errOut+lines.errOut != "" {
		t.Errorf("status %d and %d, %s%s", text.status, lines.status, text.errOut, lines.errOut)
	}
	for line := range strings.Lines(lines.out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestValidate(t *testing.T) {
	good, bad := example(t, requests.Cart), example(t, requests.SVM)
	open := changed(requests.Cart, `"constantValue": "projects/my-project/assets/training"`, `"argumentReference": "table"`)
	for _, tc := range []struct {
		name   string
		in     string
		args   []string
		status int
		want   []string // in the output or the errors, in this order
	}{
		{name: "a valid request", args: []string{good}, want: []string{"cart-trained.json: valid", "classifier", "Classifier.smileCart"}},
		{name: "standard input", in: changed(requests.Cart), args: []string{"-"}, want: []string{"-: valid"}},
		{name: "a classifier that cannot be exported", args: []string{bad}, status: exitFailed, want: []string{"svm-trained.json: invalid, 1 violation\n", "expression.values"}},
		{name: "the same, if only the structure is checked", args: []string{"--check", "structure", bad}, want: []string{"svm-trained.json: valid"}},
		{name: "the same, if the expression is not checked", args: []string{"--check", "off", bad}, want: []string{"svm-trained.json: valid"}},
		{name: "valid files are reported beside invalid ones", args: []string{bad, good}, status: exitFailed, want: []string{"svm-trained.json: invalid", "cart-trained.json: valid"}},
		{name: "every violation is shown with its field", args: []string{"-"}, status: exitFailed,
			in:   changed(requests.PriorityAndOverwrite, `"value": 0`, `"value": 10000`, `"prio"`, `7`, `/assets/x/y`, `/x`),
			want: []string{"-: invalid, 3 violations", "description: ", "priority.value: ", "assetExportOptions.earthEngineDestination.name: "}},
		{name: "what is not JSON", in: "{", args: []string{"-"}, status: exitFailed, want: []string{"-: invalid, 1 violation", "not valid JSON at line 1, column 2: "}},
		{name: "nothing at all", args: []string{"-"}, status: exitFailed, want: []string{"the request is empty"}},
		{name: "placeholders are filled in", in: changed(requests.Cart, "assets/cart-trained", "assets/cart-{time}", "a374d19b", "{date}"), args: []string{"-"}, want: []string{"asset       projects/my-project/assets/cart-2"}},
		{name: "a requestId that keeps a schedule from working", in: changed(requests.Cart), args: []string{"-"}, want: []string{"-: valid", "warning     requestId: is the same for every run"}},
		{name: "the position is a line and a column of characters", in: "{\n\t\"description\": \"é\" 7}", args: []string{"-"}, status: exitFailed, want: []string{"not valid JSON at line 2, column 21: "}},
		{name: "an open place that nothing fills in", in: open, args: []string{"-"}, status: exitFailed, want: []string{"tableId", `"table"`, "arguments"}},
		{name: "one that an argument fills in", in: open, args: []string{"-", "--argument", "table=projects/p/assets/t"}, want: []string{"-: valid", "reads       projects/p/assets/t"}},
		{name: "an argument that the expression has no place for", in: changed(requests.Cart), args: []string{"-", "--argument", "end=2026-11-23"}, status: exitFailed, want: []string{"arguments.end: "}},
		{name: "a file that cannot be read outweighs violations", args: []string{bad, "nowhere.json", good}, status: exitUsage, want: []string{"svm-trained.json: invalid", "cart-trained.json: valid", "nowhere.json"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			command(t, tc.in, append([]string{"validate"}, tc.args...)...).check(t, tc.status, tc.want...)
		})
	}
}

func TestValidateBreaksLinesBetweenWords(t *testing.T) {
	status, screen := startTerminal(t, 60, "validate", realRequests+requests.Cart, realRequests+requests.SVM).wait()
	if status != exitFailed {
		t.Errorf("exit status %d", status)
	}
	golden(t, "validate-60.txt", screen)
}

func TestReadingFromATerminalIsAnnounced(t *testing.T) {
	term := startTerminal(t, 80, "validate", "-")
	term.await(`^Reading standard input: .* Ctrl-D\.`)
	term.press("[]\r\x04")
	if status, last := term.wait(); status != exitFailed || !strings.Contains(last, "-: invalid, 1 violation\n") {
		t.Errorf("%d %s", status, last)
	}
}
