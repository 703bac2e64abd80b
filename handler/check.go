package handler

import (
	"time"

	"example.com/eeexport/eeclient/expression"
)

// Check reads and validates one request body as both doors do, without a
// network and without a deployment: what the deployment allows is not asked.
// The request is usable only where there are no violations. Placeholders are
// filled in with the time at.
func Check(body []byte, level expression.Level, at time.Time) (*Request, []Violation) {
	var req Request
	var found violations
	if decode(body, &req, level, &found) {
		req.validate(&delivery{time: at}, "", &found)
	}
	return &req, found.list
}
