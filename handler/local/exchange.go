package local

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
)

// Exchange is a request to a function, and the answer. It is reported twice: when
// the request arrives, and when it has been answered.
type Exchange struct {
	// Target is the function's name.
	Target string `json:"target"`
	// ExecutionID identifies this request. The function's log line has it too.
	ExecutionID string `json:"executionId"`
	// Time is when the request arrived.
	Time time.Time `json:"time"`
	// Method, URI (the path and the query), Header and Body are the request's.
	// What could be a credential is left out of the header, and Body is cut after
	// 256 KB. There is no body before the answer.
	Method string      `json:"method"`
	URI    string      `json:"uri"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
	// Bytes is how long the whole body was, as far as it was read.
	Bytes int `json:"bytes"`
	// Status, AnswerHeader and Answer are the function's, the latter cut as well.
	// Status is 0 before the answer.
	Status       int         `json:"status"`
	AnswerHeader http.Header `json:"answerHeader"`
	Answer       []byte      `json:"answer"`
}

// maxExchangeBytes is how much of a body an Exchange holds.
const maxExchangeBytes = 256 << 10

// recordVariable makes a function's process write its exchanges to standard
// output, a line of JSON each.
const recordVariable = "LOCAL_RECORD_EXCHANGES"

// Middleware wraps a function of a [Stack] in its own process: it guards the
// function, and records its exchanges if the stack asks for them.
func Middleware(next http.Handler) http.Handler {
	if os.Getenv(recordVariable) == "" {
		return Guard(next)
	}
	return Guard(recordExchanges(next, os.Stdout))
}

var recording sync.Mutex // of standard output

// recordExchanges writes each exchange to w.
func recordExchanges(next http.Handler, w io.Writer) http.Handler {
	record := func(e *Exchange) {
		line, err := json.Marshal(e)
		if err != nil {
			return // strings and bytes always marshal
		}
		recording.Lock()
		defer recording.Unlock()
		w.Write(append(line, '\n'))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &Exchange{
			Target: os.Getenv("FUNCTION_TARGET"), ExecutionID: funcframework.ExecutionIDFromContext(r.Context()), Time: time.Now(),
			Method: r.Method, URI: r.URL.RequestURI(), Header: withoutCredentials(r.Header),
		}
		record(e)
		body := &clipped{}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, body), r.Body}
		answer := &teeWriter{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		e.Body, e.Bytes = body.kept, body.n
		e.Status, e.AnswerHeader, e.Answer = cmp.Or(answer.status, http.StatusOK), w.Header(), answer.body.kept
		record(e)
	})
}

// withoutCredentials returns the header without what could be a credential.
func withoutCredentials(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Authorization", "X-Serverless-Authorization", "Proxy-Authorization", "Cookie"} {
		h.Del(name)
	}
	return h
}

// clipped keeps the beginning of what is written to it.
type clipped struct {
	kept []byte
	n    int
}

// Write implements [io.Writer].
func (c *clipped) Write(p []byte) (int, error) {
	c.n += len(p)
	c.kept = append(c.kept, p[:min(len(p), maxExchangeBytes-len(c.kept))]...)
	return len(p), nil
}

// teeWriter is an answer.
type teeWriter struct {
	http.ResponseWriter
	status int
	body   clipped
}

// Unwrap is for [http.ResponseController].
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *teeWriter) WriteHeader(status int) {
	w.status = cmp.Or(w.status, status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *teeWriter) Write(p []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// readExchanges calls observe with the exchanges that recordExchanges writes.
// Other lines go on to next.
func readExchanges(observe func(Exchange), next io.Writer) io.Writer {
	return &lineWriter{line: func(line []byte) {
		var e Exchange
		if json.Unmarshal(line, &e) == nil && e.ExecutionID != "" {
			observe(e)
		} else if next != nil {
			next.Write(line)
		}
	}}
}
