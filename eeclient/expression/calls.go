package expression

import (
	"bytes"
	"strings"
)

// A use is what an argument of a function is followed for.
type use uint8

const (
	usePass  use = iota + 1 // the function returns the classifier that it is given
	useText                 // the function returns the text that it is given
	useTrees                // the function parses decision trees
	useRead                 // the function reads what the argument names
	useQuery                // the function reads what cannot be allowed by a name
)

// useOf returns the use of a function, and the name of the argument that it is
// about. By the table there is no other function that takes a classifier and
// returns one.
func useOf(function string) (u use, argument string) {
	switch function {
	case "Classifier.train", "Classifier.setOutputMode":
		return usePass, "classifier"
	case "String":
		return useText, "input"
	case "Classifier.decisionTree":
		return useTrees, "treeString"
	case "Classifier.decisionTreeEnsemble":
		return useTrees, "treeStrings"
	case "Image.load", "ImageCollection.load", "Classifier.load":
		return useRead, "id"
	case "Collection.loadTable":
		return useRead, "tableId"
	case "Blob":
		return useRead, "url"
	case "Image.loadGeoTIFF", "Image.loadMosaic", "Image.loadZarrV2Array", "ImageCollection.loadZarrV2Array":
		return useRead, "uri"
	}
	lower := strings.ToLower(function)
	for _, word := range [...]string{"load", "query", "model", "vertex", "predict", "zarr"} {
		if strings.Contains(lower, word) {
			return useQuery, ""
		}
	}
	return 0, ""
}

// resourcePrefix may stand before the name of a function: algorithms are
// resources with names of the form algorithms/*, which some clients write out.
const resourcePrefix = "algorithms/"

// A stranger is a function that is not in the table.
type stranger struct {
	use   use
	meant string // the name of which it seems to be a misspelling, or empty
}

// maxStrangers is for how many names one expression has a misspelling looked
// for. That takes some microseconds each.
const maxStrangers = 1000

// function takes the name, at i, of the function that a node invokes.
func (s *scanner) function(f *frame, v *node, i int, text span) {
	name := bytes.TrimPrefix(s.bytes(text), []byte(resourcePrefix))
	if f.sig = signatureOf(name); f.sig != nil {
		v.use = f.sig.use
		return
	}
	n := s.unknown.find(s, 0, text)
	if n < 0 {
		n = s.unknown.add(s, 0, text)
		x := extend(&s.strangers)
		x.use, _ = useOf(string(name))
		x.meant = ""
		if s.level == Strict && n < maxStrangers {
			x.meant = functionMeant(string(name))
		}
	}
	v.use = s.strangers[n].use
	if meant := s.strangers[n].meant; meant != "" && !s.found.full() {
		s.found.add(i, ruleFunctionName, s.bytes(text), meant)
	}
}

// endInvocation closes a functionInvocationValue.
func (s *scanner) endInvocation(f *frame) {
	args := s.given[f.args:]
	s.given = s.given[:f.args]
	if !f.has(fieldFunctionName) && !f.has(fieldFunctionReference) {
		s.found.add(int(f.start), ruleNoFunction)
	}
	if s.tooMany {
		return
	}
	if f.sig != nil {
		s.match(f, args)
	}
	switch s.nodes[f.node].use {
	case useTrees:
		s.trees = append(s.trees, f.node)
	case useRead, useQuery:
		s.reads = append(s.reads, f.node)
	}
}

// match compares the arguments given to a known function with those that it
// takes.
func (s *scanner) match(f *frame, args []given) {
	matched, missing := 0, false
	for i := range f.sig.params {
		p := &f.sig.params[i]
		if g := s.argumentOf(args, p.name); g >= 0 {
			matched++
			if i == f.sig.followed {
				s.nodes[f.node].link = args[g].node
			}
		} else if !p.optional {
			missing = true
		}
	}
	if (matched < len(args) || missing) && s.level == Strict && !f.has(fieldBroken) {
		s.mismatch(f, args)
	}
}

// argumentOf returns the index of the argument with a name, or none.
func (s *scanner) argumentOf(args []given, name string) int {
	for i := range args {
		if string(s.bytes(args[i].name)) == name {
			return i
		}
	}
	return none
}

// mismatch finds the arguments that are misspelt and the required ones that are
// missing; one that is misspelt is not missing too.
func (s *scanner) mismatch(f *frame, args []given) {
	var meant uint32 // bits of params
	for _, g := range args {
		name := s.bytes(g.name)
		p := f.sig.paramMeant(name)
		if p == none || s.found.full() {
			continue
		}
		meant |= 1 << p
		s.found.add(int(s.nodes[g.node].start), ruleArgumentName, f.sig.name, name, f.sig.params[p].name)
	}
	for i, p := range f.sig.params {
		if !p.optional && meant>>i&1 == 0 && len(args) < maxGiven && s.argumentOf(args, p.name) == none && !s.found.full() {
			s.found.addMissing(int(f.start), `.arguments["`+p.name+`"]`, ruleMissingArgument, f.sig.name)
		}
	}
}
