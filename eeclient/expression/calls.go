package expression

import (
	"bytes"
	"strings"
)

// A behavior is what a function does, as far as a check depends on it.
type behavior uint8

const (
	passesClassifier behavior = iota + 1 // returns the classifier that it is given
	returnsText                          // returns the text that it is given
	parsesTrees                          // parses texts of decision trees
	readsNamed                           // reads what an argument names
	readsOther                           // reads what no argument names
)

// behaviorOf returns the behavior of a function, or 0, and the name of the
// argument that it depends on. According to the table of signatures, no other
// function takes a classifier and returns one.
func behaviorOf(function string) (does behavior, argument string) {
	switch function {
	case "Classifier.train", "Classifier.setOutputMode":
		return passesClassifier, "classifier"
	case "String":
		return returnsText, "input"
	case "Classifier.decisionTree":
		return parsesTrees, "treeString"
	case "Classifier.decisionTreeEnsemble":
		return parsesTrees, "treeStrings"
	case "Image.load", "ImageCollection.load", "Classifier.load":
		return readsNamed, "id"
	case "Collection.loadTable":
		return readsNamed, "tableId"
	case "Blob":
		return readsNamed, "url"
	case "Image.loadGeoTIFF", "Image.loadMosaic", "Image.loadZarrV2Array", "ImageCollection.loadZarrV2Array":
		return readsNamed, "uri"
	}
	if saysItReads(function) {
		return readsOther, ""
	}
	return 0, ""
}

// saysItReads reports whether the name of a function says that it loads, runs a
// query or calls a model.
func saysItReads(function string) bool {
	for i := range len(function) {
		for _, word := range [...]string{"load", "query", "model", "vertex", "predict", "zarr"} {
			if function[i]|0x20 == word[0] && len(function)-i >= len(word) && strings.EqualFold(function[i:i+len(word)], word) {
				return true
			}
		}
	}
	return false
}

// resourcePrefix may precede the name of a function: algorithms are resources
// with names of the form algorithms/*, which some clients write out.
const resourcePrefix = "algorithms/"

// maxUnknown bounds the unknown function names in an expression for which a
// similar known name is looked for. Each search takes some microseconds.
const maxUnknown = 1000

// function takes the name, at i, of the function that a node invokes.
func (s *scanner) function(f *frame, i int, text span) {
	v := &s.nodes[f.node]
	name := bytes.TrimPrefix(s.bytes(text), []byte(resourcePrefix))
	if f.sig = s.signatureOf(name); f.sig != nil {
		v.does = f.sig.does
		return
	}
	if saysItReads(string(name)) {
		v.does = readsOther
	}
	if s.level != Strict {
		return
	}
	n := s.unknown.find(s, 0, text)
	switch {
	case n < 0 && len(s.meant) == maxUnknown:
		return
	case n < 0:
		n = s.unknown.add(s, 0, text)
		s.meant = append(s.meant, functionMeant(string(name)))
	}
	if s.meant[n] != "" && !s.found.full() {
		s.found.add(i, ruleFunctionName, s.bytes(text), s.meant[n])
	}
}

// functionName returns the name of the function that a node invokes; it is empty
// if the node has none.
func (s *scanner) functionName(v *node) []byte {
	if v.at == 0 {
		return nil
	}
	at := int(v.at)
	end, plain := s.str(at)
	return bytes.TrimPrefix(s.bytes(s.text(at+1, end-1, plain)), []byte(resourcePrefix))
}

// pending is an argument of an invocation that has not been matched with a
// parameter: the function's name has not been read yet, or the function has no
// such parameter.
type pending struct {
	name span
	node int32
}

// maxPending is how many such arguments of an invocation are kept. Functions of
// Earth Engine have up to 23 parameters.
const maxPending = 64

// argument takes the name of an argument, whose node comes next.
func (s *scanner) argument(f *frame, at int, name span) {
	if name.len == 0 {
		s.found.add(at, ruleEmptyText, "the argument a name")
	}
	call := &s.stack[len(s.stack)-2]
	switch node := int32(len(s.nodes)); {
	case call.sig != nil && s.match(call, name, node):
	case call.sig == nil && call.has(fieldFunctionName):
		// The function is not known.
	case len(s.pending)-int(f.args) < maxPending:
		p := extend(s, &s.pending)
		p.name.at, p.name.len, p.node = name.at, name.len, node
	}
}

// match matches an argument with a parameter of the function that a call
// invokes, and reports whether there is one of that name.
func (s *scanner) match(call *frame, name span, node int32) bool {
	text := s.bytes(name)
	for i := range call.sig.params {
		if call.sig.params[i] == string(text) {
			call.taken |= 1 << i
			if i == call.sig.about {
				s.nodes[call.node].link = node
			}
			return true
		}
	}
	return false
}

// endInvocation closes a functionInvocationValue.
func (s *scanner) endInvocation(f *frame) {
	args := s.pending[f.args:]
	s.pending = s.pending[:f.args]
	if f.set&(1<<fieldFunctionName|1<<fieldFunctionReference) == 0 {
		s.found.add(int(f.start), ruleNoFunction)
	}
	if s.stopped {
		return
	}
	if f.sig != nil && (len(args) > 0 || f.sig.required&^f.taken != 0) {
		s.matchRest(f, args)
	}
	switch s.nodes[f.node].does {
	case parsesTrees:
		s.trees = append(s.trees, f.node)
	case readsNamed, readsOther:
		s.reads = append(s.reads, f.node)
	}
}

// matchRest matches the arguments that are pending at the end of a call, and
// finds those that are misspelt and those that are required and missing. An
// argument that is misspelt is not missing too.
func (s *scanner) matchRest(f *frame, args []pending) {
	check := s.level == Strict && !f.has(fieldBroken)
	for _, a := range args {
		if s.match(f, a.name, a.node) || !check {
			continue
		}
		name := s.bytes(a.name)
		if p := f.sig.paramMeant(name); p != none && !s.found.full() {
			f.taken |= 1 << p
			s.found.add(int(s.nodes[a.node].start), ruleArgumentName, f.sig.name, name, f.sig.params[p])
		}
	}
	if !check || len(args) == maxPending {
		return
	}
	missing := f.sig.required &^ f.taken
	for i, p := range f.sig.params {
		if missing>>i&1 != 0 && !s.found.full() {
			s.found.addMissing(int(f.start), `.arguments["`+p+`"]`, ruleMissingArgument, f.sig.name)
		}
	}
}
