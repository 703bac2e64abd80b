package eeclient

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAnAnswerIsReadIntoTheError(t *testing.T) {
	header := http.Header{"X-Earth-Engine-Quota-Status": {"low"}, "Content-Type": {"application/json"}}
	violation := `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"expression","description":"bad"}]}`
	e := errorFromAnswer(400, header, []byte(said(400, "INVALID_ARGUMENT", strings.Repeat("é", 5000), violation, info("SOMETHING", "earthengine.googleapis.com"))))
	if e.Code != 400 || e.Reason != "SOMETHING" || len(e.Message) > maxMessageBytes+len("…") || len(e.Details) != 2 || fmt.Sprint(e.Quota) != "map[X-Earth-Engine-Quota-Status:low]" {
		t.Errorf("%+v", e)
	}
	if v := e.Details.FieldViolations(); len(v) != 1 || v[0] != (FieldViolation{Field: "expression", Description: "bad"}) {
		t.Errorf("%v", v)
	}
	if e := errorFromAnswer(403, nil, []byte(legacy(403, "forbidden"))); e.Reason != "forbidden" || e.Quota != nil {
		t.Errorf("%+v", e)
	}
}

func TestQuotaHeadersAreBounded(t *testing.T) {
	header := make(http.Header)
	for i := range 100 {
		header.Set(fmt.Sprintf("X-Quota-%d", i), strings.Repeat("x", 1000))
	}
	quota := quotaHeaders(header)
	if len(quota) != maxQuotaHeaders {
		t.Errorf("%d headers", len(quota))
	}
	for name, value := range quota {
		if len(value) > maxWordBytes+len("…") {
			t.Errorf("%s has %d bytes", name, len(value))
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, value string
		want        time.Duration
	}{
		{"absent", "", 0},
		{"seconds", "600", 10 * time.Minute},
		{"a date", "Mon, 23 Nov 2026 08:10:00 GMT", 10 * time.Minute},
		{"a date that has passed", "Mon, 23 Nov 2026 07:00:00 GMT", 0},
		{"a date that never comes", "Fri, 31 Dec 9999 23:59:59 GMT", 24 * time.Hour},
		{"a negative number", "-1", 0},
		{"a word", "soon", 0},
	} {
		if got := retryAfter(http.Header{"Retry-After": {tc.value}}, now); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	retryInfo := `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}`
	if e := errorFromAnswer(429, nil, []byte(said(429, "RESOURCE_EXHAUSTED", "m", retryInfo))); e.RetryAfter != 1500*time.Millisecond {
		t.Errorf("a RetryInfo is read as %v", e.RetryAfter)
	}
}
