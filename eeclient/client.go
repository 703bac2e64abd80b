package eeclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/googleapis/gax-go/v2"
)

const (
	// DefaultEndpoint is the base URL of Earth Engine's REST API.
	DefaultEndpoint = "https://earthengine.googleapis.com"

	// DefaultVersion is the API version that is called if a request names none.
	DefaultVersion = "v1beta"

	// Concurrency is the largest number of calls that one Client has in flight;
	// others wait until their own deadline. It is Earth Engine's limit for a
	// project (https://developers.google.com/earth-engine/guides/usage).
	Concurrency = 40

	// Scope is the OAuth 2.0 scope that the calls need.
	Scope = "https://www.googleapis.com/auth/earthengine"
)

// maxAnswerBytes bounds what is read of an answer. An Operation has about a
// thousand bytes, a page of them a few hundred thousand.
const maxAnswerBytes = 16 << 20

// Client calls Earth Engine. It keeps its connections alive between calls and
// is safe for concurrent use; make one and share it.
type Client struct {
	http     *http.Client
	endpoint string
	sleep    Sleeper
	slots    chan struct{}

	tokens       *tokenCache // nil if calls carry no credentials
	quotaProject string
}

// An Option changes how [New] makes a Client.
type Option func(*settings)

type settings struct {
	endpoint    string
	httpClient  *http.Client
	sleep       Sleeper
	credentials *Credentials
	anonymous   bool
}

// WithEndpoint sets the base URL, without a path; the default is
// [DefaultEndpoint]. Credentials are attached to calls there, so it must be
// https, or http on loopback.
func WithEndpoint(baseURL string) Option {
	return func(s *settings) { s.endpoint = strings.TrimRight(baseURL, "/") }
}

// WithEmulatorHost calls a local stand-in at host:port, over plain HTTP and
// without credentials, as PUBSUB_EMULATOR_HOST does for Pub/Sub.
func WithEmulatorHost(host string) Option {
	return func(s *settings) { s.endpoint, s.anonymous = "http://"+host, true }
}

// WithCredentials sets the credentials; the default is those that
// [FindCredentials] finds.
func WithCredentials(creds *Credentials) Option {
	return func(s *settings) { s.credentials = creds }
}

// WithHTTPClient sets the HTTP client, to which this package adds credentials.
// The default keeps [Concurrency] idle connections, follows no redirects and
// asks for no compression.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings) { s.httpClient = c }
}

// A Sleeper waits, and returns early with ctx's error.
type Sleeper func(ctx context.Context, d time.Duration) error

// WithSleeper sets the function that waits between attempts; the default is
// [gax.Sleep].
func WithSleeper(sleep Sleeper) Option {
	return func(s *settings) { s.sleep = sleep }
}

// New makes a Client. Without [WithCredentials] or [WithEmulatorHost] it looks
// for Application Default Credentials, which reads a file or asks the metadata
// server, and fails if it finds none.
func New(ctx context.Context, opts ...Option) (*Client, error) {
	s := settings{
		endpoint: DefaultEndpoint,
		sleep:    gax.Sleep,
	}
	for _, opt := range opts {
		opt(&s)
	}
	if err := CheckEndpoint(s.endpoint); err != nil && !s.anonymous {
		return nil, fmt.Errorf("eeclient: invalid endpoint: %w", err)
	}
	c := &Client{
		http:     s.httpClient,
		endpoint: s.endpoint,
		sleep:    s.sleep,
		slots:    make(chan struct{}, Concurrency),
	}
	if c.http == nil {
		c.http = defaultHTTPClient()
	}
	if s.anonymous {
		return c, nil
	}
	if s.credentials == nil {
		creds, err := FindCredentials(ctx)
		if err != nil {
			return nil, err
		}
		s.credentials = creds
	}
	c.tokens, c.quotaProject = &tokenCache{source: s.credentials.TokenSource}, s.credentials.QuotaProject
	return c, nil
}

// CheckEndpoint returns an error unless endpoint is a base URL to which
// credentials may be sent: https, or http on loopback, with nothing after the
// host. The error does not quote the URL, which may hold a password.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || strings.ContainsAny(endpoint, "?#") || !isPort(cmp.Or(u.Port(), "443")) || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("not a base URL such as %s", DefaultEndpoint)
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return errors.New("http is accepted on loopback only, since it sends credentials in clear text: use https")
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// defaultHTTPClient is tuned for a few large uploads to one host. It keeps a
// connection for each call under way, and does not use HTTP/2, whose flow control
// slows single large uploads, and with which one broken connection would fail all
// calls.
func defaultHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConns:        Concurrency,
			MaxIdleConnsPerHost: Concurrency,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true,
		},
		// Earth Engine does not redirect. Following a redirect would send the
		// request to a host that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
