package prooftest

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// weather decides which calls go wrong, and how. What hits the n-th call about
// something follows from the seed, the thing and n alone, so that with one seed an
// event meets the same faults however the calls interleave.
type weather struct {
	seed uint64

	mu    sync.Mutex
	calls map[string]uint64 // so far, by what they are about
	hits  atomic.Int64
}

// A kind of fault is drawn weight times as often as one of weight 1.
type kind[F any] struct {
	name   string
	weight int
	fault  F
}

const html = "<html><body>502 Bad Gateway</body></html>"

// upstreamFaults are the transient faults of Earth Engine in every form that
// eetest has: before the effect or after it, with an answer or without.
var upstreamFaults = []kind[eetest.Fault]{
	{"reset before the start", 3, eetest.Fault{Reset: eetest.BeforeStart}},
	{"reset after the start", 3, eetest.Fault{Reset: eetest.AfterStart}},
	{"truncated answer", 3, eetest.Fault{Truncate: true}},
	{"truncated error", 2, eetest.Fault{Started: true, Status: 503, Truncate: true}},
	{"429", 3, eetest.Fault{Status: 429}},
	{"429 after the start", 1, eetest.Fault{Started: true, Status: 429}},
	{"429 with Retry-After: 1", 1, eetest.Fault{Status: 429, RetryAfter: "1"}},
	{"429 with Retry-After: 60", 2, eetest.Fault{Status: 429, RetryAfter: "60"}},
	{"queue full", 2, eetest.Fault{Status: 400, Message: "Too many tasks already in the queue (3000)."}},
	{"legacy rate limit", 2, eetest.Fault{Status: 403, LegacyReason: "rateLimitExceeded"}},
	{"401", 2, eetest.Fault{Status: 401}},
	{"API disabled", 1, eetest.Fault{Status: 403, Reason: "SERVICE_DISABLED"}},
	{"aborted", 2, eetest.Fault{Status: 409, Code: "ABORTED"}},
	{"408 after the start", 1, eetest.Fault{Started: true, Status: 408}},
	{"HTML page with 404", 2, eetest.Fault{Status: 404, Body: html}},
	{"HTML page with 403 after the start", 2, eetest.Fault{Started: true, Status: 403, Body: html}},
	{"500", 3, eetest.Fault{Status: 500}},
	{"500 after the start", 3, eetest.Fault{Started: true, Status: 500}},
	{"503", 3, eetest.Fault{Status: 503}},
	{"503 with Retry-After: 60 after the start", 2, eetest.Fault{Started: true, Status: 503, RetryAfter: "60"}},
	{"504 after the start", 2, eetest.Fault{Started: true, Status: 504}},
	{"HTML page with 502", 2, eetest.Fault{Status: 502, Body: html}},
	{"HTML page with 502 after the start", 2, eetest.Fault{Started: true, Status: 502, Body: html}},
	{"HTML page with 200 after the start", 2, eetest.Fault{Started: true, Body: html}},
	{"half an answer with 200", 2, eetest.Fault{Started: true, Body: `{"name": "projects/`}},
	{"Operation without a name", 3, eetest.Fault{Started: true, Body: `{"metadata": {}}`}},
	{"slow before the start", 2, eetest.Fault{Delay: 200 * time.Millisecond}},
	{"slow after the start", 2, eetest.Fault{Started: true, Delay: 200 * time.Millisecond}},
	{"past the deadline before the start", 1, eetest.Fault{Delay: time.Minute}},
	{"past the deadline after the start", 1, eetest.Fault{Started: true, Delay: time.Minute}},
}

// listFaults are those that can hit a list. An answer without a name would be a
// list without Operations.
var listFaults = slices.DeleteFunc(slices.Clone(upstreamFaults), func(k kind[eetest.Fault]) bool { return k.name == "Operation without a name" })

// publishFaults are all that can hit a publish.
var publishFaults = []kind[handlertest.Fault]{
	{"unavailable", 3, handlertest.Fault{Status: status.New(codes.Unavailable, "")}},
	{"internal", 2, handlertest.Fault{Status: status.New(codes.Internal, "")}},
	{"quota", 2, handlertest.Fault{Status: status.New(codes.ResourceExhausted, "")}},
	{"topic missing", 3, handlertest.Fault{Status: status.New(codes.NotFound, "")}},
	{"refused", 3, handlertest.Fault{Status: status.New(codes.PermissionDenied, "")}},
	{"acknowledgement lost, tried again", 4, handlertest.Fault{Applied: true, Status: status.New(codes.Unavailable, "")}},
	{"acknowledgement lost, given up", 4, handlertest.Fault{Applied: true, Status: status.New(codes.FailedPrecondition, "")}},
	{"slow", 2, handlertest.Fault{Delay: 200 * time.Millisecond}},
	{"past the deadline", 1, handlertest.Fault{Delay: time.Minute}},
	{"past the deadline, published", 1, handlertest.Fault{Applied: true, Status: status.New(codes.Unavailable, ""), Delay: time.Minute}},
}

// getFaults are those that can hit a call for one Operation, which may also be
// unknown for the moment.
var getFaults = append([]kind[eetest.Fault]{{"not found", 5, eetest.Fault{Status: 404}}}, listFaults...)

// pullFaults and ackFaults are what Pub/Sub does and its fake does not: it
// returns a part or nothing, and redelivers what is leased.
var (
	pullFaults = []kind[handlertest.Fault]{
		{"unavailable", 2, handlertest.Fault{Status: status.New(codes.Unavailable, "")}},
		{"leased to nobody", 1, handlertest.Fault{Applied: true, Status: status.New(codes.Unavailable, "")}},
		{"nothing", 2, handlertest.Fault{Limit: -1}},
		{"a part", 3, handlertest.Fault{Limit: 7}},
		{"redelivered while it is leased", 2, handlertest.Fault{Redelivered: true}},
		{"past the deadline", 1, handlertest.Fault{Delay: time.Minute}},
	}
	ackFaults = []kind[handlertest.Fault]{
		{"unavailable", 2, handlertest.Fault{Status: status.New(codes.Unavailable, "")}},
		{"refused", 1, handlertest.Fault{Status: status.New(codes.PermissionDenied, "")}},
		{"late", 2, handlertest.Fault{Late: true}},
		{"answer lost", 2, handlertest.Fault{Applied: true, Status: status.New(codes.Unavailable, "")}},
		{"past the deadline", 1, handlertest.Fault{Delay: time.Minute}},
	}
)

// strike makes the weather hit everything that the functions call.
func (w *weather) strike(ee *eetest.Server, ps *handlertest.PubSub) {
	ee.InjectFunc(w.upstream)
	ps.InjectFunc(w.pubsub)
}

// upstream hits one call to Earth Engine in five.
func (w *weather) upstream(r *http.Request) *eetest.Fault {
	switch eetest.MethodOf(r) {
	case eetest.ListOperations:
		return hit(w, "list", 5, listFaults)
	case eetest.GetOperation:
		return hit(w, "get", 5, getFaults)
	}
	return hit(w, "export "+assetOf(r), 5, upstreamFaults)
}

// pubsub hits one publish in twenty, and one of the watcher's calls in ten.
func (w *weather) pubsub(call any) *handlertest.Fault {
	switch r := call.(type) {
	case *pubsubpb.PublishRequest:
		attributes := r.Messages[0].Attributes
		return hit(w, "publish "+attributes["asset"]+attributes["state"], 20, publishFaults)
	case *pubsubpb.PullRequest:
		return hit(w, "pull", 10, pullFaults)
	case *pubsubpb.AcknowledgeRequest:
		return hit(w, "ack", 10, ackFaults)
	}
	return hit(w, "modify", 10, ackFaults)
}

// hit draws the fault of the next call about something: one call in oneIn
// fails.
func hit[F any](w *weather, about string, oneIn int, kinds []kind[F]) *F {
	hash := fnv.New64a()
	hash.Write([]byte(about))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[about]++
	random := rand.New(rand.NewPCG(w.seed, hash.Sum64()+w.calls[about]))
	if random.IntN(oneIn) > 0 {
		return nil
	}
	all := 0
	for _, k := range kinds {
		all += k.weight
	}
	n := random.IntN(all)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			if brief() && strings.HasPrefix(k.name, "past the deadline") {
				return nil // it takes seconds; TestEveryRequestEndsInTime has them all
			}
			w.hits.Add(1)
			return &k.fault
		}
	}
	panic("the weights do not add up")
}

var assetForm = regexp.MustCompile(`projects/[a-z0-9-]+/assets/[a-z0-9/-]+`)

// assetOf returns the asset that a call to Earth Engine writes.
func assetOf(r *http.Request) string {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return ""
	}
	return string(assetForm.Find(body))
}
