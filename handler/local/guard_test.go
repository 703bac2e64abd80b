package local_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/eeexport/handler/local"
)

func TestGuard(t *testing.T) {
	guarded := local.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, tc := range []struct {
		name, method, host, path string
		header                   map[string]string
		want                     int
	}{
		{"a program", "POST", "127.0.0.1:8085", "/v1/projects/p/topics/t:publish", nil, 204},
		{"a program by another name of the loopback interface", "POST", "localhost:8085", "/", nil, 204},
		{"a program by IPv6", "POST", "[::1]:8085", "/", nil, 204},
		{"a program in a container", "POST", "host.docker.internal:8085", "/", nil, 204},
		{"a browser by its address bar", "GET", "127.0.0.1:8085", "/v1", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 204},
		{"a page of the same address", "POST", "127.0.0.1:8085", "/x", map[string]string{"Origin": "http://127.0.0.1:8085", "Sec-Fetch-Site": "same-origin"}, 204},
		{"a program by a proxy", "POST", "127.0.0.1:9999", "/", nil, 204},
		{"a link to the front page", "GET", "127.0.0.1:8085", "/", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 204},

		{"a name that is made to point here", "POST", "evil.example:8085", "/", nil, 421},
		{"an address of another interface", "POST", "192.0.2.1:8085", "/", nil, 421},
		{"a name that begins like ours", "POST", "localhost.evil.example:8085", "/", nil, 421},
		{"no port", "POST", "127.0.0.1", "/", nil, 421},
		{"no name", "POST", "", "/", nil, 421},
		{"a made-up name with its own origin", "POST", "evil.example:8085", "/", map[string]string{"Origin": "http://evil.example:8085"}, 421},

		{"a script of another page", "POST", "127.0.0.1:8085", "/", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a form of another page on this machine", "POST", "127.0.0.1:8085", "/", map[string]string{"Origin": "http://127.0.0.1:3000"}, 403},
		{"this address by another name", "POST", "127.0.0.1:8085", "/", map[string]string{"Origin": "http://localhost:8085"}, 403},
		{"a page without an origin", "POST", "127.0.0.1:8085", "/", map[string]string{"Origin": "null"}, 403},
		{"an image tag of another page", "GET", "127.0.0.1:8085", "/", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		{"a link to anything else", "GET", "127.0.0.1:8085", "/messages/m1", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403},
		{"a page of another port", "GET", "127.0.0.1:8085", "/app.js", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.path, nil)
			r.Host = tc.host
			for name, value := range tc.header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			guarded.ServeHTTP(w, r)
			if w.Code != tc.want {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tc.want)
			}
		})
	}
}

func TestNoPortOfAStackAnswersAWebPage(t *testing.T) {
	s := start(t, local.Config{})
	for name, url := range map[string]string{"Pub/Sub": "http://" + s.PubSub.Addr(), "Earth Engine": s.EarthEngine.URL,
		"ExportClassifier": s.HTTPURL, "ExportClassifierEvent": s.EventURL, "WatchOperations": s.WatchURL} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
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
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
}
