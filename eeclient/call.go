package eeclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"golang.org/x/oauth2"

	"example.com/eeexport/eeclient/text"
)

// call is one method of the API, ready to be sent any number of times.
type call struct {
	method string
	path   string // "/v1beta/projects/…"
	query  url.Values
	body   *body // nil for none
	// idempotent calls are retried. An export is idempotent if it has a request
	// ID.
	idempotent bool
	// read parses the body of a success. An error means that the answer cannot
	// be read.
	read func(body []byte) error

	quota map[string]string // quota headers of a success
}

// do makes the call within ctx, with retries.
func (c *Client) do(ctx context.Context, rpc *call) *Error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return noAnswer(ctx, ctx.Err())
	}
	if rpc.body != nil {
		defer rpc.body.close()
	}
	attempts, mayHaveStarted, renewed := newAttempts(rpc.idempotent), false, false
	for n := 1; ; n++ {
		fault := c.traced(ctx, rpc, attempts, n)
		if fault == nil {
			return nil
		}
		repeatable := rpc.idempotent || !fault.MayHaveStarted
		mayHaveStarted = mayHaveStarted || fault.MayHaveStarted
		fault.MayHaveStarted = mayHaveStarted
		if fault.Code == http.StatusUnauthorized && !renewed && repeatable {
			// The token may have been revoked. It has been dropped, so the next
			// attempt fetches a new one.
			renewed = true
			continue
		}
		pause, again := attempts.next(ctx, fault)
		if !again {
			return fault
		}
		if err := c.sleep(ctx, pause); err != nil {
			fault = noAnswer(ctx, err)
			fault.MayHaveStarted = mayHaveStarted
			return fault
		}
	}
}

// traced makes attempt n, and runs the hooks of the caller's [Trace] around it.
func (c *Client) traced(ctx context.Context, rpc *call, attempts *attempts, n int) *Error {
	trace := traceFrom(ctx)
	if trace == nil {
		trace = new(Trace)
	}
	if trace.Start != nil {
		ctx = trace.Start(ctx, n)
	}
	bounded, cancel := attempts.bound(ctx)
	defer cancel()
	fault := c.attempt(bounded, rpc)
	if fault != nil && fault.Code == 0 && ctx.Err() == nil && bounded.Err() != nil {
		fault.Status, fault.Message, fault.soon = "UNAVAILABLE", "no answer came in the time for one attempt", true
	}
	if trace.Done != nil {
		var err error
		if fault != nil {
			err = fault
		}
		trace.Done(ctx, n, err)
	}
	return fault
}

// attempt makes the call once.
func (c *Client) attempt(ctx context.Context, rpc *call) *Error {
	token, fault := c.token(ctx)
	if fault != nil {
		return fault
	}
	// Once there is a connection, the request may have been written to it.
	var connected atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), rpc, token)
	if err != nil {
		return &Error{Status: "INTERNAL", Message: "the request's URL cannot be built", Blame: Deployment, Remedy: "check the base URL of Earth Engine", cause: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		fault := noAnswer(ctx, err)
		fault.MayHaveStarted = connected.Load()
		return fault
	}
	defer resp.Body.Close()
	body, err := readAnswer(resp)
	switch {
	case err != nil && ctx.Err() != nil:
		fault := noAnswer(ctx, err)
		fault.MayHaveStarted = true
		return fault
	case err != nil:
		// The status alone proves nothing: the reason (a quota, a used request
		// ID) may be in the part that did not arrive.
		return badAnswer(resp.StatusCode, err)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		if resp.StatusCode == http.StatusUnauthorized && c.tokens != nil {
			c.tokens.drop(token)
		}
		return errorFromAnswer(resp.StatusCode, resp.Header, body)
	}
	if err := rpc.read(body); err != nil {
		return badAnswer(resp.StatusCode, err)
	}
	rpc.quota = quotaHeaders(resp.Header)
	return nil
}

// request builds one attempt's request.
func (c *Client) request(ctx context.Context, rpc *call, token *oauth2.Token) (*http.Request, error) {
	target := c.endpoint + rpc.path
	if len(rpc.query) > 0 {
		target += "?" + rpc.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, rpc.method, target, nil)
	if err != nil {
		return nil, err
	}
	if rpc.body != nil {
		req.ContentLength, req.GetBody = rpc.body.len(), rpc.body.open
		req.Body, _ = rpc.body.open()
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "eeexport")
	if c.quotaProject != "" {
		req.Header.Set("X-Goog-User-Project", c.quotaProject)
	}
	if token != nil {
		token.SetAuthHeader(req)
	}
	return req, nil
}

// readAnswer reads the body, in one allocation if its length is known.
func readAnswer(resp *http.Response) ([]byte, error) {
	if resp.ContentLength > maxAnswerBytes {
		return nil, fmt.Errorf("it has %d bytes", resp.ContentLength)
	}
	if resp.ContentLength >= 0 {
		body := make([]byte, resp.ContentLength)
		n, err := io.ReadFull(resp.Body, body)
		return body[:n], err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err == nil && len(body) > maxAnswerBytes {
		err = fmt.Errorf("it has more than %d bytes", maxAnswerBytes)
	}
	return body, err
}

// noAnswer returns the error of a call without an answer: its deadline passed,
// its caller gave up, or the network failed.
func noAnswer(ctx context.Context, err error) *Error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Status: "DEADLINE_EXCEEDED", Message: "the deadline passed before an answer came", cause: err}
	case ctx.Err() != nil:
		return &Error{Status: "CANCELLED", Message: "the caller gave up before an answer came", cause: err}
	}
	// url.Error quotes the URL; the error beneath says enough.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &Error{Status: "UNAVAILABLE", Message: "unreachable: " + text.Clip(err.Error(), maxMessageBytes), cause: err, soon: true}
}
