package telemetry

import (
	"io"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/message"
	"example.com/eeexport/handler/outcome"
)

func BenchmarkRequest(b *testing.B) {
	log := NewLogger(io.Discard)
	off := NewTracing(b.Context(), func(string) string { return "" }, log)
	op, err := eeclient.ParseOperation([]byte(`{"name":"projects/my-project/operations/X"}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		line := off.Request("http", time.Now())
		ctx := line.Received(b.Context(), 5000, message.Trace{})
		for _, name := range []string{"decode", "submit", "publish"} {
			_, end := line.Step(ctx, name)
			end(nil)
		}
		line.End(ctx, log, &outcome.Outcome{Kind: outcome.Exported, Operation: op, RequestID: "r", MessageID: "m"})
	}
}
