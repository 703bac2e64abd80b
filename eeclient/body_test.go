package eeclient

import (
	"io"
	"net"
	"testing"
)

func TestABodyIsReadWholeUntilItsCallHasEnded(t *testing.T) {
	b := &body{parts: net.Buffers{[]byte("one"), nil, []byte("two")}}
	for range 2 { // attempts
		reader, _ := b.open()
		if got, err := io.ReadAll(reader); string(got) != "onetwo" || int64(len(got)) != b.len() || err != nil {
			t.Errorf("read %q, %v, of %d bytes", got, err, b.len())
		}
	}
	reader, _ := b.open()
	if _, err := io.ReadFull(reader, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	b.close()
	if got, err := io.ReadAll(reader); len(got) > 0 || err == nil {
		t.Errorf("read %q, %v after the call", got, err)
	}
}
