package stack

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestPublishIsRefusedWhereItIsToldTo(t *testing.T) {
	s := start(t, Config{})
	s.InjectPublishFunc(func(topic string) error {
		if topic == OperationsTopic {
			return status.Error(codes.PermissionDenied, "not now")
		}
		return nil
	})
	if _, err := s.Publish(t.Context(), OperationsTopic, []byte("one")); status.Code(err) != codes.PermissionDenied {
		t.Errorf("%v", err)
	}
	if _, err := s.Publish(t.Context(), FailuresTopic, []byte("two")); err != nil {
		t.Errorf("another topic: %v", err)
	}
	s.InjectPublishFunc(nil)
	if _, err := s.Publish(t.Context(), OperationsTopic, []byte("three")); err != nil {
		t.Errorf("after its end: %v", err)
	}
}
