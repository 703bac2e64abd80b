package expression

import (
	"slices"
	"strings"
)

// A Summary is what a check learns on its way. It shares no memory with the
// input. For an expression that was refused it holds what could be told, and
// at level Off nothing.
type Summary struct {
	// Nodes counts the ValueNodes, nested ones included.
	Nodes int
	// Entries counts the members of values.
	Entries int
	// Classifier is the function that makes the classifier behind result, as
	// "Classifier.smileCart". It is empty if the expression alone does not
	// tell, or if result is no classifier.
	Classifier string

	// text holds the names of the algorithms, then the IDs of the assets; each
	// ends where ends says. They become strings only when they are asked for.
	text       []byte
	ends       []uint32
	algorithms int
}

// NumAlgorithms is the length of Algorithms, and costs nothing.
func (s *Summary) NumAlgorithms() int { return s.algorithms }

// NumAssets is the length of Assets, and costs nothing.
func (s *Summary) NumAssets() int { return len(s.ends) - s.algorithms }

// Algorithms returns the names of the functions that are invoked by name,
// sorted, each once.
func (s *Summary) Algorithms() []string { return s.strings(0, s.algorithms) }

// Assets returns the IDs of the assets that the expression loads, as far as
// they are constants: those given to Image.load, ImageCollection.load,
// Collection.loadTable and Classifier.load, in place or by a valueReference.
// They are sorted, each once.
func (s *Summary) Assets() []string { return s.strings(s.algorithms, len(s.ends)) }

func (s *Summary) strings(from, to int) []string {
	if from == to {
		return nil
	}
	start := uint32(0)
	if from > 0 {
		start = s.ends[from-1]
	}
	text := string(s.text[start:s.ends[to-1]])
	list := make([]string, 0, to-from)
	for _, end := range s.ends[from:to] {
		list = append(list, text[:end-start])
		text, start = text[end-start:], end
	}
	slices.Sort(list)
	return list
}

// loader reports whether a function loads an asset by an ID, which is given as
// "id" or, to Collection.loadTable, as "tableId".
func loader(name []byte) bool {
	switch strings.TrimPrefix(string(name), prefix) {
	case "Image.load", "ImageCollection.load", "Collection.loadTable", loading:
		return true
	}
	return false
}

// maxHops bounds how far an asset ID is followed. Clients hoist a constant at
// most once, so it is one hop away.
const maxHops = 8

// findAssets collects the IDs that are loaded.
func (s *scanner) findAssets() {
	for _, n := range s.loads {
		n = s.nodes[n].asset - 1
		for hop := 0; n >= 0 && hop < maxHops && s.nodes[n].kind == kindReference; hop++ {
			to, ok := s.follow(&s.nodes[n])
			if !ok {
				break
			}
			n = to
		}
		if n < 0 || s.nodes[n].kind != kindConstant || s.nodes[n].text.len == 0 {
			continue
		}
		t := s.nodes[n].text
		k := s.text(int(t.at), int(t.at+t.len), false)
		if s.assets.find(s, 0, k) < 0 {
			s.assets.add(s, 0, k)
		}
	}
}

// summary sums up what has been read.
func (s *scanner) summary(level Level) *Summary {
	sum := &Summary{Nodes: len(s.nodes), Entries: len(s.entries), Classifier: s.classifier}
	if level == Off {
		return sum
	}
	if !s.tooMany {
		s.findAssets()
	}
	sum.algorithms = len(s.functions.keys)
	count, size := sum.algorithms+len(s.assets.keys), 0
	for _, set := range [...][]span{s.functions.keys, s.assets.keys} {
		for _, k := range set {
			size += int(k.len)
		}
	}
	if count == 0 {
		return sum
	}
	sum.text, sum.ends = make([]byte, 0, size), make([]uint32, 0, count)
	for _, set := range [...][]span{s.functions.keys, s.assets.keys} {
		for _, k := range set {
			sum.text = append(sum.text, s.bytes(k)...)
			sum.ends = append(sum.ends, uint32(len(sum.text)))
		}
	}
	return sum
}
