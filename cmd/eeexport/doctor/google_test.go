package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
)

// answer is what a stand-in for one of Google's APIs answers with.
type answer struct {
	code int // 0 for 200
	body string
}

// world is what the stand-ins answer, by method and path.
type world map[string]answer

const exporter = "exporter@my-project.iam.gserviceaccount.com"

// Permissions that the base world grants on the project.
const granted = `{"permissions":["earthengine.exports.create","earthengine.computations.create","earthengine.operations.get","serviceusage.services.use"]}`

// healthy is a deployment as Terraform creates it.
func healthy() world {
	w := world{
		"POST /tokeninfo": {body: `{"email":"ann@example.com"}`},
		"POST /v1/projects/-/serviceAccounts/" + exporter + ":generateAccessToken": {body: `{"accessToken":"as-exporter"}`},
		"GET /v1/projects/my-project/services:batchGet":                            {body: services("ENABLED", apis...)},
		"GET /v1/projects/my-project/config":                                       {body: `{"registrationState":"REGISTERED_COMMERCIALLY","maxConcurrentExports":20}`},
		"POST /v1/projects/my-project:testIamPermissions":                          {body: granted},
		"GET /v1/projects/my-project/locations/us-central1/jobs":                   {body: job("ENABLED", 0)},
		"GET /v1/projects/my-project/subscriptions/eeexport-requests":              {body: pushSubscription},
		"GET /v1/projects/my-project/subscriptions/eeexport-pending":               {body: pendingSubscription},
	}
	for _, role := range []string{"requests", "operations", "completions", "failures", "dead-letters"} {
		name := "/v1/projects/my-project/topics/eeexport-" + role
		w["GET "+name] = answer{body: "{}"}
		w["POST "+name+":testIamPermissions"] = answer{body: `{"permissions":["pubsub.topics.publish"]}`}
	}
	for _, role := range []string{"failures", "dead-letters"} {
		w["GET /v1/projects/my-project/subscriptions/eeexport-"+role] = answer{body: fmt.Sprintf(
			`{"name":"projects/my-project/subscriptions/eeexport-%[1]s","topic":"projects/my-project/topics/eeexport-%[1]s","expirationPolicy":{}}`, role)}
	}
	w[functionsPath] = answer{body: functions(httpFunction, eventFunction, watcherFunction)}
	return w
}

const functionsPath = "GET /v2/projects/my-project/locations/-/functions"

const pushSubscription = `{"name":"projects/my-project/subscriptions/eeexport-requests","topic":"projects/my-project/topics/eeexport-requests",
	"ackDeadlineSeconds":600,"messageRetentionDuration":"2678400s","expirationPolicy":{},
	"pushConfig":{"pushEndpoint":"https://event.a.run.app","oidcToken":{"serviceAccountEmail":"pusher"}},
	"deadLetterPolicy":{"deadLetterTopic":"projects/my-project/topics/eeexport-dead-letters","maxDeliveryAttempts":100}}`

const pendingSubscription = `{"name":"projects/my-project/subscriptions/eeexport-pending","topic":"projects/my-project/topics/eeexport-operations",
	"ackDeadlineSeconds":60,"messageRetentionDuration":"2678400s","expirationPolicy":{},"pushConfig":{}}`

var (
	httpFunction    = functionJSON("http", "ExportClassifier", 120, "OPERATIONS_TOPIC=eeexport-operations", "FAILURES_TOPIC=eeexport-failures", "CLOUD_RUN_TIMEOUT_SECONDS=120")
	eventFunction   = functionJSON("event", "ExportClassifierEvent", 120, "OPERATIONS_TOPIC=eeexport-operations", "FAILURES_TOPIC=eeexport-failures", "REQUESTS_TOPIC=eeexport-requests", "CLOUD_RUN_TIMEOUT_SECONDS=120")
	watcherFunction = functionJSON("watcher", "WatchOperations", 60, "COMPLETIONS_TOPIC=eeexport-completions", "PENDING_SUBSCRIPTION=eeexport-pending")
)

func functionJSON(name, entryPoint string, timeout int, env ...string) string {
	variables := map[string]string{}
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		variables[name] = value
	}
	encoded, _ := json.Marshal(variables)
	return fmt.Sprintf(`{"name":"projects/my-project/locations/us-central1/functions/eeexport-%[1]s","state":"ACTIVE","buildConfig":{"entryPoint":%[2]q},
		"serviceConfig":{"uri":"https://%[1]s.a.run.app","timeoutSeconds":%[3]d,"environmentVariables":%[4]s}}`, name, entryPoint, timeout, encoded)
}

func functions(list ...string) string { return `{"functions":[` + strings.Join(list, ",") + `]}` }

func services(state string, names ...string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf(`{"name":"projects/123/services/%s","state":%q}`, name, state))
	}
	return `{"services":[` + strings.Join(list, ",") + `]}`
}

func job(state string, code int) string {
	return fmt.Sprintf(`{"jobs":[{"name":"projects/my-project/locations/us-central1/jobs/other","state":"PAUSED","httpTarget":{"uri":"https://x"}},
		{"name":"projects/my-project/locations/us-central1/jobs/eeexport-watcher","state":%q,"schedule":"* * * * *","httpTarget":{"uri":"https://watcher.a.run.app/"},"status":{"code":%d}}]}`, state, code)
}

// denied is how Google's APIs refuse a caller.
func denied(permission string) answer {
	return answer{http.StatusForbidden, fmt.Sprintf(`{"error":{"code":403,"message":"Permission '%s' denied","status":"PERMISSION_DENIED"}}`, permission)}
}

// disabled is how they say that an API is not enabled.
func disabled(service string) answer {
	return answer{http.StatusForbidden, fmt.Sprintf(`{"error":{"code":403,"message":"%[1]s is disabled","status":"PERMISSION_DENIED","details":[
		{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com","metadata":{"service":%[1]q}}]}}`, service)}
}

// accountKey is the key file of a service account, whose tokens a server issues
// that lives as long as this process.
var accountKey = sync.OnceValue(func() []byte { return eetest.NewServer().ServiceAccountKey("my-project") })

// examine runs the doctor in a world in which some answers are others.
func examine(t *testing.T, cfg Config, changed world) []Finding {
	t.Helper()
	answers := healthy()
	maps.Copy(answers, changed)
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			t.Errorf("%s %s carries no token", r.Method, r.URL)
		}
		a, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			a = answer{http.StatusNotFound, `{"error":{"code":404,"message":"Resource not found","status":"NOT_FOUND"}}`}
		}
		if a.code == 0 {
			a.code = http.StatusOK
		}
		w.WriteHeader(a.code)
		fmt.Fprint(w, a.body)
	}))
	t.Cleanup(google.Close)
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, accountKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", key)
	cfg.Project, cfg.Name = "my-project", "eeexport"
	t.Setenv("EARTHENGINE_ENDPOINT", google.URL)
	for _, api := range []string{"OAUTH2", "IAMCREDENTIALS", "SERVICEUSAGE", "CLOUDRESOURCEMANAGER", "CLOUDFUNCTIONS", "CLOUDSCHEDULER", "PUBSUB"} {
		t.Setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_"+api, google.URL)
	}
	return Run(t.Context(), cfg, nil)
}

// later is a clock that is ahead of Google's.
func later(by time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(by) }
}
