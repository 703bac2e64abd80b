package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/local"
)

// TestLocalSaysWhatIsWrong sends what is refused by either door, one of them as
// a message of a deployment.
func TestLocalSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
	defer interrupt()
	replay, err := json.Marshal(map[string]any{"message": map[string]any{"data": []byte(`{"assetId": "x", "priority": -1}`)}})
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		defer w.Close()
		ended <- runLocal(ctx, local.Config{Project: requests.Project}, "127.0.0.1:0", replay, w, os.Stderr)
	}()
	out := &output{t: t, scanner: bufio.NewScanner(r)}
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
	go io.Copy(io.Discard, r)
	if err := <-ended; err != context.Canceled {
		t.Error(err)
	}
}

func TestLocalReplaysWhatItCanRead(t *testing.T) {
	r := command(t, "{", "local", "--console=127.0.0.1:0", "--http-port=0", "--event-port=0", "--watch-port=0", "--pubsub-port=0", "--earthengine-port=0", "--replay", "-")
	if r.status != exitUsage || !strings.Contains(r.errOut, "--replay: it is not JSON") {
		t.Errorf("%+v", r)
	}
}
