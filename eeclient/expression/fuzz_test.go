package expression

import (
	"bytes"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
)

// FuzzCheck looks for panics and for disagreement with the reference checker,
// on well-formedness included.
func FuzzCheck(f *testing.F) {
	for _, name := range requests.Names() {
		if data := compact(f, request(f, name)); len(data) < 10_000 {
			f.Add(data)
		}
	}
	for _, tt := range broken {
		f.Add([]byte(tt.in))
	}
	n := 0
	damaged(compact(f, request(f, requests.SVM)), func(_ string, _ int, data []byte) {
		if n++; n%23 == 0 {
			f.Add(bytes.Clone(data))
		}
	})
	for _, tt := range malformed {
		if len(tt.in) < 1000 {
			f.Add([]byte(tt.in))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 10_000 {
			return // the reference checker is slow and recurses
		}
		for _, level := range []Level{Off, Structure, Strict} {
			agree(t, data, level)
			e, err := Parse(append(data[:len(data):len(data)], " , trailing"...), level)
			if err != nil {
				continue
			}
			_, err = e.Check(Options{})
			if _, again := check(data[:min(e.Len(), len(data))], level); (again == nil) != (err == nil) {
				t.Fatalf("the prefix of %d bytes is judged differently: %v and %v", e.Len(), err, again)
			}
		}
	})
}
