package message

import (
	"errors"
	"fmt"
	"testing"
)

func TestInParts(t *testing.T) {
	ids := make([]string, 2*maxAckIDs+1)
	var sizes []int
	first := errors.New("the first part fails")
	err := inParts(ids, func(part []string) error {
		sizes = append(sizes, len(part))
		if len(sizes) == 1 {
			return first
		}
		return nil
	})
	if fmt.Sprint(sizes) != "[1000 1000 1]" || !errors.Is(err, first) {
		t.Errorf("%v, %v", sizes, err)
	}
	if inParts(nil, func([]string) error { return first }) != nil {
		t.Error("a call is made for no message")
	}
}
