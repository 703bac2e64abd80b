package expression

import (
	_ "embed"
	"strings"
)

// Algorithms are the signatures of Earth Engine's functions, sorted by name, one per line.
// The columns, between tabs, are the name, the type of the result, "hidden" or
// "deprecated" or nothing, and then an argument each, as name:Type or, if it is optional,
// name?:Type. This command regenerates the table, which is as of July 2026
// (https://developers.google.com/earth-engine/reference/rest/v1/projects.algorithms/list):
//
//	curl -sf -H "Authorization: Bearer $(gcloud auth print-access-token)" \
//	  https://earthengine.googleapis.com/v1/projects/$GOOGLE_CLOUD_PROJECT/algorithms |
//	jq -r '.algorithms[] | [(.name | ltrimstr("algorithms/")), .returnType,
//	  (if .hidden then "hidden" elif .deprecated then "deprecated" else "" end),
//	  (.arguments[]? | .argumentName + (if .optional then "?" else "" end) + ":" + .type)] | @tsv' |
//	LC_ALL=C sort >algorithms.tsv
//
//go:embed algorithms.tsv
var Algorithms string

// A signature is a line of the table.
type signature struct {
	name, returns string
	hidden        bool
	params        []string // names of the arguments that the function takes
	required      uint32   // bits of those params that are not optional
	does          behavior
	about         int // which of params the behavior depends on, or none
}

// maxName is longer than any name in the table, and than any misspelling of
// one.
const maxName = 100

// signatureOf returns the signature of a function, or nil if it is not known. It
// remembers those that have been looked up.
func (s *scanner) signatureOf(name []byte) *signature {
	g := s.signatures[string(name)]
	if g == nil {
		if g = search(name); g != nil {
			s.signatures[g.name] = g
		}
	}
	return g
}

// search finds the line of a function by binary search, or returns nil.
func search(name []byte) *signature {
	for from, to := 0, len(Algorithms); from < to; {
		line := from + strings.LastIndexByte(Algorithms[from:(from+to)/2], '\n') + 1
		end := line + strings.IndexByte(Algorithms[line:], '\n') + 1
		switch found, _, _ := strings.Cut(Algorithms[line:end], "\t"); {
		case found == string(name):
			return parseSignature(Algorithms[line:end])
		case found < string(name):
			from = end
		default:
			to = line
		}
	}
	return nil
}

// parseSignature reads a line of the table.
func parseSignature(line string) *signature {
	columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	g := &signature{name: columns[0], returns: columns[1], hidden: columns[2] == "hidden", about: none}
	does, about := behaviorOf(g.name)
	g.does = does
	for i, column := range columns[3:] {
		name, _, _ := strings.Cut(column, ":")
		name, optional := strings.CutSuffix(name, "?")
		g.params = append(g.params, name)
		if !optional {
			g.required |= 1 << i
		}
		if name == about {
			g.about = i
		}
	}
	return g
}
