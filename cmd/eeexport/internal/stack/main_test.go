package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain makes this test's executable also the functions that it serves, so
// that they are processes of their own.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "function":
			serveFunction()
		case "owner":
			ownStack()
		case "broken":
			fmt.Println("this function cannot be served")
			os.Exit(7)
		}
	}
	os.Exit(m.Run())
}

// serveFunction stands in for a function. An event whose data is a list of
// statuses is answered with the first of them, then with the second and so on.
// "crash" ends the process. The watcher says that it has found a success.
func serveFunction() {
	var mu sync.Mutex
	seen := map[string]int{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /environment", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(os.Environ())
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if os.Getenv("FUNCTION_TARGET") == watcherTarget {
			fmt.Fprintf(w, `{"pending":2,"ended":{"succeeded":1},"job":%q}`, r.Header.Get("X-CloudScheduler-JobName"))
			return
		}
		var event struct{ Message messageJSON }
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
	})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("serving", os.Getenv("FUNCTION_TARGET"))
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
	os.Exit(1)
}

// ownStack starts a stack, says where its functions are, and never ends it.
func ownStack() {
	s, err := Start(context.Background(), Config{Command: []string{os.Args[0], "function"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.HTTPURL, s.EventURL)
	time.Sleep(time.Hour)
}
