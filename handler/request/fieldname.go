package request

import (
	"cmp"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
)

const bareExpression = "unknown field: an expression alone is not a request; send it as the field expression"

// mistakes are unknown fields that people send, with advice.
var mistakes = map[string]string{
	"assetId":           "unknown field: name the asset in assetExportOptions.earthEngineDestination.name",
	"asset_id":          "unknown field: name the asset in assetExportOptions.earthEngineDestination.name",
	"body":              "unknown field: send the value of body as the request",
	"message":           "unknown field: this is a wrapped Pub/Sub push; send it to ExportClassifierEvent, or enable payload unwrapping on the subscription",
	"classifier":        "unknown field: send the serialized classifier as expression",
	"result":            bareExpression,
	"values":            bareExpression,
	"maxWorkers":        "unknown field: the export of a classifier takes no maxWorkers",
	"fileExportOptions": "unknown field: a classifier is exported to an asset, with assetExportOptions",
}

// unknownField describes the violation of an unknown field.
func unknownField(path, name string) string {
	if advice, ok := mistakes[name]; ok && path == "" {
		return advice
	}
	return "unknown field"
}

// snakeCase are the fields that have another name in snake_case.
var snakeCase = map[string]string{
	"request_id": "requestId", "workload_tag": "workloadTag",
	"asset_export_options": "assetExportOptions", "earth_engine_destination": "earthEngineDestination",
}

// camelCase returns the lowerCamelCase form of a field's name.
func camelCase(name string) string { return cmp.Or(snakeCase[name], name) }

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// fieldName returns the name that a sender gave a field, as an element of a path:
// bare if it looks like a name, and quoted otherwise.
func fieldName(name string) string {
	if name == "" || len(name) <= text.MaxQuoted && resource.ConsistsOf(name, resource.IsAlnum, '_') {
		return name
	}
	return text.Quote(name)
}
