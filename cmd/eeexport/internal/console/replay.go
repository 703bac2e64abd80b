package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"example.com/eeexport/cmd/eeexport/redrive"
	"example.com/eeexport/handler/local"
)

// Replay publishes what data holds to the stack's requests topic, and returns the
// IDs of the messages: a request, or messages of a pipeline's as Pub/Sub pushes
// them, as 'gcloud pubsub subscriptions pull --format=json' prints them, or bare
// with data and attributes; several may follow one another. What was on a
// failures or a dead-letter topic is sent as 'eeexport redrive' sends it.
func Replay(s *local.Stack, data []byte) (ids []string, err error) {
	messages, err := parseMessages(data)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if again := redrive.Again(m); again != nil {
			m = again
		}
		ids = append(ids, s.PubSub.Publish(local.RequestsTopic, m.Data, m.Attributes))
	}
	return ids, nil
}

// pubsubMessage is a message in JSON.
type pubsubMessage struct {
	Data       []byte            `json:"data"`
	Attributes map[string]string `json:"attributes"`
}

// parseMessages reads what Replay takes. A request keeps its bytes.
func parseMessages(data []byte) (messages []*pubsubpb.PubsubMessage, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var value json.RawMessage
		switch err := dec.Decode(&value); {
		case errors.Is(err, io.EOF) && len(messages) > 0:
			return messages, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("it holds no message")
		case err != nil:
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		all := []json.RawMessage{value}
		if value[0] == '[' {
			if err := json.Unmarshal(value, &all); err != nil {
				return nil, err
			}
		}
		for _, one := range all {
			m, err := parseMessage(one)
			if err != nil {
				return nil, err
			}
			messages = append(messages, m)
		}
	}
}

func parseMessage(value json.RawMessage) (*pubsubpb.PubsubMessage, error) {
	var read struct {
		Message *pubsubMessage
		pubsubMessage
		Expression json.RawMessage
	}
	// Data that is not base64 is an error of a message, and nothing in a request.
	err := json.Unmarshal(value, &read)
	switch {
	case read.Expression != nil || err == nil && read.Message == nil && read.Data == nil:
		return &pubsubpb.PubsubMessage{Data: value}, nil
	case err != nil:
		return nil, fmt.Errorf("it is neither a request nor a message: %w", err)
	case read.Message == nil:
		read.Message = &read.pubsubMessage
	}
	return &pubsubpb.PubsubMessage{Data: read.Message.Data, Attributes: read.Message.Attributes}, nil
}
