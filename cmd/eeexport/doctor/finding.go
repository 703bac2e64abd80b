// Package doctor finds out what a deployment of eeexport lacks. It asks Google's
// APIs with one account and changes nothing. For each check it reports ok, wrong
// or unknown, with the command that fixes it.
//
//	findings := doctor.Run(ctx, doctor.Config{Project: "my-project", Name: "eeexport"}, nil)
package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Status is the result of a check.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Wrong   Status = "wrong"
	Unknown Status = "unknown" // it could not be checked
)

// Finding is the report of a check. Its JSON is a line of 'doctor --json'.
type Finding struct {
	// Check names what was checked, in a few words.
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Text says what was found.
	Text string `json:"text"`
	// Fix is a command or a page that fixes it; "" if there is none.
	Fix string `json:"fix,omitempty"`
}

// Config is one run.
type Config struct {
	// Project is the deployment's, without projects/.
	Project string
	// Name is the prefix of its resources' names.
	Name string
	// Impersonate is the e-mail address of a service account to check as; "" for
	// the credentials' own account.
	Impersonate string
	// Now is the clock that is compared with Google's; [time.Now] if nil.
	Now func() time.Time
}

// doctor is the state of a run.
type doctor struct {
	Config
	api    *apiClient
	who    string // the account: user:…, serviceAccount:…
	report func(Finding)
	found  []Finding

	functions map[string]*function // by entry point
}

// Run makes all checks, and calls report, if it is not nil, with each finding as
// it comes.
func Run(ctx context.Context, cfg Config, report func(Finding)) []Finding {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	d := &doctor{Config: cfg, report: report}
	if !d.checkAccount(ctx) {
		return d.found
	}
	d.checkClock()
	d.checkAPIs(ctx)
	d.checkRegistration(ctx)
	d.checkPermissions(ctx)
	d.checkFunctions(ctx)
	d.checkSchedule(ctx)
	d.checkTopics(ctx)
	d.checkSubscriptions(ctx)
	return d.found
}

func (d *doctor) add(f Finding) {
	d.found = append(d.found, f)
	if d.report != nil {
		d.report(f)
	}
}

func (d *doctor) ok(check, format string, args ...any) {
	d.add(Finding{Check: check, Status: OK, Text: fmt.Sprintf(format, args...)})
}

func (d *doctor) wrong(check, fix, format string, args ...any) {
	d.add(Finding{Check: check, Status: Wrong, Text: fmt.Sprintf(format, args...), Fix: fix})
}

// unknown adds the finding of a check whose call failed.
func (d *doctor) unknown(check string, err error) {
	f := Finding{Check: check, Status: Unknown, Text: err.Error()}
	var fault *apiError
	switch {
	case !errors.As(err, &fault):
	case fault.Reason == "SERVICE_DISABLED":
		f.Fix = fmt.Sprintf("gcloud services enable %s --project=%s", fault.Service, d.Project)
	case fault.Code == http.StatusForbidden:
		f.Fix = d.grant("roles/viewer")
	}
	d.add(f)
}

// grant returns the command that grants the account a role on the project.
func (d *doctor) grant(role string) string {
	return fmt.Sprintf("gcloud projects add-iam-policy-binding %s --member=%s --role=%s", d.Project, d.who, role)
}
