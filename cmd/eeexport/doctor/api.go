package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/rpcstatus"
	"example.com/eeexport/eeclient/text"
)

// callTimeout bounds each call.
const callTimeout = 20 * time.Second

// endpoint returns the base URL of one of Google's APIs. EARTHENGINE_ENDPOINT
// overrides that of Earth Engine, as in the function, and gcloud's variables, such
// as CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB, those of others. A token is sent
// there, so it must be https, or this machine.
func endpoint(api string) (string, error) {
	name := "CLOUDSDK_API_ENDPOINT_OVERRIDES_" + strings.ToUpper(api)
	if api == "earthengine" {
		name = "EARTHENGINE_ENDPOINT"
	}
	base := cmp.Or(strings.TrimRight(os.Getenv(name), "/"), "https://"+api+".googleapis.com")
	if err := eeclient.CheckEndpoint(base); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return base, nil
}

// apiClient calls Google's APIs with one token.
type apiClient struct {
	http         *http.Client
	now          func() time.Time
	token        string
	quotaProject string

	skew  time.Duration // how far this machine's clock is ahead
	timed bool          // skew is known
}

// apiError is an answer that is not a success.
type apiError struct {
	Code            int
	Message         string
	Reason, Service string // of its google.rpc.ErrorInfo
}

// Error returns the status and the message.
func (e *apiError) Error() string { return fmt.Sprintf("answered %d: %s", e.Code, e.Message) }

// get reads what is at a path of an API.
func (c *apiClient) get(ctx context.Context, api, path string, out any) error {
	return c.call(ctx, http.MethodGet, api, path, nil, out)
}

// call sends in, if it is not nil, as a form or as JSON, and reads the answer into
// out.
func (c *apiClient) call(ctx context.Context, method, api, path string, in, out any) error {
	base, err := endpoint(api)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, contentType, err := encode(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", contentType)
	if c.quotaProject != "" {
		req.Header.Set("X-Goog-User-Project", c.quotaProject)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	c.noteTime(resp.Header)
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return newAPIError(resp.StatusCode, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return errors.New("the answer does not match the API's documentation")
	}
	return nil
}

func encode(in any) (body io.Reader, contentType string, err error) {
	switch in := in.(type) {
	case nil:
		return http.NoBody, "application/json", nil
	case url.Values:
		return strings.NewReader(in.Encode()), "application/x-www-form-urlencoded", nil
	}
	encoded, err := json.Marshal(in)
	return bytes.NewReader(encoded), "application/json", err
}

// noteTime compares the clocks. A Date header has seconds only, so half of one is
// added.
func (c *apiClient) noteTime(header http.Header) {
	if at, err := http.ParseTime(header.Get("Date")); err == nil && !c.timed {
		c.skew, c.timed = c.now().Sub(at.Add(time.Second/2)), true
	}
}

func newAPIError(code int, body []byte) *apiError {
	e := &apiError{Code: code, Message: http.StatusText(code)}
	if said, ok := rpcstatus.Parse(code, body); ok && said.Message != "" {
		e.Message = text.Clip(text.OneLine(said.Message), 300)
		for _, info := range said.Details.ErrorInfos() {
			e.Reason, e.Service = info.Reason, info.Metadata["service"]
		}
	}
	return e
}

// notFound reports whether an API says that something does not exist.
func notFound(err error) bool {
	var fault *apiError
	return errors.As(err, &fault) && fault.Code == http.StatusNotFound
}
