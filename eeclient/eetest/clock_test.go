package eetest

import (
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	t.Run("a clock stands still until it is moved", func(t *testing.T) {
		c := NewClock(epoch)
		c.Advance(time.Minute)
		if got := c.Now(); !got.Equal(epoch.Add(time.Minute)) {
			t.Error(got)
		}
	})
	t.Run("a fast clock moves by itself", func(t *testing.T) {
		c := FastClock(1e9)
		start := c.Now()
		for !c.Now().After(start.Add(time.Minute)) {
		}
		if time.Since(start) > time.Hour {
			t.Error("a fast clock starts in the present")
		}
	})
	t.Run("an Operation ends on a fast clock", func(t *testing.T) {
		s := newTestServer(t, WithClock(FastClock(1e6)), WithQuotas(Quotas{RequestsPerSecond: -1}))
		name := export(t, s, request()).Name
		for get(t, s, name).state() != Succeeded {
		}
	})
	t.Run("a clock cannot be moved back", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		NewClock(epoch).Advance(-1)
	})
}
