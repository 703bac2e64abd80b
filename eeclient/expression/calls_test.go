package expression

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// call writes the invocation of a function; arguments are "name": node.
func call(function, arguments string) string {
	return fmt.Sprintf(`{"functionInvocationValue": {"functionName": %q, "arguments": {%s}}}`, function, arguments)
}

// inside makes an expression that Strict passes if it passes the node.
func inside(node string) []byte { return []byte(one(call("If", `"trueCase": `+node))) }

// constants are arguments with any value.
func constants(names ...string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf(`%q: {"constantValue": 1}`, name))
	}
	return strings.Join(list, ", ")
}

func TestFunctionsAndArgumentsAreTakenByTheirNames(t *testing.T) {
	forest := "Classifier.smileRandomForest"
	for _, tt := range []struct {
		name, node string
		want       []string // parts of the descriptions
	}{
		{"a function that is known", call("Image.load", constants("id")), nil},
		{"one that Earth Engine hides", call("Image.loadMosaic", constants("uri")), nil},
		{"one that is known and one slip away from another", call("Image.gt", constants("image1", "image2")), nil},
		{"an unknown one that Earth Engine may have added", call("Image.classifyBoldly", constants("image")), nil},
		{"a name written out as a resource", call("algorithms/Image.load", constants("id")), nil},
		{"a letter left out", call("Collection.loadTabl", constants("tableId")), []string{"write Collection.loadTable"}},
		{"a letter too many", call("Collection.loadTablee", constants("tableId")), []string{"write Collection.loadTable"}},
		{"letters exchanged", call("Collection.loadTabel", constants("tableId")), []string{"write Collection.loadTable"}},
		{"a letter replaced", call("Collection.loadTable1"[:len("Collection.loadTabl")]+"a", constants("tableId")), []string{"write Collection.loadTable"}},
		{"a letter replaced by one of another alphabet", call("Image.lоad", constants("id")), []string{"write Image.load"}},
		{"case alone", call("classifier.smilerandomforest", constants("numberOfTrees")), []string{"write " + forest}},
		{"two letters left out", call("Collection.loadTab", constants("tableId")), nil},
		{"a name as the client's documentation has it", call("ee."+forest, constants("numberOfTrees")), []string{"write " + forest}},
		{"one with a slip", call("ee.Classifier.smileRandomforest", constants("numberOfTrees")), []string{"write " + forest}},
		{"a classifier without its group", call("smileRandomForest", constants("numberOfTrees")), []string{"write " + forest}},
		{"one without its group, and case alone", call("smileRandomforest", constants("numberOfTrees")), []string{"write " + forest}},
		{"a misspelt function's arguments are not checked", call("Image.lod", constants("ids")), []string{"write Image.load"}},

		{"an argument that is unknown", call("Image.load", constants("id", "nonsense")), nil},
		{"an argument misspelt", call(forest, constants("numberOfTrees", "sed")), []string{"no argument \"sed\"; write seed"}},
		{"case alone in an argument", call(forest, constants("numberoftrees")), []string{"write numberOfTrees"}},
		{"what is misspelt is not missing", call(forest, constants("numberOfTree")), []string{"write numberOfTrees"}},
		{"a required argument that is missing", call(forest, constants("seed")), []string{"this argument of " + forest + " is required"}},
		{"every one that is missing", call("Classifier.train", ""), []string{"required", "required", "required"}},
		{"arguments that cannot be read hide none", `{"functionInvocationValue": {"functionName": "Image.load", "arguments": []}}`, []string{"must be an object"}},
		{"nor does a misspelt field", `{"functionInvocationValue": {"functionName": "Image.load", "args": {}}}`, []string{"unknown field"}},
		{"arguments before the function", `{"functionInvocationValue": {"arguments": {` + constants("ids") + `}, "functionName": "Image.load"}}`, []string{"write id"}},
		{"inside one another", call("List.get", `"list": `+call("Image.load", constants("id"))+`, "index": `+call("Image.load", "")), []string{"this argument of Image.load is required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := inside(tt.node)
			_, err := check(data, Strict)
			var got []string
			if invalid, ok := err.(*InvalidError); ok {
				for _, v := range invalid.Violations {
					got = append(got, v.Description)
				}
			}
			if !slices.EqualFunc(got, tt.want, strings.Contains) {
				t.Errorf("%s\ngot %q, want %q", data, got, tt.want)
			}
			agree(t, data, Strict)
			if err := valid(data, Structure); err != nil && !strings.Contains(tt.want[0], "must") && !strings.Contains(tt.want[0], "field") {
				t.Errorf("under structure: %v", err)
			}
		})
	}
}

// valid returns the error of a check.
func valid(data []byte, level Level) error {
	_, err := check(data, level)
	return err
}

func TestManyArgumentsAreNotLookedInto(t *testing.T) {
	// The first 64 that the function does not have are; after that, what is
	// missing is not known.
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("own%d", i))
	}
	node := call("Image.load", constants(names...))
	if err := valid(inside(node), Strict); err != nil {
		t.Error(err)
	}
	if err := valid(inside(call("Image.load", constants(names[:63]...))), Strict); err == nil {
		t.Error("the missing argument is not found")
	}
}

func TestEveryKnownFunctionIsFound(t *testing.T) {
	previous := ""
	for line := range strings.Lines(Algorithms) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if columns[0] <= previous {
			t.Errorf("%s is not in order", columns[0])
		}
		previous = columns[0]
		for range 2 { // the second time from the table of those that are known
			g := search([]byte(columns[0]))
			if g == nil || g.name != columns[0] || g.returns != columns[1] || len(g.params) != len(columns)-3 {
				t.Fatalf("%s: got %+v", columns[0], g)
			}
		}
		if g := search([]byte(columns[0])); len(g.params) > 32 || (g.does != 0 && g.does != readsOther) != (g.about != none) {
			t.Errorf("%+v", g)
		}
		for _, column := range columns[3:] {
			if name, typ, ok := strings.Cut(column, ":"); !ok || name == "" || typ == "" {
				t.Errorf("%s: %q is not an argument", columns[0], column)
			}
		}
		if len(columns[0]) > maxName-10 {
			t.Errorf("%s is longer than what is looked for", columns[0])
		}
	}
	for _, name := range []string{"", "A", "Zzz", "Image", "Image.", "Image.load\t", strings.Repeat("x", 1000)} {
		if g := search([]byte(name)); g != nil {
			t.Errorf("%q: got %+v", name, g)
		}
	}
}

func TestEverySlipIsSeen(t *testing.T) {
	for line := range strings.Lines(Algorithms) {
		name, _, _ := strings.Cut(line, "\t")
		if len(name)%7 != 0 {
			continue // the reference takes its time
		}
		for i := range name {
			slips := []string{name[:i] + name[i+1:], name[:i] + "#" + name[i:], name[:i] + "#" + name[i+1:], name[:i] + "é" + name[i+1:]}
			if i > 0 && name[i] != name[i-1] {
				slips = append(slips, name[:i-1]+name[i:i+1]+name[i-1:i]+name[i+1:])
			}
			for _, text := range slips {
				if !isSlip(text, name) || !slowSlip(text, name) {
					t.Errorf("%s is one slip from %s", text, name)
				}
			}
			if text := name[:i] + "##" + name[i:]; isSlip(text, name) || slowSlip(text, name) {
				t.Errorf("%s is two slips from %s", text, name)
			}
		}
	}
}
