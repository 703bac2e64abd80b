package expression

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

// everyNth is which of the damages are tried.
var everyNth = 1

// damaged yields every prefix of data, data without each of its bytes, and data
// with each of its bytes replaced. What it yields is overwritten by the next.
func damaged(data []byte, try func(kind string, at int, data []byte)) {
	n := 0
	yield := func(kind string, at int, data []byte) {
		if n++; n%everyNth == 0 {
			try(kind, at, data)
		}
	}
	for n := range data {
		yield("prefix", n, data[:n:n])
	}
	b := make([]byte, len(data))
	for i := range data {
		yield("removed", i, append(append(b[:0], data[:i]...), data[i+1:]...))
	}
	copy(b[:len(data)], data)
	b = b[:len(data)]
	for i, was := range data {
		for _, c := range []byte{'"', '\\', 0xff} {
			if c != was {
				b[i] = c
				yield("replaced", i, b)
			}
		}
		b[i] = was
	}
}

// However a real request is damaged, its check ends, and never accepts as JSON
// what is not.
func TestEveryDamageToARealRequestIsChecked(t *testing.T) {
	for _, name := range requests.Names() {
		data := compact(t, request(t, name))
		if len(data) > 10_000 { // the ensemble: one of its twelve trees is enough
			first := strings.Index(string(data), `*","`) + 1
			data = append(data[:first+1:first+1], "]}}}}}}"...)
		}
		t.Run(name, func(t *testing.T) {
			damaged(data, func(kind string, at int, data []byte) {
				defer func() {
					if p := recover(); p != nil {
						t.Fatalf("%s at %d: panic: %v", kind, at, p)
					}
				}()
				_, err := check(data, Strict)
				var syntax *SyntaxError
				var invalid *InvalidError
				switch {
				case errors.As(err, &syntax):
					if syntax.Offset < 0 || syntax.Offset > int64(len(data)) || !strings.HasPrefix(syntax.Path, "expression") {
						t.Errorf("%s at %d: %v", kind, at, err)
					}
				case !json.Valid(data):
					t.Errorf("%s at %d: taken for JSON: %v", kind, at, err)
				case errors.As(err, &invalid):
					for _, v := range invalid.Violations {
						if !strings.HasPrefix(v.Path, "expression") || v.Description == "" {
							t.Errorf("%s at %d: %v", kind, at, err)
						}
					}
				}
			})
		})
	}
}
