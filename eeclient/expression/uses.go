package expression

import (
	"maps"
	"slices"
)

// Uses returns the names of the functions that the Expression in data invokes,
// and the constant names of what they load, in place or by a valueReference. Both
// are sorted and without duplicates. If data is not JSON, they are empty.
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
	s.startFollowing()
	for _, call := range s.reads {
		if n := s.follow(s.nodes[call].link, false); n != none {
			if name, constant := s.constantText(n); constant {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(functions)), slices.Sorted(maps.Keys(names))
}
