package eetest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPayloadLimit(t *testing.T) {
	const limit = 1 << 20
	s := newTestServer(t, Emulator(), WithQuotas(Quotas{PayloadBytes: limit}))
	pad := func(size int) string {
		body := request(`{"description":""}`)
		return strings.Replace(body, `"description":""`, `"description":`+repeat(size-len(body)), 1)
	}
	for _, tt := range []struct {
		name   string
		body   io.Reader
		status int
	}{
		{"a body of the limit is accepted", strings.NewReader(pad(limit)), 200},
		{"one byte more is refused", strings.NewReader(pad(limit + 1)), 400},
		{"a body of unknown length is measured too", io.MultiReader(strings.NewReader(pad(limit + 1))), 400},
		{"a client that is still sending sees the refusal", strings.NewReader(pad(11 << 20)), 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := http.Post(s.URL+exportPath, "application/json", tt.body)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != tt.status || strings.Contains(string(body), "Request payload size exceeds the limit: 1048576 bytes.") != (tt.status == 400) {
				t.Errorf("%d %s, %v; want %d", res.StatusCode, body, err, tt.status)
			}
		})
	}
}
