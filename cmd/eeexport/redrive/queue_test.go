package redrive

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eeexport/handler/local"
)

func TestQueueKeepsWhatItHasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, err := local.NewMemoryPubSub("p", []string{"failures"}, map[string]string{"failures": "failures"})
		if err != nil {
			t.Fatal(err)
		}
		defer ps.Close()
		for range 3 {
			ps.Publish("failures", []byte("{}"), nil)
		}
		q, err := openQueue(t.Context(), "projects/p/subscriptions/failures", ps.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		defer q.close()
		if taken, err := q.pull(t.Context(), 10); err != nil || len(taken) != 3 {
			t.Fatalf("%d messages, %v", len(taken), err)
		}
		time.Sleep(3 * Lease)
		if taken, err := q.pull(t.Context(), 10); err != nil || len(taken) != 0 {
			t.Errorf("%d messages were free, %v", len(taken), err)
		}
		if err := q.giveBack(context.Background()); err != nil {
			t.Fatal(err)
		}
		if left, err := ps.Unacknowledged("failures"); err != nil || left != 3 {
			t.Errorf("%d messages are free when they have been given back, %v", left, err)
		}
	})
}
