package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// TestLocalSaysWhatIsWrong sends what is refused by either door, one of them as
// a message of a deployment.
func TestLocalSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	replay, err := json.Marshal(map[string]any{"message": map[string]any{"data": []byte(`{"assetId": "x", "priority": -1}`)}})
	if err != nil {
		t.Fatal(err)
	}
	out, interrupt := runLocalHere(t, local.Config{}, replay)
	url := out.await(`^ExportClassifier +(http://127\.0\.0\.1:\d+)$`)
	out.await("replayed as m0$")
	out.await("ready")
	out.await(`failures: message \w+, eeexport\.request\.failed\.v1: INVALID_ARGUMENT: assetId: .*; priority: .*, request ID `)
	for body, want := range map[string]string{
		`{"assetId": "x", "priority": -1}`:  `http: POST 400 assetId: .*; priority: `,
		string(requests.Get(requests.Cart)): `http: POST 200 projects/my-project/operations/\w+$`,
	} {
		resp, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		out.await(want)
	}
	interrupt()
}

func TestLocalReplaysWhatItCanRead(t *testing.T) {
	r := command(t, "{", "local", "--console=127.0.0.1:0", "--http-port=0", "--event-port=0", "--watch-port=0", "--pubsub-port=0", "--earthengine-port=0", "--replay", "-")
	if r.status != exitUsage || !strings.Contains(r.errOut, "--replay: it is not JSON") {
		t.Errorf("%+v", r)
	}
}
