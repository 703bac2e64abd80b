package eeclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/googleapis/gax-go/v2"
)

// call is one method of the API, ready to be sent any number of times.
type call struct {
	method string
	path   string // "/v1beta/projects/…"
	query  url.Values
	body   segments // empty for none
	// idempotent calls are retried.
	idempotent bool
	// read takes the body of a success; its error makes the answer unreadable.
	read func(body []byte) error
}

// do makes the call, with retries, within ctx. Its error is an *Error.
func (c *Client) do(ctx context.Context, rpc *call) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return faultFromContext(ctx, ctx.Err())
	}
	attempt := 0
	err := gax.Invoke(ctx, func(ctx context.Context, _ gax.CallSettings) error {
		attempt++
		return c.traced(ctx, rpc, attempt)
	}, gax.WithRetry(func() gax.Retryer {
		if !rpc.idempotent {
			return nil
		}
		return c.retry.retryer(ctx)
	}))
	if err == nil {
		return nil
	}
	var fault *Error
	if errors.As(err, &fault) {
		return fault
	}
	return faultFromContext(ctx, err)
}

// traced makes one attempt, and tells the caller's [Trace] of it.
func (c *Client) traced(ctx context.Context, rpc *call, attempt int) error {
	trace := traceFrom(ctx)
	if trace == nil {
		return c.attempt(ctx, rpc)
	}
	if trace.Start != nil {
		ctx = trace.Start(ctx, attempt)
	}
	err := c.attempt(ctx, rpc)
	if trace.Done != nil {
		trace.Done(ctx, attempt, err)
	}
	return err
}

// attempt makes the call once. Every error that it returns is an *Error.
func (c *Client) attempt(ctx context.Context, rpc *call) error {
	req, err := c.request(ctx, rpc)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return faultFromContext(ctx, err)
	}
	defer resp.Body.Close()
	body, err := readAnswer(resp)
	switch {
	case err != nil && ctx.Err() != nil:
		return faultFromContext(ctx, err)
	case err != nil:
		// Of a refusal, too: what it was for (a quota, a request ID that has been
		// used) stands in what did not arrive.
		return badAnswer(resp.StatusCode, err)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return errorFromAnswer(resp.StatusCode, resp.Header, body)
	}
	if err := rpc.read(body); err != nil {
		return badAnswer(resp.StatusCode, err)
	}
	return nil
}

// request builds one attempt's request, with a token that is valid now.
func (c *Client) request(ctx context.Context, rpc *call) (*http.Request, error) {
	target := c.endpoint + rpc.path
	if len(rpc.query) > 0 {
		target += "?" + rpc.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, rpc.method, target, nil)
	if err != nil {
		return nil, &Error{Status: "INTERNAL", Message: "the request's URL cannot be built", Class: Permanent, cause: err}
	}
	if rpc.method != http.MethodGet {
		rpc.body.attach(req)
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", c.userAgent)
	if c.quotaProject != "" {
		req.Header.Set("X-Goog-User-Project", c.quotaProject)
	}
	if c.tokens != nil {
		token, err := c.tokens.token(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil, faultFromContext(ctx, err)
			}
			// What the token endpoint said may hold parts of the credential: it
			// is kept as the cause, for errors.As, and not put into words. The
			// fault is the function's own and not the request's: transient.
			return nil, &Error{
				Status: "UNAVAILABLE", Message: "no access token could be had for the function's own credentials",
				Class: Transient, cause: err, soon: true,
			}
		}
		token.SetAuthHeader(req)
	}
	return req, nil
}

// readAnswer reads the body in one allocation where its length is known.
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

// faultFromContext tells a deadline that passed and a caller that left from a
// network that failed.
func faultFromContext(ctx context.Context, err error) *Error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Status: "DEADLINE_EXCEEDED", Message: "the deadline passed before an answer came", Class: Transient, cause: err}
	case ctx.Err() != nil:
		return &Error{Status: "CANCELLED", Message: "the caller went away before an answer came", Class: Transient, cause: err}
	}
	// A URL in the text would say what was called with; the fault beneath it
	// says enough.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &Error{Status: "UNAVAILABLE", Message: "unreachable: " + clip(err.Error(), maxMessageBytes), Class: Transient, cause: err, soon: true}
}
