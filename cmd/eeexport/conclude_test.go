package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

// closedPort returns an address of this machine where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestAnErrorSaysWhatToDo(t *testing.T) {
	request := example(t, requests.Cart)
	closed := closedPort(t)
	nowhere := map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": "/nowhere.json", "GOOGLE_CLOUD_PROJECT": "my-project"}
	for _, tc := range []struct {
		name   string
		env    map[string]string
		args   []string
		advice string
	}{
		{"no credentials for Earth Engine", nowhere, []string{"list"}, loginAdvice},
		{"a function that is not served", nil, []string{"submit", request, "--url", "http://" + closed}, localAdvice},
		{"an Earth Engine that is not served", map[string]string{"EARTHENGINE_EMULATOR_HOST": closed, "GOOGLE_CLOUD_PROJECT": "my-project"}, []string{"list"}, localAdvice},
		{"a Pub/Sub that is not served", map[string]string{"PUBSUB_EMULATOR_HOST": closed, "GOOGLE_CLOUD_PROJECT": "my-project"}, []string{"redrive", "--subscription", "s"}, localAdvice},
		{"wrong use", nil, []string{"list", "--limit=-1"}, "See 'eeexport list --help'."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, value := range tc.env {
				t.Setenv(name, value)
			}
			r := command(t, "", tc.args...)
			if r.status == exitOK || !strings.HasSuffix(r.errOut, "\n"+tc.advice+"\n") {
				t.Errorf("%d %s", r.status, r.errOut)
			}
		})
	}
}

func TestWithJSONErrorsAreJSONToo(t *testing.T) {
	server, _ := newEarthEngine(t)
	for _, tc := range []struct {
		name   string
		in     string
		args   []string
		status int
		want   apiError
		advice string
	}{
		{"of the command line", "", []string{"list", "--json", "--limit=-1"}, exitUsage,
			apiError{Message: "--limit must not be negative"}, "See 'eeexport list --help'."},
		{"of Earth Engine", "", []string{"list", "--json"}, exitFailed,
			apiError{Code: 403, Status: "PERMISSION_DENIED", Message: "Earth Engine: No such permission."}, ""},
		{"of a request", "[]", []string{"submit", "-", "--direct", "--json"}, exitFailed,
			apiError{Status: "INVALID_ARGUMENT", Message: "not valid JSON at line 1, column 1: expected an object, found '['"}, ""},
		{"of an Operation that does not exist", "", []string{"info", "NOWHERE", "--json"}, exitFailed,
			apiError{Code: 404, Status: "NOT_FOUND"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.want.Code == http.StatusForbidden {
				server.Inject(eetest.Fault{Method: eetest.ListOperations, Status: tc.want.Code, Message: "No such permission."})
			}
			r := command(t, tc.in, tc.args...)
			var got struct {
				Error struct {
					apiError
					Advice string `json:"advice"`
				} `json:"error"`
			}
			if err := json.Unmarshal([]byte(r.out), &got); err != nil {
				t.Fatalf("%v in %+v", err, r)
			}
			e := got.Error
			if r.status != tc.status || e.Code != tc.want.Code || e.Status != tc.want.Status || !strings.HasPrefix(e.Message, tc.want.Message) || e.Advice != tc.advice {
				t.Errorf("%d %s", r.status, r.out)
			}
		})
	}
}

// interrupter is Ctrl-C as soon as a text is printed.
type interrupter struct {
	text string
	stop func()
}

func (w interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.stop()
	}
	return len(p), nil
}

func TestCtrlCPrintsOneWord(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var errOut bytes.Buffer
	status := run(ctx, []string{"demo"}, strings.NewReader(""), interrupter{"1. A random forest", stop}, &errOut)
	if status != exitInterrupted || errOut.String() != "interrupted\n" {
		t.Errorf("%d %s", status, &errOut)
	}
}
