package redrive

import (
	"context"
	"testing"
	"time"

	"example.com/eeexport/handler/handlertest"
)

func TestQueueKeepsWhatItHasTaken(t *testing.T) {
	ps := handlertest.NewPubSub(t, "failures")
	ps.Subscribe(t, "failures", "failures")
	t.Setenv("PUBSUB_EMULATOR_HOST", ps.Addr())
	for range 3 {
		ps.Publish("failures", []byte("{}"), nil)
	}
	q, err := openQueue(t.Context(), "projects/my-project/subscriptions/failures", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	if taken, err := q.pull(t.Context(), 10); err != nil || len(taken) != 3 {
		t.Fatalf("%d messages, %v", len(taken), err)
	}
	time.Sleep(1500 * time.Millisecond) // longer than the lease
	if taken, err := q.pull(t.Context(), 10); err != nil || len(taken) != 0 {
		t.Errorf("%d messages were free, %v", len(taken), err)
	}
	if err := q.giveBack(context.Background()); err != nil {
		t.Fatal(err)
	}
	if left := ps.Unacknowledged(t, "failures"); left != 3 {
		t.Errorf("%d messages are free when they have been given back", left)
	}
}
