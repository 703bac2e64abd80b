package expression

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReadsAreHeldToThePrefixes(t *testing.T) {
	allowed := []string{"projects/p/assets/ok", "COPERNICUS", "gs://bucket/folder/"}
	const id = at0 + `.functionInvocationValue.arguments["id"]`
	load := func(id string) string { return call("Image.load", `"id": `+id) }
	constant := func(text string) string { return `{"constantValue": "` + text + `"}` }
	for _, tt := range []struct {
		name, values string
		path         string // of what is denied
		denied       string
	}{
		{"an asset below a prefix", load(constant("projects/p/assets/ok/training")), "", ""},
		{"a prefix itself", load(constant("projects/p/assets/ok")), "", ""},
		{"a catalog ID", load(constant("COPERNICUS/S2")), "", ""},
		{"a name that only begins alike", load(constant("projects/p/assets/okay")), id, "projects/p/assets/okay"},
		{"a name above a prefix", load(constant("projects/p/assets")), id, "projects/p/assets"},
		{"a way out of a prefix", load(constant("COPERNICUS/../secret")), id, "COPERNICUS/../secret"},
		{"a name in other characters of JSON", load(constant(`COPERNICUS\/\u00532`)), "", ""},
		{"a name by a valueReference", load(`{"valueReference": "a"}`) + `, "a": {"valueReference": "b"}, "b": ` + constant("COPERNICUS/S2"), "", ""},
		{"one that is not allowed", load(`{"valueReference": "a"}`) + `, "a": {"valueReference": "b"}, "b": ` + constant("LANDSAT"), id, "LANDSAT"},
		{"the same one twice", call("List.cat", `"list": `+load(`{"valueReference": "a"}`)+`, "other": `+load(`{"valueReference": "a"}`)) + `, "a": ` + constant("COPERNICUS/S2"), "", ""},
		{"a computed name", load(call("String.cat", `"string1": `+constant("COPERNICUS/")+`, "string2": `+constant("S2"))), id, ""},
		{"a name that String returns", load(call("String", `"input": `+constant("COPERNICUS/S2"))), id, ""},
		{"a name that is bound", call("Collection.map", `"baseAlgorithm": {"functionDefinitionValue": {"argumentNames": ["x"], "body": "1"}}`) + `, "1": ` + load(`{"argumentReference": "x"}`),
			`expression.values["1"].functionInvocationValue.arguments["id"]`, ""},
		{"a name that is a number", load(`{"constantValue": 1}`), id, ""},
		{"no name at all", call("Image.load", ``), at0 + `.functionInvocationValue.functionName`, ""},
		{"every function that loads", call("List.cat", strings.Join([]string{
			`"a": ` + call("ImageCollection.load", `"id": `+constant("COPERNICUS/S2")), `"b": ` + call("Classifier.load", `"id": `+constant("COPERNICUS/S2")),
			`"c": ` + call("Collection.loadTable", `"tableId": `+constant("COPERNICUS/S2")), `"d": ` + call("Blob", `"url": `+constant("gs://bucket/folder/x")),
			`"e": ` + call("Image.loadGeoTIFF", `"uri": `+constant("gs://bucket/folder/x")), `"f": ` + call("Image.loadMosaic", `"uri": `+constant("gs://bucket/folder/x")),
			`"g": ` + call("Image.loadZarrV2Array", `"uri": `+constant("gs://bucket/folder/x")), `"h": ` + call("ImageCollection.loadZarrV2Array", `"uri": `+constant("gs://bucket/folder/x")),
		}, ", ")), "", ""},
		{"a table by another argument", call("Collection.loadTable", `"id": `+constant("COPERNICUS/S2")), at0 + `.functionInvocationValue.functionName`, ""},
		{"a file elsewhere", call("Blob", `"url": `+constant("gs://bucket/x")), at0 + `.functionInvocationValue.arguments["url"]`, "gs://bucket/x"},
		{"a query", call("FeatureCollection.runBigQuery", `"query": `+constant("SELECT 1")), at0 + `.functionInvocationValue.functionName`, ""},
		{"a table of BigQuery", call("FeatureCollection.loadBigQueryTable", `"table": `+constant("COPERNICUS/S2")), at0 + `.functionInvocationValue.functionName`, ""},
		{"a model", call("Model.fromVertexAi", ``), at0 + `.functionInvocationValue.functionName`, ""},
		{"an unknown function that Earth Engine may have added", call("algorithms/Image.LoadFromMoon", `"id": `+constant("COPERNICUS/S2")), at0 + `.functionInvocationValue.functionName`, ""},
		{"the first one of several", call("List.cat", `"list": `+load(constant("a"))+`, "other": `+load(constant("b"))),
			at0 + `.functionInvocationValue.arguments["list"].functionInvocationValue.arguments["id"]`, "a"},
		{"a read that result does not lead to", `{"constantValue": 1}, "1": ` + load(constant("a")), `expression.values["1"].functionInvocationValue.arguments["id"]`, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := []byte(entries(`"0": ` + tt.values))
			for _, level := range []Level{Structure, Off} {
				r, err := checkWith(data, level, Options{AllowedReads: allowed})
				if err != nil {
					t.Fatalf("%s: %v", data, err)
				}
				path, name := "", ""
				if r.Denied != nil {
					path, name = r.Denied.Path, r.Denied.Name
				}
				if path != tt.path || name != tt.denied {
					t.Errorf("%s: %s\ngot %+v\nwant %s %s", level, data, r.Denied, tt.path, tt.denied)
				}
			}
			slow, err := slowCheck(data, Structure, nil)
			if got := slow.denied(allowed); err != nil || got != tt.path {
				t.Errorf("%s\nthe reference denies %s", data, got)
			}
			if r, err := checkWith(data, Structure, Options{}); err != nil || r.Denied != nil {
				t.Errorf("without prefixes: got %+v %v", r, err)
			}
		})
	}
}

// Arguments beyond those that are remembered hide no read.
func TestManyArgumentsHideNoRead(t *testing.T) {
	var many []string
	for i := range 2 * maxPending {
		many = append(many, fmt.Sprintf(`"own%d": {"constantValue": 1}`, i))
	}
	arguments := `"arguments": {` + strings.Join(many, ", ") + `, "id": {"constantValue": "secret"}}`
	for _, members := range []string{`"functionName": "Image.load", ` + arguments, arguments + `, "functionName": "Image.load"`} {
		r, err := checkWith([]byte(one(`{"functionInvocationValue": {`+members+`}}`)), Structure, Options{AllowedReads: []string{"open"}})
		if err != nil || r.Denied == nil {
			t.Errorf("got %v %v", r.Denied, err)
		}
	}
}

func TestNothingMayBeReadIfNothingIsAllowed(t *testing.T) {
	r, err := checkWith(request(t, "cart-trained.json"), Strict, Options{AllowedReads: []string{}})
	want := DeniedRead{
		Path:        `expression.values["0"].functionInvocationValue.arguments["features"].functionInvocationValue.arguments["collection"].functionInvocationValue.arguments["tableId"]`,
		Name:        "projects/my-project/assets/training",
		Description: `Collection.loadTable reads "projects/my-project/assets/training"`,
	}
	if err != nil || r.Denied == nil || *r.Denied != want {
		t.Errorf("got %+v %v", r.Denied, err)
	}
}

func TestWhatAnExpressionUsesIsFoundWhereverItStands(t *testing.T) {
	load := func(name, id string) string {
		return `{"functionInvocationValue": {"arguments": {` + id + `}, "functionName": "` + name + `"}}`
	}
	in := entries(`"0": {"arrayValue": {"values": [` + strings.Join([]string{
		load("Image.load", `"id": {"constantValue": "b"}, "version": {"constantValue": "no"}`),
		load("Image.load", `"id": {"valueReference": "1"}`),
		load("algorithms/ImageCollection.load", `"id": {"constantValue": "\u0061"}`),
		load("Collection.loadTable", `"tableId": {"valueReference": "2"}`),
		load("Classifier.load", `"id": {"constantValue": 1}`),
		load("Classifier.load", `"name": {"constantValue": "no"}`),
		load("Image.load", `"id": {"argumentReference": "x"}`),
		load("Image.loaded", `"id": {"constantValue": "no"}`),
	}, ", ") + `]}}, "1": {"constantValue": "b"}, "2": {"valueReference": "3"}, "3": {"constantValue": "c/d"}`)
	algorithms, reads := Uses([]byte(in))
	if !slices.Equal(reads, []string{"a", "b", "c/d"}) {
		t.Errorf("got reads %q", reads)
	}
	if !slices.Equal(algorithms, []string{"Classifier.load", "Collection.loadTable", "Image.load", "Image.loaded", "ImageCollection.load"}) {
		t.Errorf("got algorithms %q", algorithms)
	}
	if a, r := Uses([]byte(`{`)); a != nil || r != nil {
		t.Errorf("got %q, %q of what is not JSON", a, r)
	}
}
