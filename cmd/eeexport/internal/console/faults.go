package console

import (
	"net/http"
	"path"
	"sync"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/local"
)

// faultKind is something that can be made to go wrong.
type faultKind struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Hint  string `json:"hint"` // what should be seen then
}

// The kinds, as indices of faultKinds.
const (
	unavailable = iota
	lostAnswer
	quotaExceeded
	unpublished
)

var faultKinds = [...]faultKind{
	unavailable: {"unavailable", "Earth Engine answers 503",
		"Retried within the request. Five in a row fail it; an event is then delivered again."},
	lostAnswer: {"lost-answer", "Earth Engine’s answer is lost",
		"The export has started, and its answer never arrives. The retry gets the same Operation."},
	quotaExceeded: {"quota", "Earth Engine answers 429",
		"A quota is used up. Retried as 503 is."},
	unpublished: {"publish", "Operation not published",
		"It has started. The event is delivered again, and publishes the same one."},
}

// maxArmed is how many of a kind can be still to come.
const maxArmed = 100

// armedFaults are the faults still to come, which the stack takes.
type armedFaults struct {
	mu   sync.Mutex
	left [len(faultKinds)]int
}

func (f *armedFaults) add(kind, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left[kind] = min(f.left[kind]+times, maxArmed)
}

func (f *armedFaults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.left[:])
}

func (f *armedFaults) counts() [len(faultKinds)]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.left
}

// take uses up one of a kind, if there is one.
func (f *armedFaults) take(kind int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left[kind] == 0 {
		return false
	}
	f.left[kind]--
	return true
}

// earthEngine is for [eetest.Server.InjectFunc].
func (f *armedFaults) earthEngine(r *http.Request) *eetest.Fault {
	switch {
	case eetest.MethodOf(r) != eetest.ExportClassifier:
		return nil
	case f.take(lostAnswer):
		return &eetest.Fault{Reset: eetest.AfterStart}
	case f.take(unavailable):
		return &eetest.Fault{Status: http.StatusServiceUnavailable}
	case f.take(quotaExceeded):
		return &eetest.Fault{Status: http.StatusTooManyRequests}
	}
	return nil
}

// pubsub is for [local.PubSub.InjectFunc]. Of the errors of Pub/Sub it is one
// that the client library does not retry.
func (f *armedFaults) pubsub(call any) *local.Fault {
	if r, ok := call.(*pubsubpb.PublishRequest); ok && path.Base(r.Topic) == local.OperationsTopic && f.take(unpublished) {
		return &local.Fault{Status: status.New(codes.PermissionDenied, "Injected fault: User not authorized to perform this action.")}
	}
	return nil
}
