package expression

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inspect returns what Check finds, with the rules that the public error does
// not carry.
func inspect(t testing.TB, data []byte, level Level) (found []verdict, truncated bool, syntax *SyntaxError) {
	t.Helper()
	s := new(scanner)
	s.reset(data)
	if n := s.check(level); n >= 0 && skipSpace(data, n) < len(data) {
		s.fail(n, "trailing data")
	}
	if s.syntax != nil || len(s.found.list) == 0 {
		return nil, false, s.syntax
	}
	err := s.invalid() // which also sorts the list
	for i, v := range err.Violations {
		found = append(found, verdict{v.Path, s.found.list[i].rule})
	}
	return found, err.Truncated, nil
}

var component = regexp.MustCompile(`\.\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]`)

// shortened leaves out the middle of a long path.
func shortened(v verdict) verdict {
	c := component.FindAllString(strings.TrimPrefix(v.path, "expression"), -1)
	last := ""
	if v.rule == ruleRequired { // the field that is missing is put last
		last = c[len(c)-1]
		c = c[:len(c)-1]
	}
	if len(c) > pathHead+pathTail {
		c = append(append(c[:pathHead:pathHead], "…"), c[len(c)-pathTail:]...)
	}
	v.path = "expression" + strings.Join(c, "") + last
	return v
}

// agree fails unless the two checkers agree on data.
func agree(t testing.TB, data []byte, level Level) {
	t.Helper()
	want, err := slowCheck(data, level)
	got, truncated, syntax := inspect(t, data, level)
	if (err != nil) != (syntax != nil) {
		t.Fatalf("%s\nwell-formedness: the decoder says %v, this package %v", data, err, syntax)
	}
	for i := range want {
		want[i] = shortened(want[i])
	}
	if truncated {
		if len(got) != MaxViolations || len(want) <= MaxViolations {
			t.Fatalf("%s\ntruncated to %d of %d", data, len(got), len(want))
		}
		for _, v := range got {
			if !slices.Contains(want, v) {
				t.Fatalf("%s\n%s: the reference does not find %v", data, level, v)
			}
		}
		return
	}
	order := func(a, b verdict) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.rule, b.rule))
	}
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Fatalf("%s\n%s:\n got %v\nwant %v", data, level, got, want)
	}
}

func TestRealRequestsPass(t *testing.T) {
	for _, tt := range []struct {
		file       string
		nodes      int
		entries    int
		classifier string
		assets     []string
	}{
		{"cart-trained.json", 10, 1, "Classifier.smileCart", []string{"projects/my-project/assets/training"}},
		{"decision-tree-ensemble.json", 2, 1, "Classifier.decisionTreeEnsemble", nil},
		{"legacy-user-asset.json", 10, 1, "Classifier.smileCart", []string{"projects/my-project/assets/training"}},
		{"nested-map-functions.json", 0, 0, "", nil},
		{"random-forest-trained.json", 0, 0, "", nil},
		{"with-priority-overwrite.json", 10, 1, "Classifier.smileCart", []string{"projects/my-project/assets/training"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			data := request(t, tt.file)
			for _, data := range [][]byte{data, compact(t, data)} {
				for _, level := range []Level{Off, Structure, Strict} {
					s, err := Check(data, level)
					if err != nil {
						t.Fatalf("%s: %v", level, err)
					}
					agree(t, data, level)
					if level == Strict {
						t.Log(s.Nodes, s.Entries, s.Classifier, s.Assets(), s.Algorithms())
					}
				}
			}
		})
	}
}

func TestSVMIsRefusedByStrictAlone(t *testing.T) {
	data := request(t, "svm-trained.json")
	if _, err := Check(data, Structure); err != nil {
		t.Errorf("structure: %v", err)
	}
	s, err := Check(data, Strict)
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("strict: %v", err)
	}
	t.Log(err, s)
}
