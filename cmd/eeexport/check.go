package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/request"
)

// checkRequest checks a request as the function does. It reports positions as
// an editor shows them.
func checkRequest(body []byte, level expression.Level) (*request.Request, []eeclient.FieldViolation) {
	req, violations := request.Read(body, request.Options{Check: level, Time: time.Now()})
	for i := range violations.List {
		violations.List[i].Description = located(body, violations.List[i].Description)
	}
	return req, violations.List
}

// readEnvelope splits a request into its fields, or returns the function's own
// error if it is not one JSON object.
func readEnvelope(body []byte) (envelope, error) {
	e, err := parseEnvelope(body)
	_, violations := checkRequest(body, expression.Off)
	isSyntax := func(v eeclient.FieldViolation) bool { return strings.HasPrefix(v.Description, notJSON) }
	if err != nil && len(violations) > 0 || slices.ContainsFunc(violations, isSyntax) {
		return nil, invalid(violations)
	}
	return e, err
}

// notJSON is the prefix of the function's syntax errors.
const notJSON = "not valid JSON"

var atByte = regexp.MustCompile(`^` + notJSON + ` at byte (\d+)`)

// located replaces the byte in a syntax error of body by a line and a column,
// counted in characters from 1.
func located(body []byte, description string) string {
	found := atByte.FindStringSubmatch(description)
	if found == nil {
		return description
	}
	offset, err := strconv.Atoi(found[1])
	if err != nil || offset > len(body) {
		return description
	}
	before := body[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%s at line %d, column %d%s", notJSON, line, column, description[len(found[0]):])
}
