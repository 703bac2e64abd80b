package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// apis are those that a deployment uses while it runs.
var apis = []string{
	"earthengine.googleapis.com", "pubsub.googleapis.com", "run.googleapis.com",
	"cloudfunctions.googleapis.com", "cloudscheduler.googleapis.com",
}

func (d *doctor) checkAPIs(ctx context.Context) {
	const check = "APIs"
	query := url.Values{}
	for _, api := range apis {
		query.Add("names", "projects/"+d.Project+"/services/"+api)
	}
	var answer struct {
		Services []struct{ Name, State string }
	}
	if err := d.api.get(ctx, "serviceusage", "/v1/projects/"+d.Project+"/services:batchGet?"+query.Encode(), &answer); err != nil {
		d.unknown(check, err)
		return
	}
	missing := slices.Clone(apis)
	for _, s := range answer.Services {
		if s.State == "ENABLED" {
			missing = slices.DeleteFunc(missing, func(api string) bool { return api == path.Base(s.Name) })
		}
	}
	if len(missing) > 0 {
		names := strings.Join(missing, " ")
		d.wrong(check, fmt.Sprintf("gcloud services enable %s --project=%s", names, d.Project), "not enabled: %s", names)
		return
	}
	d.ok(check, "all %d are enabled", len(apis))
}

// checkRegistration asks whether the project may use Earth Engine, and on which
// terms (https://developers.google.com/earth-engine/reference/rest/v1/ProjectConfig).
func (d *doctor) checkRegistration(ctx context.Context) {
	const check = "Earth Engine"
	var config struct {
		RegistrationState    string
		MaxConcurrentExports int
	}
	register := "https://code.earthengine.google.com/register?project=" + d.Project
	err := d.api.get(ctx, "earthengine", "/v1/projects/"+d.Project+"/config", &config)
	switch fault, _ := err.(*apiError); {
	case fault != nil && strings.Contains(fault.Message, "not registered"):
		config.RegistrationState = "NOT_REGISTERED"
	case err != nil:
		d.unknown(check, err)
		return
	}
	tasks := ""
	if n := config.MaxConcurrentExports; n > 0 {
		tasks = fmt.Sprintf("; it runs %d exports at once", n)
	}
	switch config.RegistrationState {
	case "REGISTERED_COMMERCIALLY":
		d.ok(check, "the project is registered for commercial use%s", tasks)
	case "REGISTERED_NOT_COMMERCIALLY":
		d.ok(check, "the project is registered for noncommercial use, which has a monthly limit of EECU-hours%s", tasks)
	case "NOT_REGISTERED":
		d.wrong(check, register, "the project is not registered with Earth Engine")
	default:
		d.add(Finding{check, Unknown, "Earth Engine does not say whether the project is registered", register})
	}
}

// roles are the roles that an account needs on the project to start exports, each
// with permissions that show whether it has the role.
var roles = []struct {
	role        string
	permissions []string
}{
	{"roles/earthengine.writer", []string{"earthengine.exports.create", "earthengine.computations.create", "earthengine.operations.get"}},
	{"roles/serviceusage.serviceUsageConsumer", []string{"serviceusage.services.use"}},
}

// permitted returns which of the permissions the account has on something.
func (d *doctor) permitted(ctx context.Context, api, path string, permissions []string) ([]string, error) {
	var answer struct{ Permissions []string }
	err := d.api.call(ctx, http.MethodPost, api, path+":testIamPermissions", map[string]any{"permissions": permissions}, &answer)
	return answer.Permissions, err
}

// checkPermissions asks whether the account can start and follow exports.
func (d *doctor) checkPermissions(ctx context.Context) {
	const check = "permissions"
	var wanted []string
	for _, r := range roles {
		wanted = append(wanted, r.permissions...)
	}
	held, err := d.permitted(ctx, "cloudresourcemanager", "/v1/projects/"+d.Project, wanted)
	if err != nil {
		d.unknown(check, err)
		return
	}
	complete := true
	for _, r := range roles {
		missing := slices.DeleteFunc(slices.Clone(r.permissions), func(p string) bool { return slices.Contains(held, p) })
		if len(missing) > 0 {
			complete = false
			d.wrong(check, d.grant(r.role), "%s lacks %s", d.who, strings.Join(missing, ", "))
		}
	}
	if complete {
		d.ok(check, "%s can start and follow exports", d.who)
	}
}
