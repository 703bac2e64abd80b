package request

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/expression"
)

// TestNoRequestTakesManyTimesItsSize counts all allocations, which are several
// times the memory needed at once, and more under the race detector. It also
// reveals what takes long.
func TestNoRequestTakesManyTimesItsSize(t *testing.T) {
	const size = 2 << 20
	fill := func(unit string) string { return strings.TrimSuffix(strings.Repeat(unit, size/len(unit)), ",") }
	numbered := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	filled := func(value string) string {
		return `{"expression":` + open + `,` + destination + `,"arguments":{"a":` + value + `}}`
	}
	for name, body := range map[string]string{
		"unknown fields":                  with(numbered(`"x%d":1,`)),
		"one field, many times":           with(fill(`"a":1,`)),
		"arguments":                       with(`"arguments":{` + numbered(`"x%d":1,`) + `}`),
		"arguments with braces":           with(`"arguments":{` + numbered(`"x%d":{},`) + `}`),
		"an argument with many names":     filled(`{` + numbered(`"x%d":1,`) + `}`),
		"an argument with a name, often":  filled(`{` + fill(`"a":1,`) + `}`),
		"an argument with placeholders":   filled(`[` + fill(`"{time}",`) + `]`),
		"an argument of placeholders":     filled(`"` + fill(`{time}`) + `"`),
		"an argument of escaped braces":   filled(`"` + fill(`\u007b`) + `"`),
		"an argument of numbers":          filled(`["{",` + fill(`1,`) + `]`),
		"a description of placeholders":   with(`"description":"` + fill(`{time}`) + `"`),
		"a request ID of placeholders":    with(`"requestId":"` + fill(`{time}`) + `"`),
		"an asset's name of placeholders": strings.Replace(with(`"project":""`), `assets/a"`, `assets/`+fill(`{time}`)+`"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			check([]byte(body), expression.Strict, time.Now())
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 15*uint64(len(body)) {
				t.Errorf("%d bytes take %d", len(body), took)
			}
		})
	}
}
