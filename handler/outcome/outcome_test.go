package outcome

import (
	"net/http/httptest"
	"testing"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/rpcstatus"
)

// TestTheZeroOutcomeIsSafe checks an Outcome of which nothing is set.
func TestTheZeroOutcomeIsSafe(t *testing.T) {
	var o Outcome
	for name, write := range map[string]func(*httptest.ResponseRecorder){
		"http":  func(w *httptest.ResponseRecorder) { o.WriteTo(w) },
		"event": func(w *httptest.ResponseRecorder) { o.WriteEventTo(w) },
	} {
		w := httptest.NewRecorder()
		if write(w); w.Code != 500 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// TestEveryKindHasItsRow compares the table with the contract's classes.
func TestEveryKindHasItsRow(t *testing.T) {
	for k := range table {
		o := Outcome{Kind: Kind(k)}
		ok := o.Code() == 200
		if o.Kind.String() == "" || ok != (o.Class() == Success) || ok != (o.Status() == "") {
			t.Errorf("%d: %q %d %q %q", k, o.Kind, o.Code(), o.Status(), o.Class())
		}
		if o.Class() == Transient && o.Code() < 429 || o.Class() == Permanent && o.Code() >= 500 && o.Kind != Expired {
			t.Errorf("%s is %s with %d", o.Kind, o.Class(), o.Code())
		}
	}
}

// TestOnlyASettledEventIsAcknowledged covers every kind.
func TestOnlyASettledEventIsAcknowledged(t *testing.T) {
	for k := range table {
		for _, settled := range []bool{false, true} {
			w := httptest.NewRecorder()
			o := Outcome{Kind: Kind(k), Settled: settled}
			o.WriteEventTo(w)
			if acknowledged := w.Code < 300; acknowledged != (settled || o.Kind == Validated) {
				t.Errorf("%s, settled %t: %d", o.Kind, settled, w.Code)
			}
		}
	}
}

func TestFromEarthEngine(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    eeclient.Error
		kind   Kind
		code   int
		reason string
	}{
		{"the request's fault", eeclient.Error{Code: 404, Status: "NOT_FOUND", Blame: eeclient.Request}, Refused, 404, "EARTH_ENGINE_REFUSED"},
		{"after a lost answer", eeclient.Error{Code: 403, Status: "PERMISSION_DENIED", Blame: eeclient.Request, MayHaveStarted: true}, Unknown, 503, "OUTCOME_UNKNOWN"},
		{"a quota", eeclient.Error{Code: 403, Blame: eeclient.Quota}, Quota, 429, "EARTH_ENGINE_QUOTA"},
		{"the deployment's fault", eeclient.Error{Code: 401, Blame: eeclient.Deployment}, NotAccepted, 503, "DEPLOYMENT_NOT_ACCEPTED"},
		{"nobody's fault", eeclient.Error{Code: 503}, Unavailable, 503, "EARTH_ENGINE_UNAVAILABLE"},
		{"the zero error", eeclient.Error{}, Unavailable, 503, "EARTH_ENGINE_UNAVAILABLE"},
		{"a deadline", eeclient.Error{Status: "DEADLINE_EXCEEDED"}, DeadlinePassed, 504, "DEADLINE_EXCEEDED"},
		{"another request's ID", eeclient.Error{Reason: eeclient.ReasonRequestIDReused, Blame: eeclient.Request}, RequestIDReused, 409, "REQUEST_ID_REUSED"},
		{"a duplicate", eeclient.Error{Code: 409, Status: "ALREADY_EXISTS", Reason: eeclient.ReasonDuplicateRequest, Blame: eeclient.Request, MayHaveStarted: true}, Refused, 409, "DUPLICATE_REQUEST"},
		{"not listed yet", eeclient.Error{Reason: eeclient.ReasonOperationNotListed}, Unknown, 503, "OUTCOME_UNKNOWN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := FromEarthEngine(&tc.err)
			o.RequestID = "r"
			said, _ := rpcstatus.Parse(tc.code, o.errorBody())
			if o.Kind != tc.kind || said.Code != tc.code || said.Reason() != tc.reason || said.Details.ErrorInfos()[0].Metadata["requestId"] != "r" {
				t.Errorf("%s %s", o.Kind, o.errorBody())
			}
		})
	}
}
