package api_test

import (
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/handlertest"
	"example.com/eeexport/handler/request"
)

const requestSchema = "/components/messages/request/payload"

// TestRequestsAreDescribed holds schemas/request.json to the function's own
// reading: what one accepts or refuses the other does as well.
func TestRequestsAreDescribed(t *testing.T) {
	d := describe(t, "asyncapi.yaml")
	for _, name := range requests.Names() {
		d.checkOpen(t, requestSchema, parseJSON(t, requests.Get(name)))
	}
	value := func(node string) handlertest.Fields {
		return handlertest.Fields{"expression": `{"result":"0","values":{"0":` + node + `}}`}
	}
	asset := handlertest.Asset
	for name, fields := range map[string]handlertest.Fields{
		"the least":                            {},
		"all fields":                           {"project": `"projects/p"`, "description": `"d {isotime}"`, "requestId": `"r-{date}"`, "workloadTag": `"a_b"`, "priority": `0`},
		"a project with a domain":              {"project": `"projects/example.com:p"`},
		"a project by number":                  {"project": `"projects/123"`},
		"a project without projects/":          {"project": `"p"`},
		"a project in upper case":              {"project": `"projects/P"`},
		"a project that is not a string":       {"project": `1`},
		"no expression":                        {"expression": ""},
		"an expression as a string":            {"expression": `"{}"`},
		"a bare node":                          {"expression": `{"functionInvocationValue":{}}`},
		"an expression without a result":       {"expression": `{"values":{"0":{"constantValue":1}}}`},
		"an expression with more":              {"expression": `{"result":"0","values":{"0":{"constantValue":1}},"x":1}`},
		"every kind of node":                   value(`{"functionInvocationValue":{"functionName":"f","arguments":{"a":{"constantValue":null},"b":{"integerValue":"-9"},"c":{"bytesValue":"AA=="},"d":{"arrayValue":{"values":[{"constantValue":[1,{}]}]}},"e":{"dictionaryValue":{"values":{"k":{"constantValue":1}}}}}}}`),
		"a node without a value":               value(`{}`),
		"a node with two values":               value(`{"constantValue":1,"integerValue":"1"}`),
		"a node that is not known":             value(`{"value":1}`),
		"an integer that is invalid":           value(`{"integerValue":"x"}`),
		"a call of nothing":                    value(`{"functionInvocationValue":{"arguments":{}}}`),
		"a call by name and by reference":      value(`{"functionInvocationValue":{"functionName":"f","functionReference":"0"}}`),
		"a call whose argument is not a node":  value(`{"functionInvocationValue":{"functionName":"f","arguments":{"a":1}}}`),
		"a definition without a body":          value(`{"functionDefinitionValue":{"argumentNames":[]}}`),
		"a derived request ID":                 {"requestId": `"eeexport-1"`},
		"a request ID with a dot":              {"requestId": `"a.b"`},
		"a request ID with {isotime}":          {"requestId": `"a{isotime}"`},
		"an empty request ID":                  {"requestId": `""`},
		"no destination":                       {"assetExportOptions": `{}`},
		"no options":                           {"assetExportOptions": ""},
		"another destination":                  {"assetExportOptions": `{"driveDestination":{}}`},
		"no name":                              {"assetExportOptions": `{"earthEngineDestination":{}}`},
		"overwrite":                            {"assetExportOptions": `{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":true}}`},
		"overwrite as a string":                {"assetExportOptions": `{"earthEngineDestination":{"name":"projects/p/assets/a","overwrite":"yes"}}`},
		"an asset in folders, with a date":     asset("projects/p/assets/a/b/c_{date}-{time}{isodate}"),
		"an asset with a date in a folder":     asset("projects/p/assets/{date}/a"),
		"an asset with another placeholder":    asset("projects/p/assets/a{now}"),
		"an asset with a colon in its date":    asset("projects/p/assets/a{isotime}"),
		"an asset by its old ID":               asset("users/me/rf"),
		"an asset that ends in a slash":        asset("projects/p/assets/a/"),
		"an asset that is too long":            asset("projects/p/assets/" + strings.Repeat("a", 1024)),
		"a tag of 63":                          {"workloadTag": `"` + strings.Repeat("a", 63) + `"`},
		"a tag of 64":                          {"workloadTag": `"` + strings.Repeat("a", 64) + `"`},
		"an empty tag":                         {"workloadTag": `""`},
		"a tag in upper case":                  {"workloadTag": `"A"`},
		"a tag that ends in a hyphen":          {"workloadTag": `"a-"`},
		"a priority as the Python client does": {"priority": `{"value":9999}`},
		"a priority of nothing":                {"priority": `{}`},
		"a priority with more":                 {"priority": `{"value":1,"x":1}`},
		"a priority above":                     {"priority": `10000`},
		"a priority below":                     {"priority": `-1`},
		"a fraction of a priority":             {"priority": `1.5`},
		"arguments that are a list":            {"arguments": `[]`},
		"an unknown field":                     {"extra": `1`},
	} {
		t.Run(name, func(t *testing.T) {
			body := fields.Body()
			_, violations := request.Read(body, request.Options{
				Check: expression.Structure, DefaultProject: "projects/p", Time: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
			})
			schema, err := d.compiler.Compile(d.url + "#" + requestSchema)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(parseJSON(t, body)); (err == nil) != (len(violations.List) == 0) {
				t.Errorf("%s\nthe function: %v\nthe schema: %v", body, violations.List, err)
			}
		})
	}
}
