package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/oauth2"
	"google.golang.org/api/idtoken"
)

// functionClient calls ExportClassifier, wherever it is served.
type functionClient struct {
	url   *url.URL
	token string // an ID token; "" for none
	http  *http.Client
}

// newFunctionClient makes a client for a URL. A function that is not on this
// machine is called with an ID token: that of tokenFile, or one for the audience
// from Application Default Credentials.
func newFunctionClient(ctx context.Context, target, audience, tokenFile string) (*functionClient, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError{fmt.Errorf("--url: %q is not a URL such as https://export-classifier-abc.a.run.app", target)}
	}
	c := &functionClient{url: u, http: &http.Client{
		// A function does not redirect. Something else would get the request, or
		// show a login page.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	local := isLoopback(u.Hostname())
	switch {
	case u.Scheme == "http" && !local:
		return nil, usageError{errors.New("--url: use https for a function on another machine")}
	case tokenFile != "":
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, usageError{err}
		}
		c.token = strings.TrimSpace(string(token))
	case !local:
		c.token, err = newIDToken(ctx, cmp.Or(audience, defaultAudience(u)))
	}
	return c, err
}

// newIDToken gets an ID token from Application Default Credentials, which have to
// be a service account's.
func newIDToken(ctx context.Context, audience string) (string, error) {
	source, err := idtoken.NewTokenSource(ctx, audience)
	var token *oauth2.Token
	if err == nil {
		token, err = source.Token()
	}
	if err != nil {
		return "", advised{fmt.Errorf("get an ID token for %s: %w", audience, err),
			"A service account's credentials can get one. With your own account, add\n  --token-file <(gcloud auth print-identity-token)"}
	}
	return token.AccessToken, nil
}

// defaultAudience returns the audience of an ID token: the origin of the URL, as
// Cloud Run expects, and on cloudfunctions.net the function's name as well
// (https://cloud.google.com/functions/docs/securing/authenticating).
func defaultAudience(u *url.URL) string {
	audience := "https://" + u.Host
	if strings.HasSuffix(u.Hostname(), ".cloudfunctions.net") {
		if name, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); name != "" {
			audience += "/" + name
		}
	}
	return audience
}

// isLoopback reports whether a host is this machine, without a DNS lookup.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// export sends a request. A refusal is an *apiError.
func (c *functionClient) export(ctx context.Context, body []byte, validateOnly bool) (*answer, error) {
	u := *c.url
	if validateOnly {
		query := u.Query()
		query.Set("validateOnly", "true")
		u.RawQuery = query.Encode()
	}
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "eeexport")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil && !sent.Load() {
		return nil, err
	}
	if err != nil {
		return nil, lostAnswer{err}
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, lostAnswer{fmt.Errorf("read the answer: %w", err)}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, newAPIError(resp.StatusCode, read)
	}
	return &answer{read, resp.Header.Get("Idempotent-Replayed") == "true"}, nil
}
