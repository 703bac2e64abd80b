// Package message holds the CloudEvents that eeexport exchanges over Pub/Sub:
// the messages that it publishes, a [Publisher] for them, and the [Envelope]
// in which Pub/Sub delivers a message to a function.
//
//	p, err := message.NewPublisher(ctx, "my-project")
//	…
//	id, err := p.Publish(ctx, "operations", message.Started(op, message.Origin{…}))
package message
