package prooftest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/local"
)

// TestEveryRequestEndsInTime lets everything that a request calls hang: within
// the platform's timeout there is an answer, and an event is acknowledged only if
// something has been published about it.
func TestEveryRequestEndsInTime(t *testing.T) {
	const forever = 24 * time.Hour
	hangs := &eetest.Fault{Delay: forever}
	for _, tc := range []struct {
		name    string
		world   eetest.World
		exports []*eetest.Fault // the last for all further calls
		lists   *eetest.Fault
		topics  string // on which publishes hang
	}{
		{"an export", eetest.World{}, []*eetest.Fault{hangs}, nil, ""},
		{"an export once", eetest.World{}, []*eetest.Fault{hangs, nil}, nil, ""},
		{"an export after it has started", eetest.World{}, []*eetest.Fault{{Started: true, Delay: forever}}, nil, ""},
		{"a list", exists, []*eetest.Fault{{Started: true, Status: 503}, nil}, hangs, ""},
		{"publishing the Operation", eetest.World{}, []*eetest.Fault{nil}, nil, "operations"},
		{"publishing the failure", eetest.World{}, []*eetest.Fault{{Status: 400}}, nil, "failures"},
		{"an export, and publishing the copy", eetest.World{}, []*eetest.Fault{hangs}, nil, "requests"},
		{"everything", exists, []*eetest.Fault{{Started: true, Status: 503}, hangs}, hangs, "operations failures requests"},
	} {
		for _, timeout := range []int{1, 4, 60, 3600} {
			t.Run(fmt.Sprintf("%s, within %d s", tc.name, timeout), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := deploy(t, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": fmt.Sprint(timeout)}, eetest.WithWorld(tc.world))
					defer time.Sleep(time.Minute) // until abandoned connections are closed
					var exports atomic.Int32
					d.ee.InjectFunc(func(r *http.Request) *eetest.Fault {
						if eetest.MethodOf(r) == eetest.ListOperations {
							return tc.lists
						}
						return tc.exports[min(int(exports.Add(1)), len(tc.exports))-1]
					})
					d.ps.InjectFunc(func(call any) *handlertest.Fault {
						if r, ok := call.(*pubsubpb.PublishRequest); ok && strings.Contains(tc.topics, r.Topic[strings.LastIndexByte(r.Topic, '/')+1:]) {
							return &handlertest.Fault{Delay: forever}
						}
						return nil
					})
					start := time.Now()
					body := request("projects/my-project", "projects/my-project/assets/a", `"description":"a",`)
					answer := d.deliver(handlertest.Message{ID: "1", Data: body, PublishTime: now(), DeliveryAttempt: 50})
					if took := time.Since(start); took > time.Duration(timeout)*time.Second {
						t.Errorf("an event took %v", took)
					}
					stored := 0
					for _, topic := range []string{local.OperationsTopic, local.FailuresTopic, local.RequestsTopic} {
						stored += len(d.ps.Messages(topic))
					}
					if acknowledged(answer) != (stored > 0) {
						t.Errorf("an event with %d messages: %d %s", stored, answer.Code, answer.Body)
					}
					exports.Store(0)
					start = time.Now()
					w := httptest.NewRecorder()
					d.exporter.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)))
					if took := time.Since(start); took > time.Duration(timeout)*time.Second {
						t.Errorf("over HTTP it took %v", took)
					}
				})
			})
		}
	}
}
