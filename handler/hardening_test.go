package handler_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/handler/handlertest"
)

// TestASenderCannotMakeALogLineLong sends long texts in everything that the log
// repeats.
func TestASenderCannotMakeALogLineLong(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"ALLOWED_PROJECTS": "*", "ALLOWED_ASSETS": "*"})
	long := strings.Repeat("x", 900_000)
	for _, body := range [][]byte{
		handlertest.Fields{"project": `"projects/` + long + `"`}.Body(),
		handlertest.Asset("projects/p/assets/" + long).Body(),
		handlertest.Fields{"requestId": `"` + long + `"`}.Body(),
		[]byte(`{"` + long + `":1}`),
	} {
		for _, door := range handlertest.Doors {
			door.Send(d, t, "1", body)
		}
	}
	header := strings.Repeat("a", 100_000)
	for _, name := range []string{"Function-Execution-Id", "X-Cloud-Trace-Context", "Idempotency-Key", "Traceparent"} {
		d.HTTP.Post(t, "/", handlertest.Fields{}.Body(), name, header)
	}
	for _, fn := range []*handlertest.Function{d.HTTP, d.Event} {
		for line := range strings.Lines(fn.Log()) {
			if len(line) > 64<<10 {
				t.Errorf("a line of %d bytes: %.300s", len(line), line)
			}
			if strings.Contains(line, "execution_id") && strings.Contains(line, header[:100]) {
				t.Errorf("a header in the log: %.300s", line)
			}
		}
	}
}

func TestWhatTheCloudEventsSDKPanicsOnIsRefused(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	m := handlertest.Message{ID: "1", Data: handlertest.Fields{}.Body()}
	structured := []string{"Content-Type", "application/cloudevents+json"}
	for _, tc := range []struct {
		name    string
		body    []byte
		headers []string
	}{
		{"a header without an attribute's name", m.Envelope(), append(m.Headers(), "Ce-", "x")},
		{"base64 that is not a string", []byte(`{"data_base64":5,"specversion":"1.0","id":"1","source":"s","type":"t"}`), structured},
		{"base64 that is not a string, in version 0.3", []byte(`{"datacontentencoding":"base64","data":5,"specversion":"0.3","id":"1","source":"s","type":"t"}`), structured},
	} {
		if answer, err := d.Event.Send("POST", "/", tc.body, tc.headers...); err != nil || answer.Code != 400 {
			t.Errorf("%s: %v, %+v", tc.name, err, answer)
		}
	}
}

// sendRaw opens a connection, which ends with the test, and sends bytes over it.
func sendRaw(t *testing.T, fn *handlertest.Function, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(fn.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestARequestWithoutASignatureIsRefusedBeforeItsBody(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	conn := sendRaw(t, d.HTTP, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
	head := make([]byte, len("HTTP/1.1 401"))
	if _, err := io.ReadFull(conn, head); err != nil || string(head) != "HTTP/1.1 401" {
		t.Errorf("%q %v", head, err)
	}
}

// TestBodiesTakeMemoryAsTheyArrive opens many connections that promise a large
// body and send one byte of it.
func TestBodiesTakeMemoryAsTheyArrive(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	for range 100 {
		sendRaw(t, d.HTTP, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n{")
	}
	if answer := d.HTTP.Post(t, "/", handlertest.Fields{}.Body()); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if peak, err := d.HTTP.PeakMemory(); err != nil || peak > 200<<20 {
		t.Errorf("%d MB, %v", peak>>20, err)
	}
}

// TestWithoutATargetNothingIsServed checks that no unsigned event door opens
// beside a signed HTTP door.
func TestWithoutATargetNothingIsServed(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	fn := handlertest.Start(t, "", handlertest.Env(d.EE, d.PubSub))
	for _, path := range []string{"/", "/ExportClassifier", "/ExportClassifierEvent", "/WatchOperations"} {
		answer, err := fn.Send("POST", path, handlertest.Fields{}.Body())
		if err != nil || answer.Code < 400 {
			t.Errorf("%s: %v %+v", path, err, answer)
		}
	}
	fn.AwaitLine(t, "FUNCTION_TARGET")
	if got := d.Counts(); got.Calls != 0 {
		t.Errorf("led to %+v", got)
	}
}
