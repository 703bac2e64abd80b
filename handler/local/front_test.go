package local_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/handler/local"
)

func TestPublishByREST(t *testing.T) {
	s := start(t, local.Config{})
	messages, err := s.Subscribe(t.Context(), local.FailuresTopic)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, path, body string
		status           int
		answer           string
	}{
		{"a message is published", "/v1/projects/my-project/topics/failures:publish", `{"messages":[{"data":"aGk=","attributes":{"a":"b"}}]}`, 200, `"messageIds"`},
		{"a topic that does not exist is not found", "/v1/projects/my-project/topics/nowhere:publish", `{"messages":[{"data":"aGk="}]}`, 404, "NOT_FOUND"},
		{"what is not a message is refused", "/v1/projects/my-project/topics/failures:publish", `{"messages":7}`, 400, "INVALID_ARGUMENT"},
		{"a request that is not wrapped is refused", "/v1/projects/my-project/topics/failures:publish", `{"expression":{}}`, 400, "there are no messages"},
		{"another method of a topic is not found", "/v1/projects/my-project/topics/failures:detach", `{}`, 404, "NOT_FOUND"},
		{"another resource is not found", "/v1/projects/my-project/subscriptions/s:pull", `{}`, 404, "gRPC"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp, err := http.Post("http://"+s.PubSub.Addr()+tc.path, "application/json", strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != tc.status || !strings.Contains(string(body), tc.answer) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	if m := await(t, messages); string(m.Data) != "hi" || m.Attributes["a"] != "b" {
		t.Errorf("message %q %v", m.Data, m.Attributes)
	}
}
