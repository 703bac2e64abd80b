package eetest

import (
	"net"
	"net/http"
	"time"
)

// An Option configures a Server.
type Option func(*config)

// config holds what the options set.
type config struct {
	listener  net.Listener
	emulator  bool
	clock     *Clock
	quotas    Quotas
	lifecycle Lifecycle
	assets    []string
	world     World
	inMemory  bool
	recording recording
	wrap      func(http.Handler) http.Handler
}

func newConfig(opts []Option) config {
	c := config{lifecycle: SmallExport(1), recording: recording{bytes: 64 << 20, requests: 100_000},
		wrap: func(h http.Handler) http.Handler { return h }}
	for _, opt := range opts {
		opt(&c)
	}
	c.quotas = c.quotas.withDefaults()
	return c
}

// Emulator accepts requests without a bearer token, all from one caller, as
// Google's emulators do. Use it with EARTHENGINE_EMULATOR_HOST.
func Emulator() Option { return func(c *config) { c.emulator = true } }

// WithListener serves on l, which the Server closes, instead of a free port of the
// loopback interface.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithMiddleware passes every request through the handler that wrap returns.
func WithMiddleware(wrap func(http.Handler) http.Handler) Option {
	return func(c *config) { c.wrap = wrap }
}

// WithClock makes Operations follow clock instead of the system's.
func WithClock(clock *Clock) Option { return func(c *config) { c.clock = clock } }

// WithQuotas replaces the published quotas. A zero field keeps the published
// value, a negative one lifts the limit.
func WithQuotas(q Quotas) Option { return func(c *config) { c.quotas = q } }

// WithLifecycle sets how long Operations stay in each state, instead of
// SmallExport(1).
func WithLifecycle(l Lifecycle) Option { return func(c *config) { c.lifecycle = l } }

// WithAsset names assets that exist from the start, so that an export to one of
// them fails without overwrite.
func WithAsset(names ...string) Option {
	return func(c *config) { c.assets = append(c.assets, names...) }
}

// WithWorld sets how the Server behaves in points that Earth Engine does not
// document.
func WithWorld(w World) Option { return func(c *config) { c.world = w } }

// InMemory listens on no socket: use the Server's Client, for eeclient together
// with WithEmulatorHost(s.Host()). Nothing then waits for a network, so a bubble
// of testing/synctest can pass a day in a moment.
func InMemory() Option { return func(c *config) { c.inMemory = true } }

// Unrecorded keeps neither requests nor the bodies of Operations, for a run of very
// many requests.
func Unrecorded() Option { return func(c *config) { c.recording = recording{} } }

// Lifecycle is the time that an Operation spends in each state. With the zero
// Lifecycle it has ended when it is first read.
type Lifecycle struct {
	Pending time.Duration
	Running time.Duration
	// Cancelling is the time that a running Operation takes to end once it is
	// cancelled. A pending one ends at once.
	Cancelling time.Duration
}

// SmallExport is the life of a small export on a quiet day, speed times faster: at
// 1000, it ends in a third of a second.
func SmallExport(speed float64) Lifecycle {
	real := func(seconds float64) time.Duration { return time.Duration(seconds / speed * float64(time.Second)) }
	return Lifecycle{Pending: real(30), Running: real(300), Cancelling: real(5)}
}
