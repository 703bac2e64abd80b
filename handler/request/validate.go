package request

import (
	"fmt"
	"strings"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/requestid"
)

const (
	// maxAssetBytes is the limit of a Pub/Sub attribute, which holds the asset's
	// name: an Operation that cannot be published must not start.
	maxAssetBytes = 1024

	// maxDescriptionBytes keeps the Operation, which repeats the description, in
	// a Pub/Sub message of 10 MB, even if each byte of it is escaped.
	maxDescriptionBytes = 1 << 20

	// legacyPrefix is where Earth Engine keeps the assets of users/… and
	// projects/… IDs
	// (https://developers.google.com/earth-engine/guides/manage_assets).
	legacyPrefix = "projects/earthengine-legacy/assets/"
)

// validate checks what decode has read, field by field, against
// https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export
// and fills in the project, the placeholders and the expression's arguments.
func (r *Request) validate(o Options, found *violations) {
	r.resolveProject(o, found)
	varies := r.resolvePlaceholders(o.Time, found)
	r.checkExpression(o, found)
	if len(r.Description) > maxDescriptionBytes {
		found.add("description", fmt.Sprintf("must have at most %d bytes", maxDescriptionBytes))
	}
	r.validateRequestID(varies, found)
	if !isWorkloadTag(r.WorkloadTag) && r.WorkloadTag != "" {
		found.add("workloadTag", "must be 1 to 63 characters: a-z, 0-9, - and _, beginning and ending with a letter or digit")
	}
	r.validateDestination(found)
}

// resolveProject settles which project is charged: the path's, with which the
// body's must agree, or else the deployment's own.
func (r *Request) resolveProject(o Options, found *violations) {
	switch {
	case o.Project == "" && r.Project == "":
		r.Project = o.DefaultProject
		return
	case o.Project != "" && r.Project != "" && o.Project != r.Project:
		found.add("project", text.Quote(r.Project)+" differs from the path's project "+text.Quote(o.Project))
		return
	case o.Project != "":
		r.Project = o.Project
	}
	if !resource.IsProject(r.Project) {
		found.add("project", "must be projects/{id or number}, such as projects/my-project")
	}
}

// validateRequestID checks the request's own ID. Varies is set if other fields
// change with every run of a schedule.
func (r *Request) validateRequestID(varies bool, found *violations) {
	const field = "requestId"
	switch {
	case r.RequestID == "":
		return
	case requestid.IsDerived(r.RequestID):
		found.add(field, "must not begin with eeexport-, which is reserved for derived IDs")
	case !requestid.IsValid(r.RequestID):
		found.add(field, "must be at most 60 characters: a-z, A-Z, 0-9 and -")
	case varies:
		found.add(field, "is the same for every run, but other fields have placeholders, so only the first run would start an export: write {date} or {time} in requestId too, or leave it out")
	}
}

// validateDestination checks the asset to write.
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
		found.add(field+".name", "may hold {date}, {isodate} and {time} in its last segment, but no other braces")
	case !resource.IsAsset(name):
		found.add(field+".name", "must be projects/*/assets/**, each segment of a-z, A-Z, 0-9, - and _"+converted(name))
	}
}

// converted suggests the name of an asset, given its older ID, such as
// users/me/rf, or a name that lacks assets.
func converted(id string) string {
	if strings.Contains(id, "/assets/") {
		return ""
	}
	older := legacyPrefix + id
	switch first, rest, _ := strings.Cut(id, "/"); first {
	case "users":
		if resource.IsAsset(older) {
			return ": write " + text.Quote(older)
		}
	case "projects":
		project, rest, _ := strings.Cut(rest, "/")
		if name := "projects/" + project + "/assets/" + rest; resource.IsAsset(name) {
			return fmt.Sprintf(": write %s, or %s for an older asset", text.Quote(name), text.Quote(older))
		}
	}
	return ""
}

func isWorkloadTag(s string) bool {
	return len(s) <= 63 && resource.ConsistsOf(s, resource.IsLowerAlnum, '-', '_') &&
		resource.IsLowerAlnum(s[0]) && resource.IsLowerAlnum(s[len(s)-1])
}
