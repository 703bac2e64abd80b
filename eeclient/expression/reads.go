package expression

import (
	"slices"
	"strings"

	"example.com/eeexport/eeclient/text"
)

// A DeniedRead is a read that [Options].AllowedReads does not allow.
type DeniedRead struct {
	// Path leads to the argument that names what is read, or to the function if
	// there is none. It is written as in Violation.
	Path string
	// Name is the asset or the URL, clipped; it is empty if it is not a constant.
	Name string
	// Description is a sentence about what is read.
	Description string
}

// denied returns the first read that is not within the prefixes, or nil.
func (s *scanner) denied(prefixes []string) *DeniedRead {
	s.startFollowing()
	slices.Sort(s.reads) // they were added when they ended
	for _, call := range s.reads {
		v := &s.nodes[call]
		at, name, what := int(v.at), "", ""
		switch {
		case v.does == readsOther:
			what = " reads what no argument names; use a function that loads an asset or a gs:// URL"
		case v.link == none:
			what = " is not given the name of what it reads"
		default:
			n := s.follow(v.link, false)
			if n == none {
				continue // it is allowed, or an earlier call would have been denied
			}
			at = int(s.nodes[v.link].start)
			var constant bool
			switch name, constant = s.constantText(n); {
			case !constant:
				what = " reads what is computed; give it a constant"
			case within(name, prefixes):
				continue
			default:
				what = " reads " + text.Quote(name)
			}
		}
		function := text.Clip(string(s.functionName(v)), text.MaxQuoted)
		return &DeniedRead{
			Path:        s.locate([]int{at})[0],
			Name:        text.Clip(name, text.MaxQuoted),
			Description: function + what,
		}
	}
	return nil
}

// constantText returns the text of a node, and reports whether it is a constant
// string.
func (s *scanner) constantText(n int32) (string, bool) {
	data, i := s.constant(&s.nodes[n])
	if data == nil || data[i] != '"' {
		return "", false
	}
	end, _ := (&scanner{data: data}).str(i)
	return string(appendUnescaped(nil, data[i+1:end-1])), true
}

// within reports whether name is one of the prefixes, or one followed by a slash
// and more. A name with dot segments is within none.
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
