package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/handler/local"
)

// eventPrinter prints a line for each event.
type eventPrinter struct {
	mu  sync.Mutex
	out io.Writer
}

func (p *eventPrinter) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "%s  %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

// exchange prints what ExportClassifier has answered: an Operation, or all
// violations of the request. The log of a deployment does not quote requests;
// here the sender and the operator are one.
func (p *eventPrinter) exchange(e local.Exchange) {
	if e.Target != local.HTTPTarget || e.Status == 0 {
		return
	}
	if e.Status == http.StatusOK {
		var op struct{ Name string }
		_ = json.Unmarshal(e.Answer, &op) // ?validateOnly=true starts none
		p.line("http: %s %d %s", e.Method, e.Status, op.Name)
		return
	}
	p.line("http: %s %s", e.Method, refusal(newAPIError(e.Status, e.Answer)))
}

// refusal is an error with every violation, on one line.
func refusal(e *apiError) string {
	if len(e.Violations) == 0 {
		return e.Error()
	}
	return fmt.Sprintf("%d %s", e.Code, sentences(e.Violations))
}

func sentences(violations []eeclient.FieldViolation) string {
	var all []string
	for _, v := range violations {
		all = append(all, sentence(v))
	}
	return strings.Join(all, "; ")
}

// delivery prints one attempt to deliver an event.
func (p *eventPrinter) delivery(d local.Delivery) {
	what := fmt.Sprintf("%s: message %s, attempt %d: ", local.RequestsTopic, d.MessageID, d.Attempt)
	switch {
	case d.Acknowledged():
		p.line("%sacknowledged with %d", what, d.Status)
	case d.Err != nil:
		p.line("%s%v%s", what, d.Err, next(d))
	default:
		p.line("%s%s%s", what, refusal(newAPIError(d.Status, d.Body)), next(d))
	}
}

// tick prints a call of WatchOperations that failed in whole or in part. The
// messages show the results of others.
func (p *eventPrinter) tick(t local.Tick) {
	summary, err := t.Summary()
	switch {
	case err != nil:
		p.line("WatchOperations: %v", err)
	case summary.Errors > 0:
		p.line("WatchOperations: %s could not be checked, or their ends not published", plural(summary.Errors, "Operation"))
	}
}

// next says what becomes of a delivery that was not acknowledged.
func next(d local.Delivery) string {
	switch {
	case d.DeadLetterID != "":
		return "; moved to " + local.DeadLettersTopic
	case d.Pause > 0:
		return fmt.Sprintf("; again in %v", d.Pause)
	}
	return ""
}

// message prints a message that was published.
func (p *eventPrinter) message(topic string, m *pubsub.Message) {
	a := m.Attributes
	switch topic {
	case local.OperationsTopic, local.CompletionsTopic:
		p.line("%s: message %s, %s: %s, request ID %s", topic, m.ID, a["ce-type"], a["operation"], a["requestId"])
	case local.FailuresTopic:
		var violations []eeclient.FieldViolation
		why := a["message"]
		if json.Unmarshal([]byte(a["violations"]), &violations) == nil && len(violations) > 0 {
			why = sentences(violations)
		}
		p.line("%s: message %s, %s: %s: %s, request ID %s", topic, m.ID, a["ce-type"], a["code"], why, a["requestId"])
	default:
		p.line("%s: message %s, %s", topic, m.ID, plural(len(m.Data), "byte"))
	}
}
