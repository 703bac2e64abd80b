package expression

import (
	"bytes"
	"strings"
)

// exportable are the functions whose classifiers Earth Engine can export:
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

// loadClassifier is the function whose classifier is known to Earth Engine
// alone.
const loadClassifier = "Classifier.load"

// kindWords say what a result of a kind is that can be no classifier.
var kindWords = [...]string{
	kindConstant:   "a constant",
	kindInteger:    "an integer",
	kindBytes:      "bytes",
	kindArray:      "a list",
	kindDictionary: "a dictionary",
	kindDefinition: "a function definition",
}

// origin follows the classifier from result to the function that makes it, and
// under Strict finds fault with one that cannot be exported. Only what is
// certain counts: an argument that is bound, a functionReference, a function
// that is not known, or one that may return anything, such as If or List.get,
// may give any classifier.
func (s *scanner) origin() {
	s.found.step()
	for n := s.entries[s.result]; n != none; {
		v := &s.nodes[n]
		switch {
		case v.kind == kindReference && v.link != none:
			n = s.entries[v.link]
			continue
		case v.use == usePass:
			n = v.link // none if it is given no classifier, which has been found
			continue
		case v.kind == kindInvocation:
			s.maker(v)
		case s.level == Strict && int(v.kind) < len(kindWords) && kindWords[v.kind] != "":
			s.found.add(int(v.start), ruleNotClassifier, kindWords[v.kind])
		case s.level == Strict && s.filled(v):
			s.found.add(int(v.start), ruleNotClassifier, kindWords[kindConstant])
		}
		return
	}
}

// maker decides on the function that makes the classifier.
func (s *scanner) maker(v *node) {
	g := signatureOf(s.functionName(v))
	if g == nil {
		return
	}
	for _, name := range exportable {
		if name == g.name {
			s.classifier = name
			return
		}
	}
	switch {
	case s.level != Strict || g.name == loadClassifier:
	case g.returns == "Classifier":
		s.found.add(int(v.at), ruleNotExportable, g.name)
	case g.returns != "Object" && g.returns != "<any>":
		s.found.add(int(v.at), ruleNotClassifier, withArticle(g.returns)+", the result of "+g.name)
	}
}

// withArticle names a type of the table, as "an Image" for Image<unknown bands>.
func withArticle(typ string) string {
	typ, _, _ = strings.Cut(typ, "<")
	if strings.IndexByte("AEIOU", typ[0]) >= 0 {
		return "an " + typ
	}
	return "a " + typ
}

// functionName returns the name of the function that a node invokes, or nothing
// if it has none.
func (s *scanner) functionName(v *node) []byte {
	at := int(v.at)
	if s.data[at] != '"' {
		return nil
	}
	end, plain := s.str(at)
	return bytes.TrimPrefix(s.bytes(s.text(at+1, end-1, plain)), []byte(resourcePrefix))
}
