package onexport

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	_ "example.com/eeexport"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

// TestAnEndIsHandledOnce exports a classifier and delivers its end twice.
func TestAnEndIsHandledOnce(t *testing.T) {
	s, err := local.Start(t.Context(), local.Config{Speed: 1e5, TickEvery: 50 * time.Millisecond, Command: handlertest.Command()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ends, err := s.Subscribe(t.Context(), local.CompletionsTopic)
	if err != nil {
		t.Fatal(err)
	}
	s.PubSub.Publish(local.RequestsTopic, requests.Get(requests.RandomForest), nil)
	end := <-ends

	var out bytes.Buffer
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	function := httptest.NewServer(http.HandlerFunc(handler.ServeHTTP))
	defer function.Close()
	for range 2 {
		push, err := local.Message{ID: end.ID, Data: end.Data, Attributes: end.Attributes}.NewRequest(t.Context(), function.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(push)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Errorf("%s", resp.Status)
		}
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "ready: "+end.Attributes["asset"]) {
		t.Errorf("logged %q", got)
	}
}
