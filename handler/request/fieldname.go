package request

import "example.com/eeexport/eeclient/text"

// mistakes are unknown fields that people send, with advice.
var mistakes = map[string]string{
	"assetId":           "unknown field: name the asset in assetExportOptions.earthEngineDestination.name",
	"asset_id":          "unknown field: name the asset in assetExportOptions.earthEngineDestination.name",
	"body":              "unknown field: send the value of body as the request",
	"message":           "unknown field: this is a wrapped Pub/Sub push; send it to ExportClassifierEvent, or enable payload unwrapping on the subscription",
	"classifier":        "unknown field: send the serialized classifier as expression",
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

// camelCase returns the lowerCamelCase form of a field's name.
func camelCase(name string) string {
	for i := 0; i < len(name); i++ {
		if name[i] == '_' {
			return fromSnake(name)
		}
	}
	return name
}

func fromSnake(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			return name // neither form: it stays unknown
		case c != '_':
			out = append(out, c)
		case i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z' && i > 0:
			i++
			out = append(out, name[i]-'a'+'A')
		default:
			return name
		}
	}
	return string(out)
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// fieldName returns a sender's name of a field for a path: bare if it looks like a
// name, and quoted otherwise.
func fieldName(name string) string {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') || i == text.MaxQuoted {
			return text.Quote(name)
		}
	}
	return name
}
