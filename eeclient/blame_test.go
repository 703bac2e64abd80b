package eeclient

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// said is Google's error body. Details are JSON.
func said(code int, status, message string, details ...string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"status":%q,"message":%q,"details":[%s]}}`, code, status, message, strings.Join(details, ","))
}

func info(reason, domain string, metadata ...string) string {
	var pairs []string
	for i := 0; i < len(metadata); i += 2 {
		pairs = append(pairs, fmt.Sprintf("%q:%q", metadata[i], metadata[i+1]))
	}
	return fmt.Sprintf(`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":%q,"domain":%q,"metadata":{%s}}`, reason, domain, strings.Join(pairs, ","))
}

func legacy(code int, reason string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"m","errors":[{"domain":"usageLimits","reason":%q,"message":"m"}]}}`, code, reason)
}

func TestBlame(t *testing.T) {
	const page, plain = "<html>no</html>", `{"error":{"message":"no"}}`
	const google, iam = "googleapis.com", "IAM_PERMISSION_DENIED"
	for _, tc := range []struct {
		name string
		code int
		body string

		want           Blame
		soon           bool // within the request
		mayHaveStarted bool
		status, remedy string // "" for any
	}{
		// The request's fault.
		{"400 with Google's body", 400, said(400, "INVALID_ARGUMENT", "bad"), Request, false, false, "INVALID_ARGUMENT", ""},
		{"404 with Google's body", 404, said(404, "NOT_FOUND", "no asset"), Request, false, false, "NOT_FOUND", ""},
		{"403 without a reason", 403, said(403, "PERMISSION_DENIED", "no"), Request, false, false, "PERMISSION_DENIED", ""},
		{"409 that an asset exists", 409, said(409, "ALREADY_EXISTS", "it exists"), Request, false, false, "ALREADY_EXISTS", ""},
		{"412", 412, said(412, "FAILED_PRECONDITION", "not now"), Request, false, false, "FAILED_PRECONDITION", ""},
		{"a code without a status", 400, `{"error":{"code":400,"message":"bad"}}`, Request, false, false, "INVALID_ARGUMENT", ""},
		{"a status without a code", 400, `{"error":{"status":"OUT_OF_RANGE","message":"bad"}}`, Request, false, false, "OUT_OF_RANGE", ""},
		{"a permission on its asset", 403, said(403, "PERMISSION_DENIED", "no", info(iam, "earthengine.googleapis.com", "permission", "earthengine.assets.get", "resource", "projects/p/assets/a")), Request, false, false, "", ""},
		{"a permission on its asset, in words", 403, said(403, "PERMISSION_DENIED", "Permission 'earthengine.assets.get' denied on resource 'projects/p/assets/a' (or it may not exist)."), Request, false, false, "", ""},
		{"a reason of another domain", 403, said(403, "PERMISSION_DENIED", "no", info("SERVICE_DISABLED", "example.com")), Request, false, false, "", ""},

		// A quota.
		{"429", 429, said(429, "RESOURCE_EXHAUSTED", "too many"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"429 of a proxy", 429, page, Quota, true, true, "RESOURCE_EXHAUSTED", ""},
		{"RESOURCE_EXHAUSTED under 400", 400, said(400, "RESOURCE_EXHAUSTED", "too many"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"RESOURCE_EXHAUSTED under 503", 503, said(503, "RESOURCE_EXHAUSTED", "too many"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"RATE_LIMIT_EXCEEDED", 403, said(403, "PERMISSION_DENIED", "no", info("RATE_LIMIT_EXCEEDED", google)), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"rateLimitExceeded", 403, legacy(403, "rateLimitExceeded"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"userRateLimitExceeded", 403, legacy(403, "userRateLimitExceeded"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"quotaExceeded", 403, legacy(403, "quotaExceeded"), Quota, true, false, "RESOURCE_EXHAUSTED", ""},
		{"dailyLimitExceeded, which lasts", 403, legacy(403, "dailyLimitExceeded"), Quota, false, false, "RESOURCE_EXHAUSTED", ""},
		{"a full queue, which lasts", 400, said(400, "INVALID_ARGUMENT", "Too many tasks already in the queue (3000). Please wait."), Quota, false, false, "RESOURCE_EXHAUSTED", ""},
		{"a full queue under 429", 429, said(429, "RESOURCE_EXHAUSTED", "Too many tasks already in the queue (3000)."), Quota, false, false, "RESOURCE_EXHAUSTED", ""},
		{"the daily limit, which lasts", 429, said(429, "RESOURCE_EXHAUSTED", "Your usage exceeded the custom quota for daily_eecu_usage_time"), Quota, false, false, "RESOURCE_EXHAUSTED", ""},
		{"the daily limit under 403", 403, said(403, "PERMISSION_DENIED", "Your usage exceeded the custom quota for EECU-time"), Quota, false, false, "RESOURCE_EXHAUSTED", ""},

		// The deployment's fault.
		{"401", 401, said(401, "UNAUTHENTICATED", "no"), Deployment, false, false, "UNAUTHENTICATED", checkAccount},
		{"401 of a proxy", 401, page, Deployment, false, true, "UNAUTHENTICATED", checkAccount},
		{"SERVICE_DISABLED among metadata that is not a string", 403, said(403, "PERMISSION_DENIED", "no", `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"a":1}}`), Deployment, false, false, "", enableAPI},
		{"SERVICE_DISABLED", 403, said(403, "PERMISSION_DENIED", "no", info("SERVICE_DISABLED", google)), Deployment, false, false, "", enableAPI},
		{"BILLING_DISABLED", 403, said(403, "PERMISSION_DENIED", "no", info("BILLING_DISABLED", google)), Deployment, false, false, "", enableBilling},
		{"CONSUMER_INVALID", 403, said(403, "PERMISSION_DENIED", "no", info("CONSUMER_INVALID", google)), Deployment, false, false, "", checkProject},
		{"CONSUMER_SUSPENDED", 403, said(403, "PERMISSION_DENIED", "no", info("CONSUMER_SUSPENDED", google)), Deployment, false, false, "", checkProject},
		{"USER_PROJECT_DENIED", 403, said(403, "PERMISSION_DENIED", "no", info("USER_PROJECT_DENIED", google)), Deployment, false, false, "", grantRole},
		{"CREDENTIALS_MISSING", 403, said(403, "PERMISSION_DENIED", "no", info("CREDENTIALS_MISSING", google)), Deployment, false, false, "", checkAccount},
		{"ACCOUNT_STATE_INVALID", 403, said(403, "PERMISSION_DENIED", "no", info("ACCOUNT_STATE_INVALID", google)), Deployment, false, false, "", checkAccount},
		{"ACCESS_TOKEN_SCOPE_INSUFFICIENT", 403, said(403, "PERMISSION_DENIED", "no", info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", google)), Deployment, false, false, "", grantScope},
		{"any other ACCESS_TOKEN reason", 403, said(403, "PERMISSION_DENIED", "no", info("ACCESS_TOKEN_TYPE_UNSUPPORTED", google)), Deployment, false, false, "", checkAccount},
		{"the reason among other details", 400, said(400, "INVALID_ARGUMENT", "no", `{"@type":"type.googleapis.com/google.rpc.Help"}`, info("SERVICE_DISABLED", google)), Deployment, false, false, "", enableAPI},
		{"a role on the project", 403, said(403, "PERMISSION_DENIED", "no", info(iam, google, "permission", "earthengine.exports.create", "resource", "projects/p")), Deployment, false, false, "", grantRole},
		{"a role on the project, of the service's domain", 403, said(403, "PERMISSION_DENIED", "no", info(iam, "earthengine.googleapis.com", "permission", "earthengine.assets.create", "resource", "//earthengine.googleapis.com/projects/p")), Deployment, false, false, "", grantRole},
		{"a permission that is the project's, without a resource", 403, said(403, "PERMISSION_DENIED", "no", info(iam, "iam.googleapis.com", "permission", "serviceusage.services.use")), Deployment, false, false, "", grantRole},
		{"a role on the project, in words", 403, said(403, "PERMISSION_DENIED", "Permission 'earthengine.assets.create' denied on resource 'projects/my-project' (or it may not exist)."), Deployment, false, false, "", grantRole},
		{"no right to use the project, in words", 403, said(403, "PERMISSION_DENIED", "Caller does not have required permission to use project p. Grant the caller …"), Deployment, false, false, "", grantRole},
		{"a project that is not registered", 403, said(403, "PERMISSION_DENIED", "Project p is not registered to use Earth Engine. Visit …"), Deployment, false, false, "", register},
		{"nobody signed up", 403, said(403, "PERMISSION_DENIED", "Not signed up for Earth Engine or project is not registered."), Deployment, false, false, "", register},

		// Nobody's fault.
		{"500", 500, said(500, "INTERNAL", "no"), Nobody, true, true, "INTERNAL", ""},
		{"502 of a proxy", 502, page, Nobody, true, true, "INTERNAL", ""},
		{"503 that names a service disabled", 503, said(503, "UNAVAILABLE", "no", info("SERVICE_DISABLED", google)), Nobody, true, true, "UNAVAILABLE", ""},
		{"504", 504, said(504, "DEADLINE_EXCEEDED", "no"), Nobody, true, true, "DEADLINE_EXCEEDED", ""},
		{"408", 408, said(408, "DEADLINE_EXCEEDED", "no"), Nobody, true, true, "", ""},
		{"425", 425, said(425, "UNAVAILABLE", "no"), Nobody, true, true, "", ""},
		{"499", 499, said(499, "CANCELLED", "no"), Nobody, true, true, "CANCELLED", ""},
		{"ABORTED", 409, said(409, "ABORTED", "again"), Nobody, true, true, "ABORTED", ""},
		{"409 without a status", 409, `{"error":{"code":409,"message":"again"}}`, Nobody, true, true, "ABORTED", ""},
		{"302", 302, page, Nobody, true, true, "UNKNOWN", ""},
		{"400 of a proxy", 400, page, Nobody, true, true, "", ""},
		{"403 of a proxy, in JSON", 403, plain, Nobody, true, true, "PERMISSION_DENIED", ""},
		{"404 of a proxy, in JSON of another code", 404, `{"error":{"code":1004,"message":"no"}}`, Nobody, true, true, "NOT_FOUND", ""},
		{"404 without a body", 404, "", Nobody, true, true, "NOT_FOUND", ""},
		{"a proxy that speaks of the queue", 403, `{"error":{"message":"Too many tasks already in the queue"}}`, Nobody, true, true, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := errorFromAnswer(tc.code, http.Header{}, []byte(tc.body))
			if e.Blame != tc.want || e.soon != tc.soon || e.MayHaveStarted != tc.mayHaveStarted {
				t.Errorf("%s, soon %t, may have started %t", e.Blame, e.soon, e.MayHaveStarted)
			}
			if tc.status != "" && e.Status != tc.status {
				t.Errorf("status %s", e.Status)
			}
			if e.Remedy != tc.remedy {
				t.Errorf("remedy %q", e.Remedy)
			}
			if e.Blame.Permanent() != (tc.want == Request) || e.OutcomeUnknown() {
				t.Error("only a request's own fault is permanent")
			}
			if !e.google && (strings.Contains(e.Message, "html") || e.Message != fmt.Sprintf("answered %d %s", tc.code, http.StatusText(tc.code))) {
				t.Errorf("a proxy is quoted: %s", e.Message)
			}
		})
	}
}

func TestTheZeroErrorIsNobodysFault(t *testing.T) {
	if e := new(Error); e.Blame.Permanent() || e.Blame.String() != "nobody" || e.NotFound() || e.OutcomeUnknown() {
		t.Errorf("%+v", e)
	}
}

func TestARefusalAfterALostAnswerIsNotFinal(t *testing.T) {
	for _, tc := range []struct {
		name string
		e    Error
		want bool
	}{
		{"a refusal alone is one", Error{Blame: Request}, false},
		{"a refusal after a lost answer is not", Error{Blame: Request, MayHaveStarted: true}, true},
		{"a duplicate has started, and is final", Error{Blame: Request, MayHaveStarted: true, Reason: ReasonDuplicateRequest}, false},
		{"what is sent again anyway needs no doubt", Error{Blame: Quota, MayHaveStarted: true}, false},
	} {
		if got := tc.e.OutcomeUnknown(); got != tc.want {
			t.Errorf("%s: %s", tc.name, fmt.Sprint(got))
		}
	}
}
