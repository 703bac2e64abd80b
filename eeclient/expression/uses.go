package expression

import (
	"maps"
	"slices"
)

// Uses returns what the Expression with which data begins makes use of, sorted,
// each once: the names of the functions that it invokes, and what they load by
// a constant, in place or by a valueReference, as [Options] have it. It returns
// nothing for what is not JSON.
func Uses(data []byte) (algorithms, reads []string) {
	e, err := Parse(data, Structure)
	if err != nil {
		return nil, nil
	}
	s := e.s
	defer s.release()
	functions, names := map[string]bool{}, map[string]bool{}
	for i := range s.nodes {
		if v := &s.nodes[i]; v.kind == kindInvocation {
			if name := s.functionName(v); !functions[string(name)] && len(name) > 0 {
				functions[string(name)] = true
			}
		}
	}
	s.unfollow()
	for _, call := range s.reads {
		if n := s.source(s.nodes[call].link, false); n != none {
			if name, constant := s.constantText(n); constant {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(functions)), slices.Sorted(maps.Keys(names))
}
