package eetest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Method is one of Earth Engine's methods.
type Method string

// The methods of the Server. The zero Method means any of them in a Fault, and
// none of them in a Request.
const (
	ExportClassifier Method = "ExportClassifier" // POST /v1beta/projects/*/classifier:export
	GetOperation     Method = "GetOperation"     // GET  /v1beta/projects/*/operations/*
	ListOperations   Method = "ListOperations"   // GET  /v1beta/projects/*/operations
	CancelOperation  Method = "CancelOperation"  // POST /v1beta/projects/*/operations/*:cancel
	ListAlgorithms   Method = "ListAlgorithms"   // GET  /v1beta/projects/*/algorithms
)

// MethodOf returns the method that r calls, or "", for functions given to
// InjectFunc.
func MethodOf(r *http.Request) Method {
	t, _ := route(r)
	return t.method
}

// target is the meaning of a request's URL.
type target struct {
	method    Method
	version   string // v1, v1beta or v1alpha
	project   string // without "projects/"
	operation string // full name; "" if none is named
}

// route reads the escaped path, in which an encoded slash is not a separator.
func route(r *http.Request) (target, *apiError) {
	unknown := &apiError{http: http.StatusNotFound, message: "Method not found."}
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if len(parts) < 4 || parts[1] != "projects" {
		return target{}, unknown
	}
	t := target{version: parts[0], project: parts[2]}
	switch t.version {
	case "v1", "v1beta", "v1alpha":
	default:
		return target{}, unknown
	}
	rest := strings.Join(parts[3:], "/")
	id, isOperation := strings.CutPrefix(rest, "operations/")
	var cancels bool
	if isOperation {
		id, cancels = strings.CutSuffix(id, ":cancel")
		t.operation = "projects/" + t.project + "/operations/" + id
	}
	switch {
	case r.Method == http.MethodPost && rest == "classifier:export":
		t.method = ExportClassifier
	case r.Method == http.MethodGet && rest == "operations":
		t.method = ListOperations
	case r.Method == http.MethodGet && rest == "algorithms":
		t.method = ListAlgorithms
	case r.Method == http.MethodGet && isOperation && id != "":
		t.method = GetOperation
	case r.Method == http.MethodPost && isOperation && id != "" && cancels:
		t.method = CancelOperation
	default:
		return target{}, unknown
	}
	return t, nil
}

// isSystemParameter reports whether every Google API takes the query parameter.
func isSystemParameter(name string) bool {
	switch strings.TrimPrefix(name, "$") {
	case "alt", "prettyPrint", "fields", "key", "quotaUser", "callback", "access_token",
		"oauth_token", "uploadType", "upload_protocol", "xgafv", ".xgafv":
		return true
	}
	return false
}

// listParameters are the query parameters of ListOperations; other methods have
// none.
var listParameters = []string{"pageSize", "pageToken", "filter", "name", "page_size", "page_token", "returnPartialSuccess"}

// checkQuery refuses unknown query parameters as Google's servers do.
func (t target) checkQuery(r *http.Request) *apiError {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalidArgument(fieldViolation{Description: "Invalid query string."})
	}
	for name := range values {
		if !isSystemParameter(name) && (t.method != ListOperations || !slices.Contains(listParameters, name)) {
			return invalidArgument(fieldViolation{Field: name, Description: `Invalid JSON payload received. Unknown name "` + name +
				`": Cannot bind query parameter. Field '` + name + `' could not be found in request message.`})
		}
	}
	return nil
}
