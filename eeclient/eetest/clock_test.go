package eetest

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	c := NewClock(epoch)
	c.Advance(time.Minute)
	if got := c.Now(); !got.Equal(epoch.Add(time.Minute)) {
		t.Errorf("a clock that was moved by a minute shows %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a clock was moved back")
		}
	}()
	c.Advance(-1)
}
