package local

import (
	"testing"
	"testing/synctest"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// TestAMonthPassesInAMoment checks the Pub/Sub in memory: its time is that of
// the bubble, and it keeps what Pub/Sub would keep.
func TestAMonthPassesInAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, err := NewMemoryPubSub("p", []string{"t"}, map[string]string{"s": "t"})
		if err != nil {
			t.Fatal(err)
		}
		defer ps.Close()
		client, err := pubsub.NewSubscriptionAdminClient(t.Context(), ps.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		start := time.Now()
		ps.Publish("t", []byte("x"), nil)
		for _, tc := range []struct {
			name     string
			after    time.Duration
			messages int
		}{
			{"at once", 0, 1},
			{"while it is leased", 50 * time.Second, 0},
			{"after the lease", 2 * time.Minute, 1},
			{"a day later", 24 * time.Hour, 1},
			{"within the retention", Retention - time.Minute, 1},
			{"after the retention", Retention + 2*time.Minute, 0},
		} {
			time.Sleep(time.Until(start.Add(tc.after)))
			answer, err := client.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: "projects/p/subscriptions/s", MaxMessages: 10})
			got := answer.GetReceivedMessages()
			if err != nil || len(got) != tc.messages || len(got) == 1 && !got[0].Message.PublishTime.AsTime().Equal(start) {
				t.Errorf("%s: %v %v, want %d published at %v", tc.name, got, err, tc.messages, start)
			}
		}
	})
}
