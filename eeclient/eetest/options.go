package eetest

import (
	"net/http"
	"time"
)

// An Option changes how NewServer sets a Server up.
type Option func(*config)

// config is what the options add up to; it does not change once a Server runs.
type config struct {
	addr      string
	emulator  bool
	clock     *Clock
	quotas    Quotas
	lifecycle Lifecycle
	tokens    []string
	assets    []string
	world     World
	inMemory  bool
	recording Recording
	wrap      func(http.Handler) http.Handler
}

func newConfig(opts []Option) config {
	c := config{addr: "127.0.0.1:0", lifecycle: DefaultLifecycle(), wrap: func(h http.Handler) http.Handler { return h }}
	for _, opt := range opts {
		opt(&c)
	}
	if c.clock == nil {
		c.clock = FastClock(1)
	}
	c.quotas = c.quotas.withDefaults()
	c.recording = c.recording.withDefaults()
	return c
}

// Emulator lets every request in without a bearer token, all as one caller, as
// Google's emulators do. It fits EARTHENGINE_EMULATOR_HOST.
func Emulator() Option { return func(c *config) { c.emulator = true } }

// WithAddr listens on a fixed host:port instead of a free port of the loopback
// interface.
func WithAddr(addr string) Option { return func(c *config) { c.addr = addr } }

// WithMiddleware passes every request through the handler that wrap returns.
func WithMiddleware(wrap func(http.Handler) http.Handler) Option {
	return func(c *config) { c.wrap = wrap }
}

// WithClock lets Operations live by clock instead of the system's.
func WithClock(clock *Clock) Option { return func(c *config) { c.clock = clock } }

// WithQuotas replaces the published quotas. A zero field keeps the published
// value, a negative one lifts the limit.
func WithQuotas(q Quotas) Option { return func(c *config) { c.quotas = q } }

// WithLifecycle sets how long Operations stay in each state.
func WithLifecycle(l Lifecycle) Option { return func(c *config) { c.lifecycle = l } }

// WithTokens accepts only these bearer tokens, and those that the Server's own
// token endpoint and metadata server issue. Without it any token will do.
func WithTokens(tokens ...string) Option {
	return func(c *config) { c.tokens = append(c.tokens, tokens...) }
}

// WithAsset names assets that exist already, so that an export to one of them
// without overwrite fails.
func WithAsset(names ...string) Option {
	return func(c *config) { c.assets = append(c.assets, names...) }
}

// WithWorld sets how the Server behaves in points that Earth Engine does not
// document.
func WithWorld(w World) Option { return func(c *config) { c.world = w } }

// InMemory listens on no socket. The Server is reached through its Client alone;
// with eeclient.WithEmulatorHost(s.Host()), that is all of it. Nothing then
// waits for a network, so that in a bubble of testing/synctest a day passes in a
// moment.
func InMemory() Option { return func(c *config) { c.inMemory = true } }

// WithRecording bounds what is kept of the requests seen.
func WithRecording(r Recording) Option { return func(c *config) { c.recording = r } }

// Lifecycle is how long an Operation stays in each state. A zero field is no
// time at all: Lifecycle{} is an Operation that has ended by the time it is
// first looked at.
type Lifecycle struct {
	Pending time.Duration // from the request until the task runs
	Running time.Duration // from then until it ends
	// Cancelling is how long a running Operation takes to end once its
	// cancellation is asked for. A pending one ends at once.
	Cancelling time.Duration
}

// DefaultLifecycle returns the times that Operations take unless WithLifecycle
// says otherwise: those of a small export on a quiet day.
func DefaultLifecycle() Lifecycle {
	return Lifecycle{Pending: 30 * time.Second, Running: 5 * time.Minute, Cancelling: 5 * time.Second}
}
