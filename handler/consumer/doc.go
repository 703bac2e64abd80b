// Package consumer reads the events that eeexport publishes, for programs that
// act on them. [ParseMessage] and [ParseRequest] turn a Pub/Sub message into a
// typed [Event]. A [Handler] handles each event once, although Pub/Sub delivers
// it at least once.
//
//	handler := &consumer.Handler{
//		Store: new(consumer.Memory),
//		Do: func(ctx context.Context, e consumer.Event) error {
//			switch e := e.(type) {
//			case *consumer.Succeeded:
//				return classify(ctx, e.Asset)
//			case *consumer.Failed:
//				return alert(ctx, e.Asset, e.Message())
//			}
//			return nil
//		},
//	}
//	functions.HTTP("OnModel", handler.ServeHTTP)
package consumer
