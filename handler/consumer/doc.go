// Package consumer reads the events that eeexport publishes, for programs that
// act on them: [ParseMessage] and [ParseRequest] make a typed [Event] of a
// Pub/Sub message, and a [Handler] handles each event once although Pub/Sub
// delivers it at least once.
//
//	handler := &consumer.Handler{
//		Store: new(consumer.Memory),
//		Do: func(ctx context.Context, e consumer.Event) error {
//			switch e := e.(type) {
//			case *consumer.Succeeded:
//				return classify(ctx, e.Asset)
//			case *consumer.Failed:
//				return tell(ctx, e.Asset, e.Message())
//			}
//			return nil
//		},
//	}
//	functions.HTTP("OnModel", handler.ServeHTTP)
package consumer
