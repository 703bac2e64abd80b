package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func TestPathsAndProjects(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"ALLOWED_PROJECTS": "my-project,12345,example.com:old", "ALLOWED_ASSETS": "projects/my-project/assets"})
	for _, tc := range []struct {
		name    string
		path    string
		project string // in the body
		want    string // upstream path; "" for a refusal of the field project
	}{
		{"no project is the deployment's own", "/", "", "/v1beta/projects/my-project/classifier:export"},
		{"any other path takes the body's project", "/hooks/github", `"projects/12345"`, "/v1beta/projects/12345/classifier:export"},
		{"v1beta", "/v1beta/projects/my-project/classifier:export", "", "/v1beta/projects/my-project/classifier:export"},
		{"v1", "/v1/projects/12345/classifier:export", "", "/v1/projects/12345/classifier:export"},
		{"v1alpha", "/v1alpha/projects/my-project/classifier:export", "", "/v1alpha/projects/my-project/classifier:export"},
		{"an old project with a domain", "/v1/projects/example.com:old/classifier:export", "", "/v1/projects/example.com:old/classifier:export"},
		{"path and body agree", "/v1/projects/my-project/classifier:export", `"projects/my-project"`, "/v1/projects/my-project/classifier:export"},
		{"path and body disagree", "/v1/projects/my-project/classifier:export", `"projects/12345"`, ""},
		{"a project without projects/", "/", `"my-project"`, ""},
		{"a project in capitals", "/", `"projects/My-Project"`, ""},
		{"a version that does not exist", "/v2/projects/my-project/classifier:export", "", ""},
		{"an encoded slash in the path", "/v1/projects/my-project%2Fx/classifier:export", "", ""},
		{"an encoded letter in the path is that letter", "/v1/projects/%6dy-project/classifier%3Aexport", "", "/v1/projects/my-project/classifier:export"},
		{"a slash after the method", "/v1/projects/my-project/classifier:export/", "", ""},
		{"another method of a project", "/v1beta/projects/other", "", ""},
		{"no project in the path", "/v1/projects/classifier:export", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(d.EE.Requests())
			answer := d.HTTP.Post(t, tc.path, handlertest.Fields{"project": tc.project}.Body())
			requests := d.EE.Requests()[before:]
			if tc.want == "" {
				if answer.Code != 400 || !slices.Contains(answer.Fields(), "project") || len(requests) > 0 {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
				return
			}
			if answer.Code != 200 || len(requests) != 1 || requests[0].Path != tc.want {
				t.Errorf("%d %s, upstream %+v", answer.Code, answer.Body, requests)
			}
		})
	}
}

func TestHTTPDoor(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"MAX_REQUEST_BYTES": "2000"})
	good := handlertest.Fields{}.Body()
	t.Run("only POST", func(t *testing.T) {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			answer, err := d.HTTP.Send(method, "/", good)
			if err != nil || answer.Code != 405 || answer.Header.Get("Allow") != "POST" || answer.Error().Status != "INVALID_ARGUMENT" {
				t.Errorf("%s: %v %+v", method, err, answer)
			}
		}
	})
	t.Run("a body of unknown length is bounded too", func(t *testing.T) {
		for _, tc := range []struct{ size, code int }{{2000, 200}, {2001, 413}} {
			body := handlertest.Fields{"extra": `""`}.Body()
			body = bytes.Replace(body, []byte(`,"extra":""`), bytes.Repeat([]byte(" "), tc.size-len(body)+len(`,"extra":""`)), 1)
			req, err := http.NewRequest("POST", d.HTTP.URL, struct{ io.Reader }{bytes.NewReader(body)})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tc.code {
				t.Errorf("%d bytes: %d", tc.size, resp.StatusCode)
			}
		}
	})
	t.Run("compressed bodies are refused", func(t *testing.T) {
		answer := d.HTTP.Post(t, "/", good, "Content-Encoding", "gzip")
		if answer.Code != 400 || !slices.Contains(answer.Fields(), "Content-Encoding") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
	t.Run("quota and unavailability say when to come back", func(t *testing.T) {
		for fault, want := range map[string]eetest.Fault{
			"77": {Status: 429, RetryAfter: "77"},
			"30": {Status: 400, Message: "Too many tasks already in the queue (3000)."},
			"10": {Status: 503, Times: 5},
		} {
			d.EE.ClearFaults()
			d.EE.Inject(want)
			answer := d.HTTP.Post(t, "/", good)
			delay := answer.Error().Details.RetryDelay()
			if answer.Header.Get("Retry-After") != fault || fmt.Sprint(delay.Seconds()) != fault {
				t.Errorf("Retry-After %q, retryDelay %v, want %s", answer.Header.Get("Retry-After"), delay, fault)
			}
		}
	})
	t.Run("an Operation that is not published is named, and published by the retry", func(t *testing.T) {
		d.EE.ClearFaults()
		d.PubSub.Inject(handlertest.Fault{On: "operations", Status: status.New(codes.NotFound, "")})
		before := d.Counts()
		answer := d.HTTP.Post(t, "/", good)
		var metadata map[string]string
		for _, info := range answer.Error().Details.ErrorInfos() {
			if info.Reason == "OPERATION_NOT_PUBLISHED" {
				metadata = info.Metadata
			}
		}
		if _, ok := d.EE.Operation(metadata["operation"]); !ok || metadata["requestId"] == "" {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		answer = d.HTTP.Post(t, "/", handlertest.Fields{"requestId": `"` + metadata["requestId"] + `"`}.Body())
		if answer.Code != 200 || answer.Name() != metadata["operation"] || d.Counts().Since(before) != (handlertest.Counts{Calls: 2, Started: 1, Published: 1}) {
			t.Errorf("%d %s, %+v", answer.Code, answer.Body, d.Counts().Since(before))
		}
	})
}

func TestValidateOnlyDoesAllButSubmitAndPublish(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	for _, tc := range []struct {
		name  string
		query string
		body  []byte
		code  int
	}{
		{"a good request", "?validateOnly=true", handlertest.Fields{}.Body(), 200},
		{"an invalid one", "?validateOnly=true", handlertest.Fields{"priority": "-1"}.Body(), 400},
		{"one that is not allowed", "?validateOnly=true", handlertest.Asset("projects/other/assets/x").Body(), 403},
		{"a value that is not a boolean", "?validateOnly=maybe", handlertest.Fields{}.Body(), 400},
		{"its name in another case", "?validateonly=true", handlertest.Fields{}.Body(), 400},
		{"its name with a hyphen", "?validate-only=true", handlertest.Fields{}.Body(), 400},
		{"no value", "?validateOnly", handlertest.Fields{}.Body(), 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, path := range []string{"/", "/v1/projects/my-project/classifier:export"} {
				answer := d.HTTP.Post(t, path+tc.query, tc.body)
				if answer.Code != tc.code || tc.code == 200 && string(answer.Body) != "{}" {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
			}
		})
	}
	if got := d.Counts(); got != (handlertest.Counts{}) {
		t.Errorf("led to %+v", got)
	}
	if answer := d.HTTP.Post(t, "/?validateOnly=false", handlertest.Fields{}.Body()); answer.Code != 200 || d.Counts().Published != 1 {
		t.Errorf("validateOnly=false: %d %+v", answer.Code, d.Counts())
	}
}

func TestABodyThatStopsArrivingIsCutOff(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"CLOUD_RUN_TIMEOUT_SECONDS": "1"})
	for _, tc := range []struct{ head, want string }{
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", "HTTP/1.1 504 "},
		{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", "HTTP/1.1 405 "},
	} {
		if answer, err := io.ReadAll(sendRaw(t, d.HTTP, tc.head)); err != nil || !strings.HasPrefix(string(answer), tc.want) {
			t.Errorf("%v %.100s, want %s", err, answer, tc.want)
		}
	}
}

func TestACallerThatHangsUpDoesNotAbortTheExport(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", d.HTTP.URL, bytes.NewReader(handlertest.Fields{}.Body()))
	if err != nil {
		t.Fatal(err)
	}
	d.EE.InjectFunc(func(*http.Request) *eetest.Fault {
		cancel() // the caller hangs up while its export starts
		return &eetest.Fault{Started: true, Delay: 300 * time.Millisecond}
	})
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Fatal("the caller got an answer")
	}
	d.PubSub.AwaitMessages(t, "operations", 1)
}

// TestLargeRequestsArriveAsTheyWereSent checks that no request sees the bytes of
// another that used the same buffer.
func TestLargeRequestsArriveAsTheyWereSent(t *testing.T) {
	d := handlertest.Deploy(t, nil)
	d.EE.Inject(eetest.Fault{Status: 503, Times: 5}, eetest.Fault{Reset: eetest.AfterStart, Times: 5})
	var senders sync.WaitGroup
	sent := make([][]handlertest.Fields, 4)
	for i := range sent {
		senders.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for n := range 10 {
				blanks := strings.Repeat(" \t\n\r"[i:i+1], random.IntN(512<<10))
				sent[i] = append(sent[i], handlertest.Fields{
					"requestId":  fmt.Sprintf(`"sender-%d-%d"`, i, n),
					"expression": "{" + blanks + handlertest.Cart[1:],
				})
				if answer := d.HTTP.Post(t, "/", sent[i][n].Body()); answer.Code != 200 {
					t.Errorf("sender %d, request %d: %d %s", i, n, answer.Code, answer.Body)
				}
			}
		})
	}
	senders.Wait()
	for _, r := range d.EE.Requests() {
		var request struct {
			RequestID  string
			Expression json.RawMessage
		}
		var i, n int
		if err := json.Unmarshal(r.Body, &request); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscanf(request.RequestID, "sender-%d-%d", &i, &n); err != nil || string(request.Expression) != sent[i][n]["expression"] {
			t.Errorf("%s: another expression arrived", request.RequestID)
		}
	}
}
