package expression

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write RULES.md anew")

// exampleArguments are given with the examples of the rules about them.
var exampleArguments = map[rule]map[string]string{
	ruleNotGiven:    {"start": "1"},
	ruleNotOpen:     {"end": `"2026-11-23"`},
	ruleNotConstant: {"end": `{"a": 1, "a": 2}`},
}

// levelOf returns the lowest level that checks a rule.
func levelOf(r rule) Level {
	if r >= ruleFunctionName {
		return Strict
	}
	return Structure
}

// exampleOf returns the example of a rule as an expression.
func exampleOf(r rule) string {
	example := rules[r].example
	if strings.HasPrefix(example, `"0": `) {
		return entries(example)
	}
	return example
}

// checkExample returns the violation in the example of a rule.
func checkExample(t *testing.T, r rule) Violation {
	t.Helper()
	values := map[string][]byte{}
	for name, value := range exampleArguments[r] {
		values[name] = []byte(value)
	}
	_, err := checkWith([]byte(exampleOf(r)), levelOf(r), Options{Arguments: values})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Violations) != 1 {
		t.Fatalf("%s\ngot %v", exampleOf(r), err)
	}
	return invalid.Violations[0]
}

func TestEachRuleFindsItsExampleAndNothingElseDoes(t *testing.T) {
	for r := rule(1); r < numRules; r++ {
		if rules[r].example == "" {
			continue // too large to show; see the tests of limits
		}
		t.Run(rules[r].text, func(t *testing.T) {
			data := []byte(exampleOf(r))
			found, truncated, syntax := inspect(t, data, levelOf(r), exampleArguments[r])
			if syntax != nil || truncated || len(found) != 1 || found[0].rule != r {
				t.Fatalf("%s\ngot %v %v, want rule %d", data, found, syntax, r)
			}
			if r != ruleNotConstant { // whose examples are not JSON for the reference either
				agreeWith(t, data, levelOf(r), exampleArguments[r])
			}
			if v := checkExample(t, r); strings.Contains(v.Description, "%!") {
				t.Errorf("the description is not complete: %s", v.Description)
			}
			if levelOf(r) == Strict {
				if _, err := check(data, Structure); err != nil {
					t.Errorf("under structure: %v", err)
				}
			}
		})
	}
}

var verb = regexp.MustCompile(`%[sd]`)

// page returns RULES.md as the table defines it.
func page(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Rules\n\nWhat the check of an expression refuses: an example of each rule, and below it the path and the text of its violation.\n" +
		"An example that begins with a key is the entries of an expression whose result is \"0\". The level `structure` leaves out the\n" +
		"rules under Strict. This page is made from the table in `rules.go`; `go test -run Page -update` writes it.\n\n## Structure\n")
	for r := rule(1); r < numRules; r++ {
		if r == ruleFunctionName {
			b.WriteString("\n## Strict\n")
		}
		if rules[r].example == "" {
			fmt.Fprintf(&b, "\n> %s\n", verb.ReplaceAllString(rules[r].text, "…"))
			continue
		}
		fmt.Fprintf(&b, "\n```\n%s\n", rules[r].example)
		for name, value := range exampleArguments[r] {
			fmt.Fprintf(&b, "with the arguments {%q: %s}\n", name, value)
		}
		v := checkExample(t, r)
		fmt.Fprintf(&b, "```\n> **%s**: %s\n", v.Path, v.Description)
	}
	return b.String()
}

func TestPageIsMadeFromTheTable(t *testing.T) {
	want := page(t)
	if *update {
		if err := os.WriteFile("RULES.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("RULES.md")
	if err != nil || string(got) != want {
		t.Errorf("RULES.md is not as the table has it (go test -run Page -update writes it): %v", err)
	}
}
