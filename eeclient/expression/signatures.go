package expression

import (
	_ "embed"
	"strings"
	"sync/atomic"
)

// algorithms are the signatures of Earth Engine's functions, sorted by name, a
// line each, with columns between tabs: the name, the type of the result,
// flags, and then the arguments as name:Type or, if optional, name?:Type.
//
//go:generate go run renew.go
//go:embed algorithms.tsv
var algorithms string

// A signature is a line of the table.
type signature struct {
	name, returns string
	params        []param
	use           use
	followed      int // which of params the use is about, or none
}

// A param is an argument that a function takes.
type param struct {
	name     string
	optional bool
}

// known are the signatures that have been looked up since the process started,
// a hash table that is never full: the table has fewer lines.
var known [2048]atomic.Pointer[signature]

// maxName is longer than the names that the table holds and than any that is
// taken for a misspelling of one.
const maxName = 100

// signatureOf returns the signature of a function, or nil if it is not known.
func signatureOf(name []byte) *signature {
	if len(name) > maxName {
		return nil
	}
	for i := hash(name); ; i++ {
		slot := &known[i%uint64(len(known))]
		g := slot.Load()
		if g == nil {
			if g = search(name); g == nil || slot.CompareAndSwap(nil, g) {
				return g
			}
			g = slot.Load() // another goroutine's
		}
		if g.name == string(name) {
			return g
		}
	}
}

// search finds the line of a function: it halves the table, from one line's
// beginning to another's, until it has found it.
func search(name []byte) *signature {
	for from, to := 0, len(algorithms); from < to; {
		line := from + strings.LastIndexByte(algorithms[from:(from+to)/2], '\n') + 1
		end := line + strings.IndexByte(algorithms[line:], '\n') + 1
		switch found, _, _ := strings.Cut(algorithms[line:end], "\t"); {
		case found == string(name):
			return parseSignature(algorithms[line:end])
		case found < string(name):
			from = end
		default:
			to = line
		}
	}
	return nil
}

func parseSignature(line string) *signature {
	columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	g := &signature{name: columns[0], returns: columns[1], followed: none}
	for _, column := range columns[3:] {
		name, _, _ := strings.Cut(column, ":")
		name, optional := strings.CutSuffix(name, "?")
		g.params = append(g.params, param{name, optional})
	}
	var about string
	g.use, about = useOf(g.name)
	for i, p := range g.params {
		if p.name == about {
			g.followed = i
		}
	}
	return g
}
