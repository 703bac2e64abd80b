package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/emptypb"
)

// publisherFront is the publisher service with the faults.
type publisherFront struct {
	pubsubpb.PublisherServer
	pubsub *PubSub
}

// Publish implements [pubsubpb.PublisherServer].
func (s *publisherFront) Publish(ctx context.Context, req *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	return misbehave(ctx, s.pubsub.faults.next(req, req.Topic), func() (*pubsubpb.PublishResponse, error) {
		return s.PublisherServer.Publish(ctx, req)
	})
}

// subscriberFront is the subscriber service with the faults.
type subscriberFront struct {
	pubsubpb.SubscriberServer
	pubsub *PubSub
}

// Pull implements [pubsubpb.SubscriberServer].
func (s *subscriberFront) Pull(ctx context.Context, req *pubsubpb.PullRequest) (*pubsubpb.PullResponse, error) {
	f := s.pubsub.faults.next(req, req.Subscription)
	return misbehave(ctx, f, func() (*pubsubpb.PullResponse, error) {
		switch {
		case f.Limit < 0:
			return &pubsubpb.PullResponse{}, nil
		case f.Limit > 0 && (req.MaxMessages == 0 || int(req.MaxMessages) > f.Limit):
			req.MaxMessages = int32(f.Limit)
		}
		answer, err := s.SubscriberServer.Pull(ctx, req)
		if err != nil {
			return nil, err
		}
		// The fake hands out its own messages, and changes them when they are
		// leased again.
		again := &pubsubpb.ModifyAckDeadlineRequest{Subscription: req.Subscription}
		for i, m := range answer.ReceivedMessages {
			answer.ReceivedMessages[i] = &pubsubpb.ReceivedMessage{AckId: m.AckId, Message: s.pubsub.asPublished(m.Message), DeliveryAttempt: m.DeliveryAttempt}
			again.AckIds = append(again.AckIds, m.AckId)
		}
		if f.Redelivered {
			_, err = s.SubscriberServer.ModifyAckDeadline(ctx, again)
		}
		return answer, err
	})
}

// Acknowledge implements [pubsubpb.SubscriberServer].
func (s *subscriberFront) Acknowledge(ctx context.Context, req *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	f := s.pubsub.faults.next(req, req.Subscription)
	return misbehave(ctx, f, func() (*emptypb.Empty, error) {
		if f.Late {
			return &emptypb.Empty{}, nil
		}
		return s.SubscriberServer.Acknowledge(ctx, req)
	})
}

// ModifyAckDeadline implements [pubsubpb.SubscriberServer].
func (s *subscriberFront) ModifyAckDeadline(ctx context.Context, req *pubsubpb.ModifyAckDeadlineRequest) (*emptypb.Empty, error) {
	f := s.pubsub.faults.next(req, req.Subscription)
	return misbehave(ctx, f, func() (*emptypb.Empty, error) {
		if f.Late {
			return &emptypb.Empty{}, nil
		}
		return s.SubscriberServer.ModifyAckDeadline(ctx, req)
	})
}

// rest serves the part of Pub/Sub that is available by REST.
func (p *PubSub) rest() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/projects/{project}/topics/{method}", p.publishREST)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "NOT_FOUND",
			"this stand-in for Pub/Sub takes POST /v1/projects/*/topics/*:publish by REST, and all else by gRPC")
	})
	return mux
}

// publishREST is projects.topics.publish
// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish).
func (p *PubSub) publishREST(w http.ResponseWriter, r *http.Request) {
	topic, ok := strings.CutSuffix(r.PathValue("method"), ":publish")
	if !ok {
		writeError(w, http.StatusNotFound, "NOT_FOUND", "of a topic's methods only publish is served by REST")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPublishBytes))
	var req pubsubpb.PublishRequest
	if err == nil {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &req)
	}
	if err == nil && len(req.Messages) == 0 {
		err = errors.New(`there are no messages: send {"messages": [{"data": BASE64}]}`)
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, "INVALID_ARGUMENT", err.Error())
		return
	}
	req.Topic = "projects/" + r.PathValue("project") + "/topics/" + topic
	front := publisherFront{&p.server.GServer, p}
	answer, err := front.Publish(context.WithoutCancel(r.Context()), &req)
	if err != nil {
		writeGRPCError(w, status.Convert(err))
		return
	}
	out, err := protojson.Marshal(answer)
	if err != nil {
		writeError(w, http.StatusInternalServerError, "INTERNAL", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Write(append(out, '\n'))
}

// writeGRPCError answers with the error that a gRPC client would have got.
func writeGRPCError(w http.ResponseWriter, s *status.Status) {
	switch s.Code() {
	case codes.NotFound:
		writeError(w, http.StatusNotFound, "NOT_FOUND", s.Message())
	case codes.PermissionDenied:
		writeError(w, http.StatusForbidden, "PERMISSION_DENIED", s.Message())
	default:
		writeError(w, http.StatusServiceUnavailable, "UNAVAILABLE", s.Message())
	}
}

// writeError answers with Google's error body.
func writeError(w http.ResponseWriter, code int, status, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]any{"code": code, "message": message, "status": status},
	})
}
