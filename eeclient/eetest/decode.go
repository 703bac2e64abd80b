package eetest

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// exportRequest holds the fields of a request, without the nodes of the
// expression. Messages are nil if unset.
type exportRequest struct {
	project     string
	expression  message
	result      string
	values      message
	description string
	requestID   string
	options     message
	destination message
	asset       string
	overwrite   bool
	workloadTag string
	priority    *int // nil if unset
}

// decodeExport reads the body of a classifier:export request.
func decodeExport(body []byte) (*exportRequest, *apiError) {
	var whole jsontext.Value
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, invalidArgument(fieldViolation{Description: "Invalid JSON payload received. " + err.Error()})
	}
	var d decoder
	request := d.message(value{whole, ""}, "ExportClassifierRequest",
		"project", "expression", "description", "requestId", "assetExportOptions", "workloadTag", "priority")
	expression := d.message(request["expression"], "Expression", "result", "values")
	options := d.message(request["assetExportOptions"], "ClassifierAssetExportOptions", "earthEngineDestination")
	destination := d.message(options["earthEngineDestination"], "EarthEngineDestination", "name", "overwrite")
	decoded := &exportRequest{
		project:     d.string(request["project"]),
		expression:  expression,
		result:      d.string(expression["result"]),
		values:      d.members(expression["values"], "map"),
		description: d.string(request["description"]),
		requestID:   d.string(request["requestId"]),
		options:     options,
		destination: destination,
		asset:       d.string(destination["name"]),
		overwrite:   d.is(destination["overwrite"], "TYPE_BOOL", "tf") && destination["overwrite"].Kind() == 't',
		workloadTag: d.string(request["workloadTag"]),
		priority:    d.wrappedInt32(request["priority"]),
	}
	if len(d.violations) > 0 {
		return nil, invalidArgument(d.violations...)
	}
	return decoded, nil
}
