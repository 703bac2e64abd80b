package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/emptypb"
)

// intercept is a [grpc.UnaryServerInterceptor]. It makes a call with the fault that
// hits it.
func (p *PubSub) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	call := func() (any, error) { return handler(ctx, req) }
	var f Fault
	switch r := req.(type) {
	case *pubsubpb.PublishRequest:
		f = p.faults.next(req, r.Topic)
	case *pubsubpb.PullRequest:
		f = p.faults.next(req, r.Subscription)
		call = func() (any, error) { return p.pull(ctx, r, f) }
	case *pubsubpb.AcknowledgeRequest, *pubsubpb.ModifyAckDeadlineRequest:
		f = p.faults.next(req, r.(interface{ GetSubscription() string }).GetSubscription())
		if f.Late {
			call = func() (any, error) { return &emptypb.Empty{}, nil }
		}
	}
	return misbehave(ctx, f, call)
}

// pull pulls messages with the fields of the fault that only a pull has.
func (p *PubSub) pull(ctx context.Context, req *pubsubpb.PullRequest, f Fault) (*pubsubpb.PullResponse, error) {
	switch {
	case f.Limit < 0:
		return &pubsubpb.PullResponse{}, nil
	case f.Limit > 0 && (req.MaxMessages == 0 || int(req.MaxMessages) > f.Limit):
		req.MaxMessages = int32(f.Limit)
	}
	answer, err := p.server.GServer.Pull(ctx, req)
	if err != nil {
		return nil, err
	}
	// The fake hands out its own messages, and changes them when they are leased
	// again.
	again := &pubsubpb.ModifyAckDeadlineRequest{Subscription: req.Subscription}
	for i, m := range answer.ReceivedMessages {
		answer.ReceivedMessages[i] = &pubsubpb.ReceivedMessage{AckId: m.AckId, Message: p.asPublished(m.Message), DeliveryAttempt: m.DeliveryAttempt}
		again.AckIds = append(again.AckIds, m.AckId)
	}
	if f.Redelivered {
		_, err = p.server.GServer.ModifyAckDeadline(ctx, again)
	}
	return answer, err
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
	answer, err := p.intercept(context.WithoutCancel(r.Context()), &req, nil, func(ctx context.Context, _ any) (any, error) {
		return p.server.GServer.Publish(ctx, &req)
	})
	if err != nil {
		writeGRPCError(w, status.Convert(err))
		return
	}
	out, err := protojson.Marshal(answer.(*pubsubpb.PublishResponse))
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
