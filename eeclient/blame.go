package eeclient

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/rpcstatus"
)

// Blame is whose fault a failed call is. It is decided here, once, from Earth
// Engine's answer or the network's error.
type Blame int

const (
	// Nobody: a network, a proxy or Earth Engine failed for the moment.
	Nobody Blame = iota
	// Quota: a rate, the queue or a daily limit is used up for now.
	Quota
	// Deployment: Earth Engine does not accept the credentials or the project,
	// until somebody fixes them.
	Deployment
	// Request: the same request will be refused again.
	Request
)

// String returns the name in lower case.
func (b Blame) String() string {
	return [...]string{"nobody", "quota", "deployment", "request"}[b]
}

// Permanent reports whether the same call can never succeed.
func (b Blame) Permanent() bool { return b == Request }

const (
	// queueFull is in the message of the limit of 3,000 queued tasks, whose
	// status is not documented.
	queueFull = "Too many tasks already in the queue"
	// dailyLimit is in the message of the daily limit of EECU-time
	// (https://developers.google.com/earth-engine/guides/cost_controls).
	dailyLimit = "exceeded the custom quota"
)

// quotaReasons are reasons of an ErrorInfo or in errors[].
var quotaReasons = []string{
	"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded",
}

// What fixes a deployment.
const (
	grantRole     = "grant the service account roles/earthengine.writer and roles/serviceusage.serviceUsageConsumer on the project"
	enableAPI     = "enable the Earth Engine API in the project"
	register      = "register the project for Earth Engine: https://code.earthengine.google.com/register"
	checkProject  = "check the project's state in the Cloud console"
	checkAccount  = "check that the service account exists, is enabled, and has a valid key"
	grantScope    = "give the credentials the scope " + Scope
	enableBilling = "enable billing for the project"
)

// deploymentReasons are reasons of an ErrorInfo of the domain googleapis.com
// (https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto),
// with what fixes each. Any other reason that begins with ACCESS_TOKEN_ has the remedy
// checkAccount.
var deploymentReasons = map[string]string{
	"SERVICE_DISABLED":                enableAPI,
	"BILLING_DISABLED":                enableBilling,
	"CONSUMER_INVALID":                checkProject,
	"CONSUMER_SUSPENDED":              checkProject,
	"USER_PROJECT_DENIED":             grantRole,
	"CREDENTIALS_MISSING":             checkAccount,
	"ACCOUNT_STATE_INVALID":           checkAccount,
	"ACCESS_TOKEN_SCOPE_INSUFFICIENT": grantScope,
}

// deploymentTexts are parts of messages that have been seen without an
// ErrorInfo, with what fixes each.
var deploymentTexts = map[string]string{
	"is not registered to use Earth Engine":                   register,
	"Not signed up for Earth Engine":                          register,
	"Caller does not have required permission to use project": grantRole,
}

// projectPermissions are those that an export needs on its project, whatever
// the request asks for.
var projectPermissions = []string{
	"earthengine.exports.create", "earthengine.computations.create", "serviceusage.services.use",
}

// judge decides whose fault the answer is, whether another attempt within
// seconds can succeed, and whether the call may have had its effect. body is
// Google's body, or zero if there is none: a 4xx without one comes from a proxy.
func (e *Error) judge(body *rpcstatus.Status) {
	code := e.Code
	daily := slices.Contains(body.Reasons(), "dailyLimitExceeded") ||
		strings.Contains(body.Message, queueFull) || strings.Contains(body.Message, dailyLimit)
	switch {
	case code == http.StatusTooManyRequests, body.Status == "RESOURCE_EXHAUSTED", daily,
		slices.ContainsFunc(body.Reasons(), func(r string) bool { return slices.Contains(quotaReasons, r) }):
		// A full queue lasts for minutes and a daily limit for hours, so
		// waiting within the request would not help.
		e.Status, e.Blame, e.soon = "RESOURCE_EXHAUSTED", Quota, !daily
	case code == http.StatusUnauthorized:
		e.Blame, e.Remedy = Deployment, checkAccount
	case code < 500 && remedy(body) != "":
		e.Blame, e.Remedy = Deployment, remedy(body)
	case code < 400, code >= 500, !e.google, e.Status == "ABORTED",
		code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == 499:
		e.soon, e.MayHaveStarted = true, true
		return
	default:
		e.Blame = Request
	}
	e.MayHaveStarted = !e.google
}

// remedy returns what fixes the deployment, if the body says that Earth Engine
// does not accept the credentials or the project; "" otherwise.
func remedy(body *rpcstatus.Status) string {
	for _, info := range body.Details.ErrorInfos() {
		if info.Domain == "googleapis.com" {
			if remedy, ok := deploymentReasons[info.Reason]; ok {
				return remedy
			}
			if strings.HasPrefix(info.Reason, "ACCESS_TOKEN_") {
				return checkAccount
			}
		}
		// This reason has the domain of the service that was called.
		if info.Reason == "IAM_PERMISSION_DENIED" && strings.HasSuffix("."+info.Domain, ".googleapis.com") &&
			isOnProject(info.Metadata["permission"], info.Metadata["resource"]) {
			return grantRole
		}
	}
	if denied := deniedForm.FindStringSubmatch(body.Message); denied != nil && isOnProject(denied[1], denied[2]) {
		return grantRole
	}
	for part, remedy := range deploymentTexts {
		if strings.Contains(body.Message, part) {
			return remedy
		}
	}
	return ""
}

// deniedForm is how Earth Engine says that a permission is missing.
var deniedForm = regexp.MustCompile(`Permission '([\w.]+)' denied(?: on resource '([^']*)')?`)

// isOnProject reports whether a missing permission has to be granted on the
// project: it is one of projectPermissions, or it is missing on a project as a
// whole. If it is missing on an asset, the request is at fault.
func isOnProject(permission, on string) bool {
	if _, name, ok := strings.Cut(strings.TrimPrefix(on, "//"), "/"); ok && strings.HasPrefix(on, "//") {
		on = name // without the service: //earthengine.googleapis.com/projects/p
	}
	return resource.IsProject(on) || slices.Contains(projectPermissions, permission)
}
