package consumer_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/eeexport/handler/consumer"
)

// lease is how long a delivery may take to handle an event. It is longer than
// the platform lets it.
const lease = 10 * time.Minute

// record is the document of one event.
type record struct {
	Handled bool      `firestore:"handled"`
	Until   time.Time `firestore:"until"` // of the lease; a TTL policy on it may delete the document a week later
}

// documents is a collection of records. With Firestore, transact is:
//
//	func (d documents) transact(ctx context.Context, id string, change func(*record)) error {
//		ref := d.collection.Doc(url.PathEscape(id)) // an ID must hold no slash
//		return d.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
//			var r record
//			snapshot, err := tx.Get(ref)
//			switch {
//			case status.Code(err) == codes.NotFound:
//			case err != nil:
//				return err
//			default:
//				if err := snapshot.DataTo(&r); err != nil {
//					return err
//				}
//			}
//			change(&r)
//			return tx.Set(ref, r)
//		})
//	}
type documents struct {
	mu      *sync.Mutex
	records map[string]record
}

func (d documents) transact(_ context.Context, id string, change func(*record)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.records[id]
	change(&r)
	d.records[id] = r
	return nil
}

// documentStore is a Store that several instances of a function share.
type documentStore struct {
	events documents
	now    func() time.Time
}

func (s documentStore) Begin(ctx context.Context, id string) (state consumer.State, err error) {
	err = s.events.transact(ctx, id, func(r *record) {
		switch {
		case r.Handled:
			state = consumer.Handled
		case s.now().Before(r.Until):
			state = consumer.Busy
		default:
			state, r.Until = consumer.Begun, s.now().Add(lease)
		}
	})
	return state, err
}

func (s documentStore) End(ctx context.Context, id string, handled bool) error {
	return s.events.transact(ctx, id, func(r *record) {
		r.Handled = handled
		if !handled {
			r.Until = time.Time{}
		}
	})
}

// A Store in a database that has transactions, such as Firestore. An event that
// was begun by an instance that is gone can begin again when its lease is over.
func ExampleStore() {
	ctx, now := context.Background(), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var store consumer.Store = documentStore{documents{new(sync.Mutex), map[string]record{}}, func() time.Time { return now }}
	const id = "projects/my-project/operations/ABC/succeeded"
	begin := func() {
		state, err := store.Begin(ctx, id)
		fmt.Println(state == consumer.Begun, state == consumer.Handled, err)
	}
	begin() // and this instance is killed
	begin()
	now = now.Add(lease)
	begin()
	_ = store.End(ctx, id, true)
	begin()
	// Output:
	// true false <nil>
	// false false <nil>
	// true false <nil>
	// false true <nil>
}
