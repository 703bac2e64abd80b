// Command floor is what eeexport is measured against: a function on the same
// framework, with the same kind of clients, that forwards the bytes of a request
// unread, publishes the answer, and checks nothing. No function that does the
// job can cost less; eeexport should hardly cost more.
package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"cloud.google.com/go/pubsub/v2"
	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
)

// forwarder has the clients, which are made on first use.
type forwarder struct {
	url   string
	earth *http.Client
	topic func() *pubsub.Publisher
}

func main() {
	f := &forwarder{
		url: "http://" + os.Getenv("EARTHENGINE_EMULATOR_HOST") + "/v1beta/projects/" + os.Getenv("GOOGLE_CLOUD_PROJECT") + "/classifier:export",
		earth: &http.Client{Transport: &http.Transport{
			MaxIdleConns: 40, MaxIdleConnsPerHost: 40,
		}},
		topic: sync.OnceValue(func() *pubsub.Publisher {
			client, err := pubsub.NewClient(context.Background(), os.Getenv("GOOGLE_CLOUD_PROJECT"))
			if err != nil {
				log.Fatal(err)
			}
			topic := client.Publisher(os.Getenv("OPERATIONS_TOPIC"))
			topic.PublishSettings.CountThreshold = 1 // as in eeexport
			return topic
		}),
	}
	functions.HTTP("ExportClassifier", f.forward)
	log.Fatal(funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")))
}

func (f *forwarder) forward(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, r.ContentLength) // known: the benchmark's client sends it
	if _, err := io.ReadFull(r.Body, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	resp, err := f.earth.Post(f.url, "application/json", bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer resp.Body.Close()
	operation, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		http.Error(w, "refused", http.StatusServiceUnavailable)
		return
	}
	id, err := f.topic().Publish(r.Context(), &pubsub.Message{Data: operation}).Get(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Message-Id", id)
	_, _ = w.Write(operation) // the caller may have hung up
}
