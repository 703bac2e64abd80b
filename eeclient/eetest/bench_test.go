package eetest

import (
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkExport is the Server's own cost: what a benchmark against it has to
// be compared with.
func BenchmarkExport(b *testing.B) {
	for _, bm := range []struct {
		name      string
		pad       int
		recording Recording
	}{
		{"small", 1 << 10, Recording{}},
		{"8.5MB, recorded", 8_500_000, Recording{}},
		{"8.5MB, not recorded", 8_500_000, Recording{Bytes: -1, Requests: -1}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s := newTestServer(b, WithRecording(bm.recording),
				WithQuotas(Quotas{RequestsPerSecond: -1, QueuedTasks: -1}))
			body := request(fmt.Sprintf(`{"expression":{"result":"0","values":{"0":{"constantValue":%s}}}}`, repeat(bm.pad)))
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if res := do(b, "POST", s.URL+exportPath, body); res.status != http.StatusOK {
					b.Fatalf("%d %s", res.status, res.body)
				}
			}
		})
	}
}
