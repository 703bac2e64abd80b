package handler

import (
	"fmt"
	"strings"
	"time"
)

const (
	maxRequestIDBytes = 60

	// maxAssetBytes is what a Pub/Sub attribute holds: the asset's name is one,
	// and an Operation that cannot be published must not start.
	maxAssetBytes = maxAttributeBytes
)

// validate checks what decode has read, field by field, against
// https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export
// and fills in what the request left open: the project, and the placeholders.
func (r *Request) validate(d *delivery, defaultProject string, found *violations) {
	r.resolveProject(d, defaultProject, found)
	if r.Expression == nil {
		found.require("expression", "required: an Earth Engine expression that evaluates to a classifier")
	}
	if !isRequestID(r.RequestID) && r.RequestID != "" {
		found.add("requestId", "must be at most 60 of a-z, A-Z, 0-9 and -")
	}
	if !isWorkloadTag(r.WorkloadTag) && r.WorkloadTag != "" {
		found.add("workloadTag", "must be 1 to 63 of a-z, 0-9, - and _, and begin and end with a letter or digit")
	}
	r.resolvePlaceholders(d.time)
	r.validateDestination(found)
}

// resolveProject settles which project is charged: the path's, which the
// body's must agree with, or else the deployment's own.
func (r *Request) resolveProject(d *delivery, defaultProject string, found *violations) {
	switch {
	case d.project == "" && r.Project == "":
		r.Project = defaultProject
		return
	case d.project != "" && r.Project != "" && d.project != r.Project:
		found.add("project", "is not the project of the path: "+quote(r.Project)+" and "+quote(d.project))
		return
	case d.project != "":
		r.Project = d.project
	}
	if !isProjectName(r.Project) {
		found.add("project", "must be projects/{id or number}, such as projects/my-project")
	}
}

// validateDestination checks where the classifier is to be saved.
func (r *Request) validateDestination(found *violations) {
	const field = "assetExportOptions.earthEngineDestination"
	name := r.Destination.Name
	switch {
	case name == "" && !r.hasDestination:
		found.require("assetExportOptions", "required: exactly one destination, which is earthEngineDestination")
	case name == "":
		found.require(field+".name", "required: the asset to write, projects/*/assets/**")
	case len(name) > maxAssetBytes:
		found.add(field+".name", fmt.Sprintf("must have at most %d bytes", maxAssetBytes))
	case strings.ContainsAny(name, "{}"):
		found.add(field+".name", "may hold {date} and {time}, in its last segment, and no other braces")
	case !isAssetName(name):
		found.add(field+".name", "must be projects/*/assets/**, each segment of a-z, A-Z, 0-9, - and _")
	}
}

// resolvePlaceholders replaces {date} and {time} in the description and in the
// last segment of the asset's name.
func (r *Request) resolvePlaceholders(t time.Time) {
	if !strings.Contains(r.Description, "{") && !strings.Contains(r.Destination.Name, "{") {
		return
	}
	t = t.UTC()
	placeholders := strings.NewReplacer("{date}", t.Format("20060102"), "{time}", t.Format("20060102T150405Z"))
	r.Description = placeholders.Replace(r.Description)
	name := r.Destination.Name
	last := strings.LastIndexByte(name, '/') + 1
	r.Destination.Name = name[:last] + placeholders.Replace(name[last:])
}

// isProjectName tells whether s is projects/{id or number}. An ID is of lower
// case letters, digits and hyphens, after a domain and a colon in old ones
// (https://cloud.google.com/resource-manager/docs/creating-managing-projects).
// That it exists is for Earth Engine to say.
func isProjectName(s string) bool {
	id, ok := strings.CutPrefix(s, "projects/")
	if !ok {
		return false
	}
	if domain, rest, ok := strings.Cut(id, ":"); ok {
		if !consistsOf(domain, isProjectChar, '.') || !isLowerAlnum(domain[0]) || !isLowerAlnum(domain[len(domain)-1]) {
			return false
		}
		id = rest
	}
	return len(id) <= 63 && consistsOf(id, isProjectChar) && isLowerAlnum(id[0]) && isLowerAlnum(id[len(id)-1])
}

// isAssetName tells whether s is projects/*/assets/** with segments that Earth
// Engine allows (https://developers.google.com/earth-engine/guides/manage_assets).
// No segment can be empty, a dot segment, escaped, or outside of ASCII, so that
// a name has one form alone and a prefix of it means what it says.
func isAssetName(s string) bool {
	parts := strings.Split(s, "/")
	if len(parts) < 4 || parts[2] != "assets" || !isProjectName("projects/"+parts[1]) || parts[0] != "projects" {
		return false
	}
	for _, segment := range parts[3:] {
		if !consistsOf(segment, isAlnum, '-', '_') {
			return false
		}
	}
	return true
}

func isRequestID(s string) bool {
	return len(s) <= maxRequestIDBytes && consistsOf(s, isAlnum, '-')
}

func isWorkloadTag(s string) bool {
	return len(s) <= 63 && consistsOf(s, isLowerAlnum, '-', '_') && isLowerAlnum(s[0]) && isLowerAlnum(s[len(s)-1])
}

// consistsOf tells whether s has at least one byte, and every one is of the
// class or among the others.
func consistsOf(s string, class func(byte) bool, others ...byte) bool {
	for i := 0; i < len(s); i++ {
		if !class(s[i]) && strings.IndexByte(string(others), s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

func isLowerAlnum(c byte) bool  { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
func isAlnum(c byte) bool       { return isLowerAlnum(c) || c >= 'A' && c <= 'Z' }
func isProjectChar(c byte) bool { return isLowerAlnum(c) || c == '-' }
