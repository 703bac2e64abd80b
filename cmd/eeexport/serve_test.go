package main

import (
	"net/http"
	"strings"
	"testing"
)

// A page in the developer's browser must not start exports.
func TestFunctionsAnswerNoWebPage(t *testing.T) {
	s := sharedStack(t)
	for _, url := range []string{s.HTTPURL, s.EventURL, s.WatchURL} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "https://evil.example")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
}
