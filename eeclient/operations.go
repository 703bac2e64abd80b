package eeclient

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
)

// GetOperation returns the Operation with the given name,
// projects/*/operations/*. The error is an *Error.
func (c *Client) GetOperation(ctx context.Context, name string) (*Operation, error) {
	var op *Operation
	read := readOperation(&op)
	err := c.callOperation(ctx, name, &call{method: http.MethodGet, read: func(body []byte) error {
		// The project may be named by its number.
		if err := read(body); err != nil || path.Base(op.Name()) == path.Base(name) {
			return err
		}
		return errors.New("it names another Operation")
	}})
	return op, err
}

// CancelOperation asks Earth Engine to stop an Operation. Its success does not
// mean that the Operation has stopped, or will. The error is an *Error.
func (c *Client) CancelOperation(ctx context.Context, name string) error {
	return c.callOperation(ctx, name, &call{
		method: http.MethodPost, path: ":cancel", body: &body{parts: net.Buffers{[]byte("{}")}},
		read: func([]byte) error { return nil },
	})
}

// callOperation makes a call whose path begins with an Operation's name.
func (c *Client) callOperation(ctx context.Context, name string, rpc *call) error {
	if !resource.IsOperation(name) {
		return &Error{Status: "INVALID_ARGUMENT", Blame: Request,
			Message: "the Operation's name " + text.Quote(name) + " does not have the form projects/*/operations/*"}
	}
	rpc.path, rpc.idempotent = "/"+DefaultVersion+"/"+escapeName(name)+rpc.path, true
	if fault := c.do(ctx, rpc); fault != nil {
		return fault
	}
	return nil
}

// readOperation returns a call's read that parses an Operation.
func readOperation(op **Operation) func([]byte) error {
	return func(body []byte) (err error) {
		*op, err = ParseOperation(body)
		return err
	}
}

// ListOperationsRequest selects the Operations to list.
type ListOperationsRequest struct {
	// Project is projects/{id or number}.
	Project string
	// PageSize is the largest number of Operations that one call returns; 0 for
	// Earth Engine's default.
	PageSize int
	// Before, if it is not nil, runs before the call for each page. Its error
	// ends the iteration.
	Before func(context.Context) error
}

// ListOperations iterates over a project's Operations and fetches each page when
// it is needed. Their order is not documented. An error, an *Error or that of
// r.Before, ends the iteration.
func (c *Client) ListOperations(ctx context.Context, r *ListOperationsRequest) iter.Seq2[*Operation, error] {
	return func(yield func(*Operation, error) bool) {
		token := ""
		for {
			if r.Before != nil {
				if err := r.Before(ctx); err != nil {
					yield(nil, err)
					return
				}
			}
			ops, next, fault := c.listPage(ctx, r, token)
			if fault == nil && next != "" && next == token {
				fault = badAnswer(http.StatusOK, errors.New("the next page is the same"))
			}
			if fault != nil {
				yield(nil, fault)
				return
			}
			for _, op := range ops {
				if !yield(op, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			token = next
		}
	}
}

func (c *Client) listPage(ctx context.Context, r *ListOperationsRequest, token string) (ops []*Operation, next string, fault *Error) {
	query := url.Values{}
	if r.PageSize > 0 {
		query.Set("pageSize", strconv.Itoa(r.PageSize))
	}
	if token != "" {
		query.Set("pageToken", token)
	}
	fault = c.do(ctx, &call{
		method:     http.MethodGet,
		path:       "/" + DefaultVersion + "/" + escapeName(r.Project) + "/operations",
		query:      query,
		idempotent: true,
		read: func(body []byte) error {
			var answer struct {
				Operations    []json.RawMessage `json:"operations"`
				NextPageToken string            `json:"nextPageToken"`
			}
			if err := json.Unmarshal(body, &answer); err != nil {
				return errors.New("it is not a list of Operations in JSON")
			}
			ops, next = make([]*Operation, len(answer.Operations)), answer.NextPageToken
			for i, raw := range answer.Operations {
				op, err := ParseOperation(raw)
				if err != nil {
					return err
				}
				ops[i] = op
			}
			return nil
		},
	})
	return ops, next, fault
}

// escapeName escapes a resource name for a URL's path, except its slashes.
func escapeName(name string) string {
	return (&url.URL{Path: name}).EscapedPath()
}
