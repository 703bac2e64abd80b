package expression

import "strings"

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

// exportableNames lists exportable for messages.
const exportableNames = "smileRandomForest, smileCart, decisionTree and decisionTreeEnsemble"

// loadClassifier is the function whose classifier only Earth Engine knows.
const loadClassifier = "Classifier.load"

// checkResult follows the classifier from result to the function that makes it.
// Under Strict it refuses one that certainly cannot be exported. An argument
// that is bound, a functionReference, an unknown function, and one that may
// return anything, such as If or List.get, may give any classifier.
func (s *scanner) checkResult() {
	s.found.step()
	for n := s.entries[s.result]; n != none; {
		v := &s.nodes[n]
		switch {
		case v.kind == kindReference && v.link != none:
			n = s.entries[v.link]
			continue
		case v.does == passesClassifier:
			n = v.link // none if the argument is missing, which has been found
			continue
		case v.kind == kindInvocation:
			s.checkMaker(v)
		case s.level == Strict && kinds[v.kind].word != "":
			s.found.add(int(v.start), ruleNotClassifier, kinds[v.kind].word)
		case s.level == Strict && s.filled(v):
			s.found.add(int(v.start), ruleNotClassifier, kinds[kindConstant].word)
		}
		return
	}
}

// checkMaker decides on the function that makes the classifier.
func (s *scanner) checkMaker(v *node) {
	g := s.signatureOf(s.functionName(v))
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

// withArticle returns "an Image" for Image<unknown bands>, and the like.
func withArticle(typ string) string {
	typ, _, _ = strings.Cut(typ, "<")
	if strings.IndexByte("AEIOU", typ[0]) >= 0 {
		return "an " + typ
	}
	return "a " + typ
}
