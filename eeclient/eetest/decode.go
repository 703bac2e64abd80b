package eetest

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// exportRequest holds the fields of a request, without the nodes of the
// expression.
type exportRequest struct {
	project       string
	hasExpression bool
	result        string
	hasResult     bool
	hasValues     bool
	resultNamed   bool // result names an entry of values
	description   string
	requestID     string
	hasOptions    bool
	hasDest       bool
	asset         string
	overwrite     bool
	workloadTag   string
	priority      *int // nil if unset
}

// decodeExport reads the body of a classifier:export request in one pass, and
// copies nothing of the expression.
func decodeExport(body []byte) (*exportRequest, *apiError) {
	// The decoder reads a bytes.Buffer in place.
	d := &decoder{Decoder: jsontext.NewDecoder(bytes.NewBuffer(body))}
	req := new(exportRequest)
	err := d.object("", "type.googleapis.com/google.earthengine.v1.ExportClassifierRequest", func(name, path string) error { return d.requestField(req, name, path) })
	if err == nil {
		if _, end := d.ReadToken(); end != io.EOF {
			err = errors.New("expected the end of the payload after the request")
		}
	}
	if err != nil {
		return nil, invalidArgument(fieldViolation{Description: "Invalid JSON payload received. " + err.Error()})
	}
	if len(d.violations) > 0 {
		return nil, invalidArgument(d.violations...)
	}
	return req, nil
}

func (d *decoder) requestField(req *exportRequest, name, path string) (err error) {
	switch name {
	case "project":
		req.project, err = d.string(path)
	case "expression":
		req.hasExpression = d.PeekKind() == '{'
		err = d.expression(req, path)
	case "description":
		req.description, err = d.string(path)
	case "requestId":
		req.requestID, err = d.string(path)
	case "assetExportOptions":
		req.hasOptions = d.PeekKind() == '{'
		err = d.object(path, "type.googleapis.com/google.earthengine.v1.ClassifierAssetExportOptions", func(name, path string) error {
			if name != "earthEngineDestination" {
				return errUnknown
			}
			req.hasDest = d.PeekKind() == '{'
			return d.destination(req, path)
		})
	case "workloadTag":
		req.workloadTag, err = d.string(path)
	case "priority":
		req.priority, err = d.wrappedInt32(path)
	default:
		return errUnknown
	}
	return err
}

func (d *decoder) destination(req *exportRequest, path string) error {
	return d.object(path, "type.googleapis.com/google.earthengine.v1.EarthEngineDestination", func(name, path string) (err error) {
		switch name {
		case "name":
			req.asset, err = d.string(path)
		case "overwrite":
			req.overwrite, err = d.bool(path)
		default:
			return errUnknown
		}
		return err
	})
}

// expression reads the two fields of an Expression and the names in values, and
// skips the nodes.
func (d *decoder) expression(req *exportRequest, path string) error {
	names := make(map[string]bool)
	err := d.object(path, "type.googleapis.com/google.earthengine.v1.Expression", func(name, path string) (err error) {
		switch name {
		case "result":
			req.hasResult = d.PeekKind() == '"'
			req.result, err = d.string(path)
		case "values":
			req.hasValues = d.PeekKind() == '{'
			err = d.names(path, names)
		default:
			return errUnknown
		}
		return err
	})
	req.resultNamed = names[req.result]
	return err
}
