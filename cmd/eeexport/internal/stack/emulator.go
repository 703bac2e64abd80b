package stack

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxPublishBytes is the largest publish request that Pub/Sub takes, with some
// room for base64 and the envelope
// (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxPublishBytes = 16 << 20

// emulator is an in-memory Pub/Sub on a socket of its own. It is pstest's fake,
// with two things that pstest's own socket has not: messages of more than gRPC's
// default of 4 MB, and publishing by REST, which is what curl and gcloud speak.
type emulator struct {
	fake   *pstest.Server
	rpc    *grpc.Server
	http   *http.Server
	faults publishFaults
}

// newEmulator serves on the listener until close.
func newEmulator(listener net.Listener) *emulator {
	e := &emulator{
		rpc: grpc.NewServer(grpc.MaxRecvMsgSize(maxPublishBytes), grpc.MaxSendMsgSize(maxPublishBytes)),
	}
	e.fake = pstest.NewServerWithAddress("127.0.0.1:0", pstest.ServerReactorOption{FuncName: "Publish", Reactor: &e.faults})
	pubsubpb.RegisterPublisherServer(e.rpc, &e.fake.GServer)
	pubsubpb.RegisterSubscriberServer(e.rpc, &e.fake.GServer)
	rest := http.NewServeMux()
	rest.HandleFunc("POST /v1/projects/{project}/topics/{method}", e.publish)
	rest.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "NOT_FOUND",
			"this stand-in for Pub/Sub takes POST /v1/projects/*/topics/*:publish by REST, and all else by gRPC")
	})
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	e.http = &http.Server{
		Protocols: &both,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
				e.rpc.ServeHTTP(w, r)
				return
			}
			rest.ServeHTTP(w, r)
		}),
	}
	go e.http.Serve(listener)
	return e
}

// close cuts every connection, streams that pull among them.
func (e *emulator) close() {
	e.http.Close()
	e.rpc.Stop()
	e.fake.Close()
}

// publish is projects.topics.publish
// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish).
func (e *emulator) publish(w http.ResponseWriter, r *http.Request) {
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
	if err != nil {
		writeError(w, http.StatusBadRequest, "INVALID_ARGUMENT", err.Error())
		return
	}
	req.Topic = "projects/" + r.PathValue("project") + "/topics/" + topic
	answer, err := e.fake.GServer.Publish(context.WithoutCancel(r.Context()), &req)
	if err != nil {
		writeError(w, http.StatusNotFound, "NOT_FOUND", status.Convert(err).Message())
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

// writeError answers with Google's error body.
func writeError(w http.ResponseWriter, code int, status, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]any{"code": code, "message": message, "status": status},
	})
}
