package doctor

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAHealthyDeploymentHasNoFault(t *testing.T) {
	for _, cfg := range []Config{{}, {Impersonate: exporter}} {
		found := examine(t, cfg, nil)
		for _, f := range found {
			if f.Status != OK || f.Fix != "" || f.Text == "" {
				t.Errorf("%+v", f)
			}
		}
		want := 18
		if cfg.Impersonate != "" {
			want++
		}
		if len(found) != want {
			t.Errorf("%d findings, want %d", len(found), want)
		}
	}
}

// TestFindings changes one answer of a healthy deployment at a time.
func TestFindings(t *testing.T) {
	const (
		registration = "GET /v1/projects/my-project/config"
		permissions  = "POST /v1/projects/my-project:testIamPermissions"
		batch        = "GET /v1/projects/my-project/services:batchGet"
		jobs         = "GET /v1/projects/my-project/locations/us-central1/jobs"
		requests     = "GET /v1/projects/my-project/subscriptions/eeexport-requests"
		pending      = "GET /v1/projects/my-project/subscriptions/eeexport-pending"
		operations   = "GET /v1/projects/my-project/topics/eeexport-operations"
		unavailable  = http.StatusServiceUnavailable
	)
	edited := func(body string, oldnew ...string) answer {
		return answer{body: strings.NewReplacer(oldnew...).Replace(body)}
	}
	for _, tc := range []struct {
		name   string
		cfg    Config
		world  world
		check  string
		status Status
		text   string
		fix    string // its beginning
	}{
		{"a token that nobody can read", Config{}, world{"POST /tokeninfo": {code: unavailable}}, "credentials", Unknown, "whose they are: answered 503", ""},
		{"an account that must not be impersonated", Config{Impersonate: exporter}, world{"POST /v1/projects/-/serviceAccounts/" + exporter + ":generateAccessToken": denied("iam.serviceAccounts.getAccessToken")},
			"impersonation", Wrong, "may not act as " + exporter, "gcloud iam service-accounts add-iam-policy-binding " + exporter + " --member=user:ann@example.com --role=roles/iam.serviceAccountTokenCreator"},
		{"a clock that is ahead", Config{Now: later(10 * time.Minute)}, nil, "clock", Wrong, "is off by ", "sudo timedatectl"},
		{"a clock that is behind", Config{Now: later(-2 * time.Minute)}, nil, "clock", Wrong, "is off by -", "sudo timedatectl"},

		{"an API that is not enabled", Config{}, world{batch: {body: services("ENABLED", apis[1:]...)}}, "APIs", Wrong, "not enabled: earthengine.googleapis.com", "gcloud services enable earthengine.googleapis.com --project=my-project"},
		{"an API that was disabled", Config{}, world{batch: {body: services("DISABLED", apis...)}}, "APIs", Wrong, "not enabled: earthengine", "gcloud services enable earthengine.googleapis.com pubsub"},
		{"APIs that may not be listed", Config{}, world{batch: denied("serviceusage.services.get")}, "APIs", Unknown, "Permission 'serviceusage.services.get' denied", "gcloud projects add-iam-policy-binding my-project --member=user:ann@example.com --role=roles/viewer"},
		{"an API that does not answer because it is disabled itself", Config{}, world{batch: disabled("serviceusage.googleapis.com")}, "APIs", Unknown, "is disabled", "gcloud services enable serviceusage.googleapis.com --project=my-project"},

		{"a noncommercial project is all right", Config{}, world{registration: {body: `{"registrationState":"REGISTERED_NOT_COMMERCIALLY"}`}}, "Earth Engine", OK, "noncommercial", ""},
		{"a project that is not registered", Config{}, world{registration: {body: `{"registrationState":"NOT_REGISTERED"}`}}, "Earth Engine", Wrong, "not registered", "https://code.earthengine.google.com/register?project=my-project"},
		{"or that Earth Engine refuses for that", Config{}, world{registration: {403, `{"error":{"code":403,"message":"Project my-project is not registered to use Earth Engine."}}`}}, "Earth Engine", Wrong, "not registered", "https://"},
		{"a registration of a new kind", Config{}, world{registration: {body: `{"registrationState":"REGISTERED_OTHERWISE"}`}}, "Earth Engine", Unknown, "does not say", "https://"},
		{"an Earth Engine that does not answer", Config{}, world{registration: {code: unavailable}}, "Earth Engine", Unknown, "answered 503", ""},

		{"a role that is missing", Config{}, world{permissions: edited(granted, `"earthengine.exports.create",`, "")}, "permissions", Wrong, "user:ann@example.com lacks earthengine.exports.create", "gcloud projects add-iam-policy-binding my-project --member=user:ann@example.com --role=roles/earthengine.writer"},
		{"the other one", Config{}, world{permissions: edited(granted, `,"serviceusage.services.use"`, "")}, "permissions", Wrong, "lacks serviceusage.services.use", "gcloud projects add-iam-policy-binding my-project --member=user:ann@example.com --role=roles/serviceusage.serviceUsageConsumer"},
		{"one that a service account lacks", Config{Impersonate: exporter}, world{permissions: edited(granted, `"earthengine.operations.get",`, "")}, "permissions", Wrong, "serviceAccount:" + exporter + " lacks earthengine.operations.get", "gcloud projects add-iam-policy-binding my-project --member=serviceAccount:"},
		{"permissions that cannot be read", Config{}, world{permissions: {body: "not JSON"}}, "permissions", Unknown, "does not match the API's documentation", ""},

		{"a function that does not exist", Config{}, world{functionsPath: {body: functions(eventFunction, watcherFunction)}}, "function ExportClassifier", Wrong, "takes requests by HTTP", "terraform apply"},
		{"a region that does not answer", Config{}, world{functionsPath: {body: edited(functions(eventFunction, watcherFunction), "]}", `],"unreachable":["us-east1"]}`).body}}, "function ExportClassifier", Unknown, "us-east1", ""},
		{"a function that does not start", Config{}, world{functionsPath: {body: edited(functions(httpFunction, eventFunction, watcherFunction), `eeexport-http","state":"ACTIVE"`, `eeexport-http","state":"FAILED","stateMessages":[{"message":"Container failed."}]`).body}},
			"function ExportClassifier", Wrong, "it is FAILED: Container failed.", "gcloud functions logs read eeexport-http --region=us-central1"},
		{"a variable that the function would refuse", Config{}, world{functionsPath: {body: edited(functions(httpFunction, eventFunction, watcherFunction), `"CLOUD_RUN_TIMEOUT_SECONDS":"120","FAILURES_TOPIC":"eeexport-failures","OPERATIONS_TOPIC":"eeexport-operations"}`, `"CLOUD_RUN_TIMEOUT_SECONDS":"120","OPERATIONS_TOPIC":"o/p"}`).body}},
			"function ExportClassifier", Wrong, "OPERATIONS_TOPIC: ", "gcloud run services update eeexport-http --region=us-central1 --project=my-project --update-env-vars=OPERATIONS_TOPIC="},
		{"a timeout that the function does not know", Config{}, world{functionsPath: {body: edited(functions(httpFunction, eventFunction, watcherFunction), `"timeoutSeconds":60`, `"timeoutSeconds":90`).body}},
			"function WatchOperations", Wrong, "expects 60 s, but the platform's timeout is 90 s", "gcloud run services update eeexport-watcher --region=us-central1 --project=my-project --update-env-vars=CLOUD_RUN_TIMEOUT_SECONDS=90"},
		{"no topic for failures", Config{}, world{functionsPath: {body: edited(functions(httpFunction, eventFunction, watcherFunction), `"FAILURES_TOPIC":"eeexport-failures","OPERATIONS_TOPIC":"eeexport-operations","REQ`, `"OPERATIONS_TOPIC":"eeexport-operations","REQ`).body}},
			"function ExportClassifierEvent", Wrong, "FAILURES_TOPIC: not set", "gcloud run services update eeexport-event"},
		{"no topic to wait on", Config{}, world{functionsPath: {body: edited(functions(httpFunction, eventFunction, watcherFunction), `,"REQUESTS_TOPIC":"eeexport-requests"`, "").body}},
			"function ExportClassifierEvent", Wrong, "REQUESTS_TOPIC: not set", "gcloud run services update eeexport-event"},
		{"functions that may not be listed", Config{}, world{functionsPath: denied("cloudfunctions.functions.list")}, "functions", Unknown, "denied", "gcloud projects add-iam-policy-binding"},

		{"a job that is paused", Config{}, world{jobs: {body: job("PAUSED", 0)}}, "watcher's schedule", Wrong, "eeexport-watcher is PAUSED", "gcloud scheduler jobs resume eeexport-watcher --location=us-central1 --project=my-project"},
		{"a job that fails", Config{}, world{jobs: {body: job("ENABLED", 7)}}, "watcher's schedule", Wrong, "failed with google.rpc.Code 7", "gcloud functions logs read eeexport-watcher"},
		{"no job", Config{}, world{jobs: {body: "{}"}}, "watcher's schedule", Wrong, "no job in us-central1 calls eeexport-watcher", "terraform apply"},

		{"a topic that does not exist", Config{}, world{operations: {code: 404}}, "topic operations", Wrong, "does not exist", "gcloud pubsub topics create projects/my-project/topics/eeexport-operations"},
		{"a topic that may not be looked at", Config{}, world{operations: denied("pubsub.topics.get")}, "topic operations", Unknown, "denied", "gcloud projects add-iam-policy-binding"},
		{"a topic that the exporter cannot publish to", Config{Impersonate: exporter}, world{"POST /v1/projects/my-project/topics/eeexport-failures:testIamPermissions": {body: "{}"}}, "topic failures", Wrong, "cannot publish", "gcloud pubsub topics add-iam-policy-binding projects/my-project/topics/eeexport-failures --member=serviceAccount:" + exporter},

		{"a subscription that does not exist", Config{}, world{pending: {code: 404}}, "subscription pending", Wrong, "does not exist", "terraform apply"},
		{"one whose topic was deleted", Config{}, world{pending: edited(pendingSubscription, "projects/my-project/topics/eeexport-operations", "_deleted-topic_")}, "subscription pending", Wrong, "its topic was deleted", "terraform apply"},
		{"one that is detached", Config{}, world{pending: edited(pendingSubscription, `"pushConfig"`, `"detached":true,"pushConfig"`)}, "subscription pending", Wrong, "detached", "terraform apply"},
		{"one on another topic", Config{}, world{pending: edited(pendingSubscription, "topics/eeexport-operations", "topics/other")}, "subscription pending", Wrong, "is on projects/my-project/topics/other and not on", "terraform apply"},
		{"one that cannot deliver", Config{}, world{requests: edited(pushSubscription, `"ackDeadline`, `"state":"RESOURCE_ERROR","ackDeadline`)}, "subscription requests", Wrong, "RESOURCE_ERROR", "terraform apply"},
		{"one that a quiet month deletes", Config{}, world{pending: edited(pendingSubscription, `"expirationPolicy":{}`, `"expirationPolicy":{"ttl":"2678400s"}`)}, "subscription pending", Wrong, "deleted after 2678400s", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-pending --expiration-period=never"},
		{"one that forgets", Config{}, world{pending: edited(pendingSubscription, "2678400s", "604800s")}, "subscription pending", Wrong, "forgets an Operation after 168h", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-pending --message-retention-duration=31d"},
		{"one that counts each look", Config{}, world{pending: edited(pendingSubscription, `"pushConfig":{}`, `"deadLetterPolicy":{"maxDeliveryAttempts":5}`)}, "subscription pending", Wrong, "counts as a delivery", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-pending --clear-dead-letter-policy"},
		{"one that pushes what is to be pulled", Config{}, world{pending: edited(pendingSubscription, `"pushConfig":{}`, `"pushConfig":{"pushEndpoint":"https://x"}`)}, "subscription pending", Wrong, "pushes", "gcloud pubsub subscriptions modify-push-config"},
		{"one that calls nobody", Config{}, world{requests: edited(pushSubscription, `"pushEndpoint":"https://event.a.run.app",`, "")}, "subscription requests", Wrong, "calls no function", "terraform apply"},
		{"one that calls without a token", Config{}, world{requests: edited(pushSubscription, `,"oidcToken":{"serviceAccountEmail":"pusher"}`, "")}, "subscription requests", Wrong, "without a token", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-requests --push-auth-service-account="},
		{"one that unwraps and leaves out the ID", Config{}, world{requests: edited(pushSubscription, `"oidcToken"`, `"noWrapper":{},"oidcToken"`)}, "subscription requests", Wrong, "every redelivery would be a new export", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-requests --push-no-wrapper-write-metadata"},
		{"one without a dead-letter topic", Config{}, world{requests: edited(pushSubscription, `"deadLetterPolicy"`, `"other"`)}, "subscription requests", Wrong, "no dead-letter topic", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-requests --dead-letter-topic=projects/my-project/topics/eeexport-dead-letters"},
		{"one that gives up before it waits", Config{}, world{requests: edited(pushSubscription, `Attempts":100`, `Attempts":50`)}, "subscription requests", Wrong, "gives up a request after 50 deliveries", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-requests --max-delivery-attempts=100"},
		{"one that does not wait for the function", Config{}, world{requests: edited(pushSubscription, `Seconds":600`, `Seconds":120`)}, "subscription requests", Wrong, "again after 120 s", "gcloud pubsub subscriptions update projects/my-project/subscriptions/eeexport-requests --ack-deadline=600"},
		{"one that may not be looked at", Config{}, world{requests: denied("pubsub.subscriptions.get")}, "subscription requests", Unknown, "denied", "gcloud projects add-iam-policy-binding"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := false
			for _, f := range examine(t, tc.cfg, tc.world) {
				switch {
				case f.Check == tc.check && f.Status == tc.status:
					found = true
					if !strings.Contains(f.Text, tc.text) || !strings.HasPrefix(f.Fix, tc.fix) || tc.fix == "" && f.Fix != "" {
						t.Errorf("%+v", f)
					}
				case f.Status == Wrong:
					t.Errorf("also %+v", f)
				}
			}
			if !found {
				t.Errorf("it is not found")
			}
		})
	}
}

func TestWithoutCredentialsThereIsOneFinding(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "nowhere.json"))
	found := Run(t.Context(), Config{Project: "my-project", Name: "eeexport"}, nil)
	if len(found) != 1 || found[0].Status != Wrong || found[0].Fix != "gcloud auth application-default login" {
		t.Errorf("%+v", found)
	}
}

func TestEndpoint(t *testing.T) {
	for _, tc := range []struct{ name, api, variable, value, want string }{
		{"Google's own", "pubsub", "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB", "", "https://pubsub.googleapis.com"},
		{"another one", "pubsub", "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB", "https://pubsub.example.com/", "https://pubsub.example.com"},
		{"a stand-in on this machine", "earthengine", "EARTHENGINE_ENDPOINT", "http://127.0.0.1:8090", "http://127.0.0.1:8090"},
		{"no token goes to another machine in clear", "pubsub", "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB", "http://pubsub.example.com", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv(tc.variable, tc.value)
			if got, err := endpoint(tc.api); got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
