package consumer_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"example.com/eeexport/handler/consumer"
)

// attributes and data are a message of the topic completions.
var (
	attributes = map[string]string{
		"ce-id":     "projects/my-project/operations/ABC/succeeded",
		"ce-type":   "eeexport.operation.succeeded.v1",
		"ce-source": "//earthengine.googleapis.com/projects/my-project",
		"asset":     "projects/my-project/assets/landcover_20261123",
	}
	data = []byte(`{"name": "projects/my-project/operations/ABC", "done": true}`)
)

// A pull subscriber has a message's attributes and data.
func ExampleParseMessage() {
	event, err := consumer.ParseMessage(attributes, data)
	if err != nil {
		log.Fatal(err)
	}
	switch e := event.(type) {
	case *consumer.Succeeded:
		fmt.Println("ready:", e.Asset)
	case *consumer.Failed:
		fmt.Println("failed:", e.Asset, e.Message())
	}
	// Output: ready: projects/my-project/assets/landcover_20261123
}

// A function that a push subscription or Eventarc calls. The second delivery of
// the same event is acknowledged and not handled.
func ExampleHandler() {
	handler := &consumer.Handler{
		Store: new(consumer.Memory),
		Do: func(_ context.Context, e consumer.Event) error {
			if e, ok := e.(*consumer.Succeeded); ok {
				fmt.Println("ready:", e.Asset)
			}
			return nil
		},
	}
	function := httptest.NewServer(handler)
	defer function.Close()
	const push = `{"message": {
		"data": "eyJuYW1lIjogInByb2plY3RzL215LXByb2plY3Qvb3BlcmF0aW9ucy9BQkMiLCAiZG9uZSI6IHRydWV9",
		"attributes": {
			"ce-id": "projects/my-project/operations/ABC/succeeded",
			"ce-type": "eeexport.operation.succeeded.v1",
			"asset": "projects/my-project/assets/landcover_20261123"
		}
	}}`
	for range 2 {
		resp, err := http.Post(function.URL, "application/json", strings.NewReader(push))
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.Status)
	}
	// Output:
	// ready: projects/my-project/assets/landcover_20261123
	// 204 No Content
	// 204 No Content
}
