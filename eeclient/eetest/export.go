package eetest

import (
	"fmt"
	"regexp"

	"example.com/eeexport/eeclient/resource"
)

var (
	requestIDForm   = regexp.MustCompile(`^[A-Za-z0-9-]{0,60}$`)
	workloadTagForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)?$`)
)

const (
	defaultPriority = 100
	maxPriority     = 9999
)

// exportClassifier starts an export, or finds the one that has been started.
func (s *Server) exportClassifier(c *call) *answer {
	req, refusal := decodeExport(c.body)
	if refusal != nil {
		return refusal.answer()
	}
	if violations := req.check(c.project); len(violations) > 0 {
		return invalidArgument(violations...).answer()
	}
	op := Operation{
		Project:     c.project,
		Type:        "EXPORT_CLASSIFIER",
		Caller:      c.caller,
		RequestID:   req.requestID,
		Description: req.description,
		Asset:       req.asset,
		Overwrite:   req.overwrite,
		WorkloadTag: req.workloadTag,
		Priority:    defaultPriority,
		version:     c.version,
	}
	if req.priority != nil {
		op.Priority = *req.priority
	}
	op, refusal = s.store.start(op, c.body, c.record, s.meter.quotas.QueuedTasks)
	if refusal != nil {
		return refusal.answer()
	}
	op.version = c.version
	return &answer{status: 200, body: op.JSON()}
}

// check applies the documented rules, and returns every violation.
func (req *exportRequest) check(project string) (violations []fieldViolation) {
	violate := func(field, format string, args ...any) {
		violations = append(violations, fieldViolation{field, field + ": " + fmt.Sprintf(format, args...)})
	}
	if !resource.IsProject("projects/" + project) {
		violate("project", "'projects/%s' is not of the form projects/{project-id}.", project)
	}
	if req.project != "" && req.project != "projects/"+project {
		violate("project", "'%s' is not the project that the URL names.", req.project)
	}
	switch {
	case req.expression == nil:
		violate("expression", "Required field is missing.")
	default:
		if req.result == "" {
			violate("expression.result", "Required field is missing.")
		}
		if req.values == nil {
			violate("expression.values", "Required field is missing.")
		} else if _, ok := req.values[req.result]; req.result != "" && !ok {
			violate("expression.result", "'%s' names no entry of values.", req.result)
		}
	}
	if !requestIDForm.MatchString(req.requestID) {
		violate("requestId", "Must consist of a-z, A-Z, 0-9 and '-', and be at most 60 characters long.")
	}
	switch {
	case req.options == nil:
		violate("assetExportOptions", "Required field is missing.")
	case req.destination == nil:
		violate("assetExportOptions.earthEngineDestination", "Exactly one destination is required.")
	case req.asset == "":
		violate("assetExportOptions.earthEngineDestination.name", "Required field is missing.")
	case !resource.IsAsset(req.asset):
		violate("assetExportOptions.earthEngineDestination.name", "'%s' is not of the form projects/*/assets/**.", req.asset)
	}
	if !workloadTagForm.MatchString(req.workloadTag) {
		violate("workloadTag", "Must be empty, or 1 to 63 characters of a-z, 0-9, '-' and '_' that begin and end with a letter or digit.")
	}
	if req.priority != nil && (*req.priority < 0 || *req.priority > maxPriority) {
		violate("priority", "%d is not in the range 0 to %d.", *req.priority, maxPriority)
	}
	return violations
}
