package prooftest

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

var damageAll = flag.Bool("damage.all", false, "do every damage to every request, and not one in a thousand")

// sampled is how many damages there are for each that a run without -damage.all
// does. Each run does different ones.
const sampled = 997

// damages yields every prefix of data, data without each of its bytes, and data
// with each of its bytes replaced: all of them or a sample. What it yields is
// overwritten by the next.
func damages(data []byte, yield func(kind string, at int, data []byte)) {
	n := rand.IntN(sampled)
	done := func() bool {
		n++
		return *damageAll || n%sampled == 0
	}
	b := make([]byte, len(data))
	for i, was := range data {
		if done() {
			yield("prefix", i, data[:i:i])
		}
		if done() {
			yield("removed", i, append(append(b[:0], data[:i]...), data[i+1:]...))
		}
		for _, c := range []byte{'"', '\\', '{', '}', ',', 'u', '0', 0, 0xff} {
			if c != was && done() {
				copy(b, data)
				b[i] = c
				yield("replaced by "+string(rune(c)), i, b)
			}
		}
	}
}

// TestNoDamageIsTheFunctionsFault sends every real request through both doors
// with every damage done to it: an answer is an acceptance or a refusal, and the
// same at both.
func TestNoDamageIsTheFunctionsFault(t *testing.T) {
	d := deployDoors(t)
	for _, name := range requests.Names() {
		t.Run(name, func(t *testing.T) {
			request, count := requests.Get(name), 0
			damages(request, func(kind string, at int, data []byte) {
				if t.Failed() {
					return // one shows enough
				}
				count++
				d.everywhere(t, data)
				if t.Failed() {
					t.Logf("%s at %d", kind, at)
				}
				d.ps.Server().ClearMessages()
			})
			envelope := handlertest.Message{ID: "1", Data: request, Attributes: map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}.Envelope()
			damages(envelope, func(kind string, at int, data []byte) {
				if t.Failed() {
					return
				}
				count++
				d.asEvent(t, local.MessagePublished, slices.Clone(data)).mustBe(t, "in a damaged envelope")
				push := serve(t, d.exporter.ServeEvent, slices.Clone(data), http.Header{"Content-Type": {"application/json"}})
				push.mustBe(t, "in a push, without CloudEvents headers")
				if t.Failed() {
					t.Logf("%s at %d", kind, at)
				}
				d.ps.Server().ClearMessages()
			})
			t.Logf("%d damages", count)
		})
	}
}

// TestNoHeaderIsTheFunctionsFault sends a good request, in which each header that a
// door reads is missing or has an unexpected value.
func TestNoHeaderIsTheFunctionsFault(t *testing.T) {
	d := deployDoors(t)
	headers := http.Header{
		"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}, "Authorization": {"Bearer a.e30.c"}, "X-Serverless-Authorization": {"Bearer a.e30.c"},
		"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, "Tracestate": {"a=b"}, "X-Cloud-Trace-Context": {"105445aa7843bc8bf206b12000100000/1;o=1"},
		"Idempotency-Key": {"k"}, "X-Cloudscheduler-Jobname": {"j"}, "X-Cloudscheduler-Scheduletime": {"2026-11-23T08:00:00Z"},
		"X-Cloudtasks-Queuename": {"q"}, "X-Cloudtasks-Taskname": {"t"}, "X-Goog-Pubsub-Message-Id": {"1"}, "X-Goog-Pubsub-Subscription-Name": {"s"},
		"X-Goog-Pubsub-Publish-Time": {"2026-11-23T08:00:00Z"}, "Requestid": {"r"}, "Firstpublishtime": {"2026-11-23T08:00:00Z"},
		"Webhook-Id": {"w"}, "Webhook-Timestamp": {"1"}, "Webhook-Signature": {"v1,AAAA"}, "User-Agent": {"test"},
		"Ce-Specversion": {"1.0"}, "Ce-Id": {"1"}, "Ce-Source": {"//s"}, "Ce-Type": {"t"}, "Ce-Time": {"2026-11-23T08:00:00Z"},
		"Ce-Subject": {"s"}, "Ce-Dataschema": {"https://s"}, "Ce-Datacontenttype": {"application/json"}, "Ce-Traceparent": {"x"}, "Ce-X": {"x"},
	}
	values := []string{"", " ", "\x00", "\xff", "ü", "%zz", "//", ",;=", "0", "-1", "1e400", "application/cloudevents+json", "application/cloudevents-batch+json",
		local.MessagePublished, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "CloudPubSub-Google", strings.Repeat("x", 70_000)}
	for name := range headers {
		damaged := []http.Header{headers.Clone()}
		delete(damaged[0], name)
		for _, value := range values {
			h := headers.Clone()
			h[name] = []string{value}
			damaged = append(damaged, h)
		}
		for _, h := range damaged {
			for name, door := range map[string]http.HandlerFunc{"over HTTP": d.exporter.ServeHTTP, "as an event": d.exporter.ServeEvent} {
				if serve(t, door, good, h.Clone()).mustBe(t, name); t.Failed() {
					t.Fatalf("with %v", h)
				}
			}
		}
	}
}
