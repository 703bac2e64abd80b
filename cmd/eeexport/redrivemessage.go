package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// failedRequest is a message that holds a request which did not come to an
// Operation, or did not come to a published one.
type failedRequest struct {
	*pubsubpb.PubsubMessage
}

// deadLetter is the beginning of the attributes that Pub/Sub adds to what it
// gives up (https://cloud.google.com/pubsub/docs/handling-failures#how_do_i_access_dead-lettered_messages).
const deadLetter = "CloudPubSubDeadLetter"

// failure tells whether the function has published it, with the reason.
func (r failedRequest) failure() bool { return r.Attributes["ce-type"] == "eeexport.request.failed.v1" }

// deadLettered tells whether Pub/Sub has given it up.
func (r failedRequest) deadLettered() bool {
	for name := range r.Attributes {
		if strings.HasPrefix(name, deadLetter) {
			return true
		}
	}
	return false
}

// foreign tells whether it is no request at all: a message of another topic,
// which nobody wants to find among the requests.
func (r failedRequest) foreign() bool {
	return !r.failure() && (!r.deadLettered() || strings.HasPrefix(r.Attributes["ce-type"], "eeexport."))
}

// again is the message to publish: the same data, and of the attributes those
// that the request came with.
func (r failedRequest) again() *pubsubpb.PubsubMessage {
	attributes := map[string]string{}
	for name, value := range r.Attributes {
		switch {
		case strings.HasPrefix(name, "ce-"), strings.HasPrefix(name, deadLetter):
		case name == "code", name == "reason", name == "message":
		default:
			attributes[name] = value
		}
	}
	return &pubsubpb.PubsubMessage{Data: r.Data, Attributes: attributes, OrderingKey: r.OrderingKey}
}

// startsAnother tells whether the export may have been started already, and
// will be once more because nothing tells that it is the same.
func (r failedRequest) startsAnother() bool {
	if r.failure() && r.Attributes["reason"] != "DUPLICATE_REQUEST" {
		return false
	}
	request, err := parseEnvelope(r.Data)
	return err == nil && request.text(requestIDField) == ""
}

// print tells what the message is and why it has failed.
func (r failedRequest) print(w io.Writer) {
	a := r.Attributes
	fmt.Fprintf(w, "message %s, published %s, %s", r.MessageId, r.PublishTime.AsTime().Format(time.RFC3339), plural(len(r.Data), "byte"))
	if id := a["requestId"]; id != "" {
		fmt.Fprintf(w, ", request ID %s", id)
	}
	fmt.Fprintln(w)
	if r.failure() {
		fmt.Fprintf(w, "  failed: %s", a["code"])
		if a["reason"] != "" {
			fmt.Fprintf(w, ", %s", a["reason"])
		}
		fmt.Fprintf(w, ": %s\n", a["message"])
	}
	if r.deadLettered() {
		const source = deadLetter + "Source"
		fmt.Fprintf(w, "  dead letter of projects/%s/subscriptions/%s after %s deliveries; no reason is recorded\n",
			orUnknown(a[source+"SubscriptionProject"]), orUnknown(a[source+"Subscription"]), orUnknown(a[source+"DeliveryCount"]))
	}
	switch {
	case r.foreign():
		fmt.Fprintln(w, "  it is no failed request: neither of the failures topic nor of a dead-letter topic")
	case r.startsAnother():
		fmt.Fprintln(w, "  warning: its body has no requestId: if its export has been started already, a second one will be")
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "?"
	}
	return s
}
