package console

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestOnlyThisPageIsAnswered(t *testing.T) {
	const own = "http://127.0.0.1:8079"
	guarded := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, tc := range []struct {
		name, method, host, path string
		header                   map[string]string
		want                     int
	}{
		{"a browser that opens the page", "GET", "127.0.0.1:8079", "/", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 204},
		{"what the page loads", "GET", "127.0.0.1:8079", "/events", map[string]string{"Sec-Fetch-Site": "same-origin"}, 204},
		{"what the page sends", "POST", "127.0.0.1:8079", "/send/http", map[string]string{"Origin": own, "Content-Type": "application/json"}, 204},
		{"another page", "POST", "127.0.0.1:8079", "/send/http", map[string]string{"Origin": "http://127.0.0.1:3000", "Content-Type": "application/json"}, 403},
		{"an action that names no origin", "POST", "127.0.0.1:8079", "/faults", map[string]string{"Content-Type": "application/json"}, 403},
		{"what a form can send", "POST", "127.0.0.1:8079", "/send/http", map[string]string{"Origin": own, "Content-Type": "text/plain"}, 415},
		{"what has no type", "POST", "127.0.0.1:8079", "/send/http", map[string]string{"Origin": own}, 415},
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
			csp := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestItListensOnTheLoopbackInterfaceAlone(t *testing.T) {
	for addr, good := range map[string]bool{
		"127.0.0.1:8079": true, "127.0.0.1:0": true, "localhost:8079": true, "[::1]:8079": true,
		":8079": false, "0.0.0.0:8079": false, "[::]:8079": false, "192.0.2.1:8079": false, "example.com:8079": false, "8079": false, "": false,
	} {
		if err := CheckAddr(addr); (err == nil) != good {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if _, err := Listen("0.0.0.0:0"); err == nil {
		t.Error("it listens on all interfaces")
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := Listen(taken.Addr().String()); err == nil || err.Error() != "the console: "+taken.Addr().String()+" is in use" {
		t.Errorf("a port that is taken: %v", err)
	}
}

// It is for development: what is deployed must not have it.
func TestTheServerDoesNotHaveIt(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "example.com/eeexport/cmd/server").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "example.com/eeexport") {
		t.Fatalf("these are not the packages of the server: %v", packages)
	}
	for _, name := range packages {
		if strings.HasPrefix(name, "example.com/eeexport/cmd/eeexport") || strings.HasSuffix(name, "/eetest") {
			t.Errorf("the server contains %s", name)
		}
	}
}
