package expression

// exportable are the algorithms whose classifiers Earth Engine can export:
// "Only supported for ee.Classifier.smileRandomForest,
// ee.Classifier.smileCart, ee.Classifier.DecisionTree, and
// ee.Classifier.DecisionTreeEnsemble."
// (https://developers.google.com/earth-engine/apidocs/export-classifier-toasset)
//
// They are spelled here as in an expression.
var exportable = [...]string{
	"Classifier.smileRandomForest",
	"Classifier.smileCart",
	"Classifier.decisionTree",
	"Classifier.decisionTreeEnsemble",
}

// exportableNames is the table above in words.
const exportableNames = "smileRandomForest, smileCart, decisionTree and decisionTreeEnsemble"

// passing are the functions that return the classifier they are given, as
// their argument "classifier", trained or set up differently. By the list of
// algorithms (https://developers.google.com/earth-engine/apidocs) there is no
// other that takes a classifier and returns one.
var passing = [...]string{
	"Classifier.train",
	"Classifier.setOutputMode",
}

// loading is the function whose classifier is known to Earth Engine alone.
const loading = "Classifier.load"

// others are functions that return something else for certain. The list need
// not be complete: what is in none of these tables is left to Earth Engine,
// unless it belongs to Classifier, where every further function is an
// algorithm that cannot be exported.
var others = [...]struct{ name, returns string }{
	{"Classifier.confusionMatrix", "a ConfusionMatrix"},
	{"Classifier.explain", "a Dictionary"},
	{"Classifier.mode", "a String"},
	{"Classifier.schema", "a List"},
	{"Clusterer.train", "a Clusterer"},
	{"Collection.errorMatrix", "a ConfusionMatrix"},
	{"Collection.filter", "a Collection"},
	{"Collection.loadTable", "a FeatureCollection"},
	{"Collection.map", "a Collection"},
	{"Collection.merge", "a Collection"},
	{"Collection.randomColumn", "a FeatureCollection"},
	{"Feature", "a Feature"},
	{"Image.addBands", "an Image"},
	{"Image.classify", "an Image"},
	{"Image.cluster", "an Image"},
	{"Image.constant", "an Image"},
	{"Image.load", "an Image"},
	{"Image.reduceRegion", "a Dictionary"},
	{"Image.sample", "a FeatureCollection"},
	{"Image.sampleRegions", "a FeatureCollection"},
	{"Image.select", "an Image"},
	{"Image.stratifiedSample", "a FeatureCollection"},
	{"ImageCollection.load", "an ImageCollection"},
	{"ImageCollection.mosaic", "an Image"},
}

// kindWords say what a result of a kind is that can be no classifier.
var kindWords = [...]string{
	kindConstant:   "a constant",
	kindInteger:    "an integer",
	kindBytes:      "bytes",
	kindArray:      "a list",
	kindDictionary: "a dictionary",
	kindDefinition: "a function definition",
	kindReference:  "",
}

// prefix may stand before the name of a function: algorithms are resources
// with names of the form algorithms/*, which some clients write out.
const prefix = "algorithms/"

// derive follows the classifier from result to the algorithm that made it, and
// under strict finds fault with one that cannot be exported. Only what is
// certain counts: an argument, a functionReference, or a function in none of
// the tables, such as If or List.get, may return any classifier.
func (s *scanner) derive(strict bool) {
	n := s.entries[s.result.to].node
	for {
		v := &s.nodes[n]
		if v.kind == kindReference {
			to, ok := s.follow(v)
			if !ok {
				return
			}
			n = to
			continue
		}
		if v.kind != kindInvocation {
			if int(v.kind) < len(kindWords) && kindWords[v.kind] != "" && strict {
				s.found.add(int(v.start), ruleNotClassifier, kindWords[v.kind])
			}
			return
		}
		name := s.bytes(v.text)
		if len(name) > len(prefix) && string(name[:len(prefix)]) == prefix {
			name = name[len(prefix):]
		}
		if isOneOf(passing[:], name) {
			if v.classifier == 0 {
				if strict {
					s.found.add(int(v.at), ruleNoClassifier, string(name))
				}
				return
			}
			n = v.classifier - 1
			continue
		}
		s.judge(name, v, strict)
		return
	}
}

// judge decides on the function in which the classifier originates.
func (s *scanner) judge(name []byte, v *node, strict bool) {
	for _, f := range exportable {
		if f == string(name) {
			s.classifier = f
			return
		}
	}
	for _, f := range others {
		if f.name == string(name) {
			if strict {
				s.found.add(int(v.at), ruleNotClassifier, f.returns+", the result of "+f.name)
			}
			return
		}
	}
	const group = "Classifier."
	if len(name) <= len(group) || string(name[:len(group)]) != group || string(name) == loading {
		return
	}
	if len(name) <= maxQuoted {
		s.classifier = string(name)
	}
	if strict {
		shown := quote(name)
		s.found.add(int(v.at), ruleNotExportable, shown[1:len(shown)-1])
	}
}

// follow returns the node that a valueReference stands for.
func (s *scanner) follow(v *node) (int32, bool) {
	if v.text.len == 0 {
		return 0, false
	}
	e := s.keys.find(s, 0, v.text)
	if e < 0 {
		return 0, false
	}
	return s.entries[e].node, true
}

func isOneOf(table []string, name []byte) bool {
	for _, f := range table {
		if f == string(name) {
			return true
		}
	}
	return false
}
