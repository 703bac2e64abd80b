package expression

import (
	"slices"
	"strings"

	"example.com/eeexport/eeclient/text"
)

// A DeniedRead is something that an expression reads and must not.
type DeniedRead struct {
	// Path is as in Violation: of the argument that names what is read or, if
	// there is none, of the function.
	Path string
	// Function is the function that reads.
	Function string
	// Name is the asset or URL, shortened if it is long; empty if the expression
	// does not say.
	Name string
	// Description says what is not allowed, and what is.
	Description string
}

// denied returns the first read that is not within one of the prefixes.
func (s *scanner) denied(prefixes []string) *DeniedRead {
	s.unfollow()
	slices.Sort(s.reads) // they were noted as they ended, not as they began
	for _, call := range s.reads {
		v := &s.nodes[call]
		d := DeniedRead{Function: text.Clip(string(s.functionName(v)), text.MaxQuoted)}
		at := int(v.at)
		switch {
		case v.use == useQuery:
			d.Description = d.Function + " reads what cannot be told from a name; use a function that loads an asset or a gs:// URL"
		case v.link == none:
			d.Description = d.Function + " is not given the name of what it reads"
		default:
			n := s.source(v.link, false)
			if n == none {
				continue // it was looked at before
			}
			name, constant := s.constantText(n)
			if constant && within(name, prefixes) {
				continue
			}
			at = int(s.nodes[v.link].start)
			d.Description = d.Function + " reads what is computed; give it a constant"
			if constant {
				d.Name = text.Clip(name, text.MaxQuoted)
				d.Description = d.Function + " reads " + text.Quote(name)
			}
		}
		d.Path = locate(s.data, []int{at})[0]
		return &d
	}
	return nil
}

// constantText returns the text that a node is, if it is a constant text.
func (s *scanner) constantText(n int32) (string, bool) {
	data, i := s.constant(&s.nodes[n])
	if data == nil || data[i] != '"' {
		return "", false
	}
	end, _ := skipString(data, i)
	return string(appendUnescaped(nil, data[i+1:end-1])), true
}

// within reports whether name is one of the prefixes or goes on after one at a
// slash. A name with segments that might lead out of a prefix is in none.
func within(name string, prefixes []string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		rest, ok := strings.CutPrefix(name, strings.TrimSuffix(prefix, "/"))
		return ok && (rest == "" || rest[0] == '/')
	})
}
