package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"example.com/eeexport/handler/local"
)

// TestMain makes this test's executable also the functions that it serves, so
// that they are processes of their own.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "serve":
		serveFunction()
	case "owner":
		ownStack()
	case "broken":
		fmt.Println("this function cannot be served")
		os.Exit(7)
	}
	os.Exit(m.Run())
}

// start starts a stack with stand-ins for the functions, for as long as the test
// runs.
func start(t *testing.T, cfg local.Config) *local.Stack {
	t.Helper()
	if cfg.Command == nil {
		cfg.Command = []string{os.Args[0], "serve"}
	}
	s, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// await receives one value within a time that is never needed.
func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// serveFunction stands in for all functions. An event whose data is a list of
// statuses is answered with the first of them, then with the second and so on.
// "crash" ends the process. The watcher says that it has found a success.
func serveFunction() {
	event := newEventFunction()
	for _, target := range []string{"ExportClassifier", "ExportClassifierEvent", "WatchOperations"} {
		functions.HTTP(target, local.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/environment":
				json.NewEncoder(w).Encode(os.Environ())
			case target == "WatchOperations":
				fmt.Fprintf(w, `{"pending":2,"ended":{"succeeded":1},"job":%q}`, r.Header.Get("X-CloudScheduler-JobName"))
			default:
				event(w, r)
			}
		})).ServeHTTP)
	}
	fmt.Println("serving", os.Getenv("FUNCTION_TARGET"))
	if err := local.Serve(context.Background(), func(context.Context) error { return nil }); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func newEventFunction() http.HandlerFunc {
	var mu sync.Mutex
	seen := map[string]int{}
	return func(w http.ResponseWriter, r *http.Request) {
		var event struct {
			Message         struct{ Data []byte }
			DeliveryAttempt int
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if len(event.Message.Data) > 1<<20 {
			return
		}
		statuses := strings.Split(string(event.Message.Data), ",")
		if statuses[0] == "crash" {
			os.Exit(3)
		}
		id := r.Header.Get("Ce-Id")
		mu.Lock()
		n := min(seen[id], len(statuses)-1)
		seen[id]++
		mu.Unlock()
		var status int
		fmt.Sscan(statuses[n], &status)
		w.WriteHeader(status)
		fmt.Fprint(w, event.DeliveryAttempt)
	}
}

// ownStack starts a stack, says where its functions are, and never ends it.
func ownStack() {
	s, err := local.Start(context.Background(), local.Config{Command: []string{os.Args[0], "serve"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.HTTPURL, s.EventURL)
	time.Sleep(time.Hour)
}
