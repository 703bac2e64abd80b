package local

import (
	"net/http"
	"regexp"
	"testing"
)

func TestDeliveryIsASpanOfItsMessagesTrace(t *testing.T) {
	const parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	for _, tc := range []struct {
		name       string
		attributes map[string]string
		want       string
		state      string
	}{
		{"in the message's trace", map[string]string{"traceparent": parent, "tracestate": "a=b"}, "^00-0123456789abcdef0123456789abcdef-feedfeedfeedfeed-01$", "a=b"},
		{"as Google's clients name it", map[string]string{"googclient_traceparent": parent}, "^00-0123456789abcdef0123456789abcdef-feedfeedfeedfeed-01$", ""},
		{"in one of its own if the message has none", nil, "^00-[0-9a-f]{32}-feedfeedfeedfeed-00$", ""},
		{"and if it has something else", map[string]string{"traceparent": "x", "tracestate": "a=b"}, "^00-[0-9a-f]{32}-feedfeedfeedfeed-00$", ""},
	} {
		h := http.Header{}
		setTrace(h, tc.attributes, "feedfeedfeedfeed")
		if got := h.Get("Ce-Traceparent"); !regexp.MustCompile(tc.want).MatchString(got) || h.Get("Ce-Tracestate") != tc.state {
			t.Errorf("%s: %v", tc.name, h)
		}
	}
}
