package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

var printedOperation = regexp.MustCompile(`^projects/my-project/operations/\w+\n$`)

// printedRequestID returns the request ID that a run has printed.
func printedRequestID(t *testing.T, r result) string {
	t.Helper()
	id, ok := strings.CutPrefix(strings.SplitN(r.errOut, "\n", 2)[0], "request ID ")
	if !ok || id == "" {
		t.Fatalf("no request ID in %q", r.errOut)
	}
	return id
}

// anonymous returns an example without its request ID and without the other fields.
func anonymous(t *testing.T, name string, others ...string) string {
	t.Helper()
	e, err := parseEnvelope(requests.Get(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(e.without(append(others, requestIDField...)).bytes())
}

// TestSubmit runs each case against the function, and against Earth Engine's
// stand-in: what a person sees is the same.
func TestSubmit(t *testing.T) {
	s := sharedStack(t)
	t.Setenv("EARTHENGINE_EMULATOR_HOST", s.EarthEngine.Host())
	for _, to := range []struct {
		name string
		args []string
	}{
		{"to the function", []string{"--url", s.HTTPURL}},
		{"to Earth Engine", []string{"--direct"}},
	} {
		submit := func(t *testing.T, in string, args ...string) result {
			t.Helper()
			return command(t, in, slices.Concat([]string{"submit", "-"}, to.args, args)...)
		}
		t.Run(to.name, func(t *testing.T) {
			t.Run("the name of the Operation is printed, and nothing else", func(t *testing.T) {
				r := submit(t, anonymous(t, requests.RandomForest))
				if r.status != exitOK || !printedOperation.MatchString(r.out) {
					t.Fatalf("%+v", r)
				}
				op, ok := s.EarthEngine.Operation(strings.TrimSpace(r.out))
				if !ok || op.RequestID != printedRequestID(t, r) {
					t.Errorf("request ID %q at Earth Engine, %q printed", op.RequestID, r.errOut)
				}
				if !sameExpression(t, requests.Get(requests.RandomForest), op.Body) {
					t.Error("the expression has changed")
				}
			})
			t.Run("a request without an ID gets a new one each time", func(t *testing.T) {
				in := anonymous(t, requests.Cart)
				first, second := submit(t, in), submit(t, in)
				if first.status != exitOK || second.status != exitOK || first.out == second.out {
					t.Errorf("%+v %+v", first, second)
				}
			})
			for name, change := range map[string]string{"": "assets/cart-trained", ", also of a request for a schedule, which gets one for each day": "assets/cart-{date}"} {
				t.Run("the printed request ID makes a retry safe"+name, func(t *testing.T) {
					in := strings.Replace(anonymous(t, requests.Cart), "assets/cart-trained", change, 1)
					first := submit(t, in)
					second := submit(t, in, "--request-id", printedRequestID(t, first))
					if first.status != exitOK || second.status != exitOK || first.out != second.out || !strings.Contains(second.errOut, "used before") {
						t.Errorf("%+v %+v", first, second)
					}
				})
			}
			other := want{exitFailed, `^$`, `403 PERMISSION_DENIED: ALLOWED_PROJECTS does not include the project "projects/other"`}
			if to.name == "to Earth Engine" {
				other = want{exitOK, `^projects/other/operations/`, ``}
			}
			cart := anonymous(t, requests.Cart)
			for _, tc := range []struct {
				name  string
				in    string
				args  []string
				fault eetest.Fault
				want
			}{
				{"the file's request ID is used", string(requests.Get(requests.Cart)), nil, eetest.Fault{},
					want{exitOK, `^projects/`, `^request ID a374d19b-5c94-41a8-9775-e244438d0172\n`}},
				{"unless another is given", string(requests.Get(requests.Cart)), []string{"--request-id", "mine"}, eetest.Fault{},
					want{exitOK, `^projects/`, `^request ID mine\n`}},
				{"with --json the Operation is printed as it was sent", cart, []string{"--json"}, eetest.Fault{},
					want{exitOK, `^\{"name":"projects/.*"type":"EXPORT_CLASSIFIER".*\}\n$`, ``}},
				{"with --validate-only nothing is started", cart, []string{"--validate-only"}, eetest.Fault{},
					want{exitOK, `^valid\n$`, `^$`}},
				{"a refusal is shown field by field", changed(requests.SVM, `"svm-trained"`, `7`), nil, eetest.Fault{},
					want{exitFailed, `^$`, `INVALID_ARGUMENT: 2 violations\n  description: must be a string\n  expression.values`}},
				{"Earth Engine's own refusal is shown", cart, nil, eetest.Fault{Status: http.StatusForbidden, Message: "No such permission."},
					want{exitFailed, `^$`, `403 PERMISSION_DENIED: Earth Engine.*No such permission.`}},
				{"a full queue comes with advice to send it again", cart, nil, eetest.Fault{Status: http.StatusBadRequest, Message: "Too many tasks already in the queue (3000)."},
					want{exitFailed, `^$`, `RESOURCE_EXHAUSTED.*\n(.*\n)*Send it again with --request-id `}},
				{"--project overrides the file's", cart, []string{"--project", "other"}, eetest.Fault{}, other},
			} {
				t.Run(tc.name, func(t *testing.T) {
					before := len(s.EarthEngine.Operations())
					if tc.fault.Status != 0 {
						tc.fault.Method = eetest.ExportClassifier
						s.EarthEngine.Inject(tc.fault)
					}
					r := submit(t, tc.in, tc.args...)
					if r.status != tc.status || !regexp.MustCompile(tc.out).MatchString(r.out) || !regexp.MustCompile(tc.errOut).MatchString(r.errOut) {
						t.Errorf("%+v", r)
					}
					if after := len(s.EarthEngine.Operations()); after != before && !strings.Contains(r.out, "projects/") {
						t.Errorf("%d Operations were started", after-before)
					}
				})
			}
		})
	}
}

// want is the expected result of a run: patterns of what it prints.
type want struct {
	status      int
	out, errOut string
}

func TestSubmitSaysThatARequestIDWasUsedBefore(t *testing.T) {
	const used = "this request ID was used before: 3 minutes ago\n"
	clock := eetest.NewClock(time.Now().Add(-3 * time.Minute))
	server := eetest.NewServer(eetest.Emulator(), eetest.WithClock(clock))
	defer server.Close()
	replayed := "true"
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Idempotent-Replayed", replayed)
		w.Write(server.Operations()[0].JSON())
	}))
	defer function.Close()
	t.Setenv("EARTHENGINE_EMULATOR_HOST", server.Host())
	command(t, anonymous(t, requests.Cart), "submit", "-", "--direct").check(t, exitOK, used)
	command(t, anonymous(t, requests.Cart), "submit", "-", "--url", function.URL).check(t, exitOK, used)
	replayed = ""
	if r := command(t, anonymous(t, requests.Cart), "submit", "-", "--url", function.URL); r.status != exitOK || strings.Contains(r.errOut, "used before") {
		t.Errorf("one that was not: %+v", r)
	}
}

func TestSubmitByDefaultToEEEXPORT_URL(t *testing.T) {
	s := sharedStack(t)
	t.Setenv("EEEXPORT_URL", s.HTTPURL)
	command(t, anonymous(t, requests.Cart), "submit", "-").check(t, exitOK, "projects/my-project/operations/")
	// The flag overrides the variable.
	command(t, anonymous(t, requests.Cart), "submit", "-", "--url", "http://"+closedPort(t)).check(t, exitFailed, localAdvice)
}

func TestBadJSONHasOneText(t *testing.T) {
	for _, body := range []string{"", "{", "[]", "{\n  \"expression\": {,}\n}", `{"description": "x"} {}`, "{\"description\": \"\xff\"}",
		`{"expression": {"values": {"0": {"constantValue": ` + strings.Repeat("[", 9_997) + strings.Repeat("]", 9_997) + `}}}}`} {
		_, checked, _ := strings.Cut(command(t, body, "validate", "-").out, "1 violation\n")
		_, submitted, _ := strings.Cut(command(t, body, "submit", "-", "--direct").errOut, "1 violation\n")
		if checked == "" || checked != submitted {
			t.Errorf("of %q validate says %q and submit %q", body, checked, submitted)
		}
	}
}

func TestSubmitSendsArguments(t *testing.T) {
	var got []byte
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		w.Write([]byte("{}"))
	}))
	defer function.Close()
	r := command(t, `{"expression":{},"arguments":{"start":"2026-01-01"}}`, "submit", "-", "--url", function.URL, "--validate-only", "--argument", "end=2026-11-23", "--argument", "trees=50")
	if r.status != exitOK || !strings.Contains(string(got), `"arguments":{"start":"2026-01-01","end":"2026-11-23","trees":50}`) {
		t.Errorf("%s %+v", got, r)
	}
}

func TestSubmitIfTheAnswerIsLost(t *testing.T) {
	lost := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer lost.Close()
	r := command(t, anonymous(t, requests.Cart), "submit", "-", "--url", lost.URL)
	r.check(t, exitFailed, "may have started. Send it again with --request-id "+printedRequestID(t, r))
}

func TestSubmitIfNothingCouldBeSent(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	plain.Close()
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	for _, url := range []string{plain.URL, strings.Replace(taken.URL, "http:", "https:", 1)} {
		r := command(t, anonymous(t, requests.Cart), "submit", "-", "--url", url)
		if r.status != exitFailed || strings.Contains(r.errOut, "may have started") {
			t.Errorf("%+v", r)
		}
	}
}

func TestSubmitIfAProxyAnswers(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>\n<h1>Bad Gateway</h1>", http.StatusBadGateway)
	}))
	defer proxy.Close()
	command(t, anonymous(t, requests.Cart), "submit", "-", "--url", proxy.URL).check(t, exitFailed, "502 BAD GATEWAY: <html> <h1>Bad Gateway</h1>\nSend it again with")
}

func TestSubmitDirectNeedsAProject(t *testing.T) {
	s := sharedStack(t)
	t.Setenv("EARTHENGINE_EMULATOR_HOST", s.EarthEngine.Host())
	in := anonymous(t, requests.Cart, "project")
	command(t, in, "submit", "-", "--direct").check(t, exitUsage, "--project")
	t.Setenv("GOOGLE_CLOUD_PROJECT", "my-project")
	command(t, in, "submit", "-", "--direct").check(t, exitOK, "projects/my-project/operations/")
}

func TestSubmitDirectUsesCredentials(t *testing.T) {
	server := eetest.NewServer()
	defer server.Close()
	t.Setenv("EARTHENGINE_ENDPOINT", server.URL)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", write(t, "key.json", string(server.ServiceAccountKey("their-project"))))
	// The project that is charged is theirs too if nothing names another.
	command(t, anonymous(t, requests.Cart, "project"), "submit", "-", "--direct").check(t, exitOK, "projects/their-project/operations/")
	if op := server.Operations()[0]; op.Caller != "eeexport@their-project.iam.gserviceaccount.com" {
		t.Errorf("it was called by %q", op.Caller)
	}
}
