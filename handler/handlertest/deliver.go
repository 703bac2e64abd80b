package handlertest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"example.com/eeexport/eeclient/rpcstatus"
	"example.com/eeexport/handler/local"
)

// Answer is what a function answered.
type Answer struct {
	// Code is the HTTP status.
	Code int
	// Header is the answer's.
	Header http.Header
	// Body is the answer's, whole.
	Body []byte
}

// Error reads the answer as Google's error body, or returns the zero Status.
func (a *Answer) Error() *rpcstatus.Status {
	said, _ := rpcstatus.Parse(a.Code, a.Body)
	return &said
}

// Fields returns the fields of BadRequest's violations.
func (a *Answer) Fields() (fields []string) {
	for _, v := range a.Error().Details.FieldViolations() {
		fields = append(fields, v.Field)
	}
	return fields
}

// Name reads the answer as an Operation and returns its name.
func (a *Answer) Name() string {
	var op struct{ Name string }
	_ = json.Unmarshal(a.Body, &op) // another kind of answer has no name
	return op.Name
}

// Post sends a request to the HTTP function. Headers come in pairs.
func (f *Function) Post(t testing.TB, path string, body []byte, headers ...string) *Answer {
	t.Helper()
	answer, err := f.Send(http.MethodPost, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Send sends any HTTP request, and returns an error if no whole answer came.
func (f *Function) Send(method, path string, body []byte, headers ...string) (*Answer, error) {
	req, err := http.NewRequest(method, f.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return &Answer{resp.StatusCode, resp.Header, data}, err
}

// Message is a Pub/Sub message as Eventarc delivers it.
type Message = local.Message

// Deliver sends a message to the event function as Eventarc does: an HTTP POST
// in CloudEvents' binary mode.
func (f *Function) Deliver(t testing.TB, m Message) *Answer {
	t.Helper()
	return f.Post(t, "/", m.Envelope(), m.Headers()...)
}

// Acknowledged reports whether an event's answer acknowledges it.
func (a *Answer) Acknowledged() bool { return a.Code >= 200 && a.Code <= 299 }
