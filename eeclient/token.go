package eeclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync/atomic"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"example.com/eeexport/eeclient/resource"
)

// tokenCache keeps the current token, which calls read without a lock. Unlike an
// [oauth2.TokenSource], it lets a call stop waiting for a new token at its
// deadline.
type tokenCache struct {
	source  oauth2.TokenSource
	current atomic.Pointer[oauth2.Token]
	fetches singleflight.Group
}

// get returns a valid token. Calls that find none share one fetch.
func (c *tokenCache) get(ctx context.Context) (*oauth2.Token, error) {
	if t := c.current.Load(); t.Valid() {
		return t, nil
	}
	select {
	case fetched := <-c.fetches.DoChan("", c.fetch):
		if fetched.Err != nil {
			return nil, fetched.Err
		}
		return fetched.Val.(*oauth2.Token), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch asks the source. It runs in its own goroutine, where a panic would end
// the process.
func (c *tokenCache) fetch() (token any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the token source panicked: %v", r)
		}
	}()
	t, err := c.source.Token()
	if err != nil {
		return nil, err
	}
	c.current.Store(t)
	return t, nil
}

// drop removes a token that Earth Engine did not accept.
func (c *tokenCache) drop(t *oauth2.Token) { c.current.CompareAndSwap(t, nil) }

// token returns the token for a call; nil if calls carry no credentials.
func (c *Client) token(ctx context.Context) (*oauth2.Token, *Error) {
	if c.tokens == nil {
		return nil, nil
	}
	t, err := c.tokens.get(ctx)
	switch {
	case err == nil:
		return t, nil
	case ctx.Err() != nil:
		return nil, noAnswer(ctx, err)
	}
	return nil, tokenFault(err)
}

// tokenFault returns the error of a call that has no access token. The token
// endpoint's answer may hold parts of the credential, so the message quotes only
// its status and error code; err itself is the cause.
func tokenFault(err error) *Error {
	e := &Error{Status: "UNAVAILABLE", Message: "no access token for the credentials", cause: err, soon: true}
	var (
		refusal  *oauth2.RetrieveError
		metadata *metadata.Error
		file     *fs.PathError
		code     int
	)
	switch {
	case errors.As(err, &refusal) && refusal.Response != nil:
		code = refusal.Response.StatusCode
		e.Message += fmt.Sprintf(": the token endpoint answered %d", code)
		var said struct {
			Code string `json:"error"` // such as invalid_grant
		}
		if json.Unmarshal(refusal.Body, &said) == nil && len(said.Code) < 64 && resource.ConsistsOf(said.Code, resource.IsLowerAlnum, '_') {
			e.Message += " " + said.Code
		}
	case errors.As(err, &metadata):
		code = metadata.Code
		e.Message += fmt.Sprintf(": the metadata server answered %d", code)
	case errors.As(err, &file):
		code = http.StatusForbidden
		e.Message += ": their file cannot be read"
	}
	if code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests {
		e.Status, e.Blame, e.Remedy, e.soon = "UNAUTHENTICATED", Deployment, checkAccount, false
	}
	return e
}
