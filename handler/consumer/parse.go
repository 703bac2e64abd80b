package consumer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/message"
)

// ParseMessage reads an event from a Pub/Sub message, as a pull subscriber gets
// it. It keeps data.
func ParseMessage(attributes map[string]string, data []byte) (Event, error) {
	return parse(func(name string) string { return attributes[name] }, data)
}

// ParseRequest reads an event from the request with which a push subscription or
// Eventarc delivers a message: its headers and its body, which must not be used
// afterwards. The push may be wrapped, or unwrapped with metadata
// (https://cloud.google.com/pubsub/docs/payload-unwrapping).
func ParseRequest(h http.Header, body []byte) (Event, error) {
	if strings.HasPrefix(h.Get("Ce-Type"), "eeexport.") {
		return parse(h.Get, body)
	}
	envelope, err := message.ParseEnvelope(body)
	if err != nil && !errors.Is(err, message.ErrNoData) {
		return nil, err
	}
	return ParseMessage(envelope.Attributes, envelope.Data)
}

// parse reads an event from data and the attributes that get returns.
func parse(get func(name string) string, data []byte) (Event, error) {
	meta := Meta{ID: get("ce-id"), Source: get("ce-source"), TraceParent: get("ce-traceparent")}
	if meta.ID == "" {
		return nil, errors.New("the message is not a CloudEvent: it has no ce-id")
	}
	meta.Time, _ = time.Parse(time.RFC3339, get("ce-time"))
	kind := get("ce-type")
	switch kind {
	case message.TypeStarted, message.TypeSucceeded, message.TypeFailed, message.TypeCancelled:
	case message.TypeRequestFailed:
		return parseRequestFailed(meta, get, data)
	default:
		return nil, fmt.Errorf("the message is not an event of eeexport: its ce-type is %s", text.Quote(kind))
	}
	operation, err := eeclient.ParseOperation(data)
	if err != nil {
		return nil, fmt.Errorf("the message's data: %w", err)
	}
	export := Export{
		Meta: meta, Operation: operation,
		Project: get("project"), Asset: get("asset"), RequestID: get("requestId"), WorkloadTag: get("workloadTag"),
	}
	seconds, _ := strconv.ParseFloat(get("eecuSeconds"), 64)
	switch end := (End{export, seconds}); kind {
	case message.TypeSucceeded:
		return &Succeeded{end}, nil
	case message.TypeFailed:
		return &Failed{end, get("reason")}, nil
	case message.TypeCancelled:
		return &Cancelled{end}, nil
	}
	return &Started{export}, nil
}

func parseRequestFailed(meta Meta, get func(name string) string, data []byte) (Event, error) {
	f := &RequestFailed{
		Meta: meta, Request: data,
		Code: get("code"), Reason: get("reason"), Message: get("message"),
		RequestID: get("requestId"), Operation: get("operation"), MayHaveStarted: get("mayHaveStarted") == "true",
	}
	f.DeliveryAttempt, _ = strconv.Atoi(get("deliveryAttempt"))
	if list := get("violations"); list != "" {
		if err := json.Unmarshal([]byte(list), &f.Violations); err != nil {
			return nil, fmt.Errorf("the attribute violations is not JSON: %w", err)
		}
	}
	return f, nil
}
