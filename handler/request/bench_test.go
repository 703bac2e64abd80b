package request

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/expression"
)

func BenchmarkCheck(b *testing.B) {
	forest := requests.Get(requests.RandomForest)
	tree := `"` + strings.Repeat(`   1) B3>=0.014255 650 4 3 (0.163 0.084) *\n`, 1400) + `"`
	ensemble := func(trees int) []byte {
		list := strings.TrimSuffix(strings.Repeat(tree+",", trees), ",")
		return fmt.Appendf(nil, `{"expression":{"result":"0","values":{"0":{"functionInvocationValue":{"functionName":"Classifier.decisionTreeEnsemble","arguments":{"treeStrings":{"constantValue":[%s]}}}}}},%s}`, list, destination)
	}
	for _, bm := range []struct {
		name string
		body []byte
	}{{"forest", forest}, {"ensemble", ensemble(140)}} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, found := check(bm.body, expression.Strict, time.Time{}); len(found) > 0 {
					b.Fatal(found)
				}
			}
		})
	}
}
