package expression

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A slowFunction is a line of the table of signatures.
type slowFunction struct {
	returns  string
	params   []string
	required map[string]bool
}

var slowFunctions = sync.OnceValue(func() map[string]slowFunction {
	table, err := os.ReadFile("algorithms.tsv")
	if err != nil {
		panic(err)
	}
	functions := map[string]slowFunction{}
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		columns := strings.Split(line, "\t")
		f := slowFunction{returns: columns[1], required: map[string]bool{}}
		for _, c := range columns[3:] {
			name := c[:strings.Index(c, ":")]
			param := strings.TrimSuffix(name, "?")
			f.params = append(f.params, param)
			f.required[param] = name == param
		}
		functions[columns[0]] = f
	}
	return functions
})

// distance is the number of insertions, deletions, replacements and
// transpositions between two texts (Damerau and Levenshtein, no part edited
// twice).
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j], d[i][j-1], d[i-1][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func slowSlip(text, name string) bool {
	a, b := []rune(text), []rune(name)
	return strings.EqualFold(text, name) || len(a)-len(b) >= -1 && len(a)-len(b) <= 1 && distance(a, b) == 1
}

var meanings sync.Map // of slowMeant, which takes its time

// slowMeant reports whether an unknown function stands for one that is known.
func slowMeant(text string) bool {
	if meant, ok := meanings.Load(text); ok {
		return meant.(bool)
	}
	bare := strings.TrimPrefix(text, "ee.")
	_, spelled := slowFunctions()[bare]
	_, short := slowFunctions()["Classifier."+bare]
	meant := spelled || short
	for name := range slowFunctions() {
		meant = meant || slowSlip(bare, name) || strings.EqualFold("Classifier."+bare, name)
	}
	meanings.Store(text, meant)
	return meant
}

// call checks the name of a function and of its arguments.
func (c *slowChecker) call(v *value, path string, readable bool) {
	if c.level != Strict {
		return
	}
	f, known := slowFunctions()[v.text]
	if !known {
		if slowMeant(v.text) {
			c.find(v.at, ruleFunctionName)
		}
		return
	}
	if !readable {
		return
	}
	meant := map[string]bool{}
	for name, node := range v.arguments {
		if slices.Contains(f.params, name) {
			continue
		}
		for _, param := range f.params {
			if slowSlip(name, param) {
				meant[param] = true
				c.find(node.path, ruleArgumentName)
				break
			}
		}
	}
	for name, required := range f.required {
		if _, given := v.arguments[name]; required && !given && !meant[name] {
			c.find(path+`.arguments["`+name+`"]`, ruleMissingArgument)
		}
	}
}

// strict follows the classifier by the description of the rule.
func (c *slowChecker) strict(v *value) {
	if v == nil {
		return
	}
	switch v.kind {
	case "constantValue", "integerValue", "bytesValue", "arrayValue", "dictionaryValue", "functionDefinitionValue":
		c.find(v.path, ruleNotClassifier)
		return
	case "valueReference":
		if v.text != "" {
			c.strict(c.entries[v.text])
		}
		return
	case "functionInvocationValue":
	default:
		return
	}
	switch v.text {
	case "Classifier.train", "Classifier.setOutputMode":
		c.strict(v.arguments["classifier"])
		return
	case "Classifier.smileRandomForest", "Classifier.smileCart", "Classifier.decisionTree", "Classifier.decisionTreeEnsemble", "Classifier.load":
		return
	}
	f, known := slowFunctions()[v.text]
	switch {
	case !known:
	case f.returns == "Classifier":
		c.find(v.at, ruleNotExportable)
	case f.returns != "Object" && f.returns != "<any>":
		c.find(v.at, ruleNotClassifier)
	}
}

// mistaken recognises what is sent instead of an Expression.
func mistaken(t *tree) (form rule) {
	for _, m := range t.members {
		field, _ := fieldOf("ValueNode", m.name)
		switch {
		case (m.name == "result" || m.name == "values") && m.value.kind != 'n':
			return 0
		case form != 0:
		case field != "":
			form = ruleBareNode
		case m.name == "type" || m.name == "scope":
			form = ruleOlderEncoding
		case m.name == "Serializable$values":
			form = ruleClientObject
		}
	}
	return form
}

var readers = map[string]string{
	"Image.load": "id", "ImageCollection.load": "id", "Classifier.load": "id", "Collection.loadTable": "tableId", "Blob": "url",
	"Image.loadGeoTIFF": "uri", "Image.loadMosaic": "uri", "Image.loadZarrV2Array": "uri", "ImageCollection.loadZarrV2Array": "uri",
}

var readingName = regexp.MustCompile(`(?i)load|query|model|vertex|predict|zarr`)

// denied returns the path of the first read outside of the prefixes.
func (c *slowChecker) denied(prefixes []string) string {
	for _, v := range c.calls {
		argument, reads := readers[v.text]
		given := v.arguments[argument]
		switch {
		case !reads && !readingName.MatchString(v.text):
		case !reads || given == nil:
			return v.at
		case !slices.ContainsFunc(prefixes, func(p string) bool { return c.reads(given, strings.TrimSuffix(p, "/")) }):
			return given.path
		}
	}
	return ""
}

func (c *slowChecker) reads(v *value, prefix string) bool {
	for v.kind == "valueReference" {
		v = c.entries[v.text]
	}
	if v.kind != "constantValue" || v.json.kind != '"' || strings.Contains("/"+v.json.text+"/", "/../") || strings.Contains("/"+v.json.text+"/", "/./") {
		return false
	}
	return v.json.text == prefix || strings.HasPrefix(v.json.text, prefix+"/")
}
