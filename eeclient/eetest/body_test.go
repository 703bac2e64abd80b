package eetest

import (
	"net/http"
	"strings"
	"testing"
)

func TestPayloadLimit(t *testing.T) {
	const limit = 1 << 20
	s := newTestServer(t, WithQuotas(Quotas{PayloadBytes: limit}))
	pad := func(size int) string {
		body := request(`{"description":""}`)
		return strings.Replace(body, `"description":""`, `"description":`+repeat(size-len(body)), 1)
	}
	t.Run("a body of the limit is accepted", func(t *testing.T) {
		do(t, "POST", s.URL+exportPath, pad(limit)).operation(t)
	})
	t.Run("one byte more is refused with 400", func(t *testing.T) {
		e := do(t, "POST", s.URL+exportPath, pad(limit+1)).error(t)
		if e.Code != 400 || e.Message != "Request payload size exceeds the limit: 1048576 bytes." {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a body of unknown length is measured too", func(t *testing.T) {
		body := struct{ *strings.Reader }{strings.NewReader(pad(limit + 1))} // hides the length
		req, err := http.NewRequest("POST", s.URL+exportPath, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer tok")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != 400 {
			t.Errorf("status %d, want 400", res.StatusCode)
		}
	})
	t.Run("a client that is still sending sees the refusal", func(t *testing.T) {
		s := newTestServer(t)
		if e := do(t, "POST", s.URL+exportPath, pad(11<<20)).error(t); e.Code != 400 {
			t.Errorf("%+v", e)
		}
	})
}
