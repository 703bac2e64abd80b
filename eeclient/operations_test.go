package eeclient_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

func TestAFailedOperationSaysWhy(t *testing.T) {
	server := newServer(t, eetest.WithLifecycle(eetest.Lifecycle{}))
	server.FailNext(1, 3, "Computation timed out.")
	client := newClient(t, server)
	op := export(t, client, request())
	var err error
	if op, err = client.GetOperation(t.Context(), op.Name()); err != nil {
		t.Fatal(err)
	}
	if code, message := op.Failure(); op.State() != eeclient.Failed || code != 3 || message != "Computation timed out." {
		t.Errorf("%s with %d %q", op.State(), code, message)
	}
}

func TestCancelOperation(t *testing.T) {
	server := newServer(t)
	client := newClient(t, server)
	op := export(t, client, request())
	var err error
	if err := client.CancelOperation(t.Context(), op.Name()); err != nil {
		t.Fatal(err)
	}
	if op, err = client.GetOperation(t.Context(), op.Name()); err != nil {
		t.Fatal(err)
	}
	if s := op.State(); s != eeclient.Cancelled && s != eeclient.Cancelling {
		t.Errorf("state %s", s)
	}
}

func TestAnAnswerThatNamesAnotherOperationIsRefused(t *testing.T) {
	server := newServer(t)
	client := newClient(t, server)
	for name, want := range map[string]string{"projects/p/operations/B": "UNAVAILABLE", "projects/123/operations/A": ""} {
		server.Inject(eetest.Fault{Method: eetest.GetOperation, Body: `{"name":"` + name + `"}`, Times: -1})
		_, err := client.GetOperation(t.Context(), "projects/p/operations/A")
		if want == "" && err != nil || want != "" && faultOf(t, err).Status != want {
			t.Errorf("%s: %v", name, err)
		}
		server.ClearFaults()
	}
}

func TestOperationsAreNamedByTheirFullName(t *testing.T) {
	client := newClient(t, newServer(t))
	for _, name := range []string{"", "X", "projects/p", "projects/p/operations/", "projects/p/operations/X/y", "projects/p/operations/../../x?y"} {
		_, get := client.GetOperation(t.Context(), name)
		for _, err := range []error{get, client.CancelOperation(t.Context(), name)} {
			if fault := faultOf(t, err); fault.Status != "INVALID_ARGUMENT" {
				t.Errorf("%q: %v", name, fault)
			}
		}
	}
}

func TestListOperationsWalksPages(t *testing.T) {
	server := newServer(t, eetest.WithQuotas(eetest.Quotas{RequestsPerSecond: -1}))
	client := newClient(t, server)
	var want []string
	for range 7 {
		op := server.Add(eetest.Operation{Project: "my-project"})
		want = append([]string{op.Name}, want...) // newest first
	}
	list := func(r *eeclient.ListOperationsRequest, most int) (names []string) {
		for op, err := range client.ListOperations(t.Context(), r) {
			if err != nil {
				t.Fatal(err)
			}
			if names = append(names, op.Name()); len(names) == most {
				break
			}
		}
		return names
	}
	calls := func() int { return server.Count(eetest.ListOperations) }

	got := list(&eeclient.ListOperationsRequest{Project: "projects/my-project", PageSize: 3}, 0)
	if fmt.Sprint(got) != fmt.Sprint(want) || calls() != 3 {
		t.Errorf("%d calls gave %v, want %v", calls(), got, want)
	}
	before := calls()
	if got = list(&eeclient.ListOperationsRequest{Project: "projects/my-project", PageSize: 3}, 2); len(got) != 2 || calls()-before != 1 {
		t.Errorf("a walk that stops early gave %d in %d calls", len(got), calls()-before)
	}
	if got = list(&eeclient.ListOperationsRequest{Project: "projects/other"}, 0); len(got) != 0 {
		t.Errorf("another project has %v", got)
	}
}

func TestListOperationsEndsWithAnError(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  eetest.Fault
		status string
	}{
		{"a refusal", eetest.Fault{Status: 403}, "PERMISSION_DENIED"},
		{"a page whose next page is itself", eetest.Fault{Body: `{"nextPageToken":"x"}`, Times: -1}, "UNAVAILABLE"},
	} {
		server := newServer(t)
		tc.fault.Method = eetest.ListOperations
		server.Inject(tc.fault)
		n := 0
		for op, err := range newClient(t, server).ListOperations(t.Context(), &eeclient.ListOperationsRequest{Project: "projects/p"}) {
			n++
			if fault := faultOf(t, err); op != nil || fault.Status != tc.status {
				t.Errorf("%s: %v %v", tc.name, op, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d steps", tc.name, n)
		}
	}
}

func TestListOperationsStopsBeforeAPage(t *testing.T) {
	server, stop := newServer(t), errors.New("stop")
	r := &eeclient.ListOperationsRequest{Project: "projects/p", Before: func(context.Context) error { return stop }}
	for op, err := range newClient(t, server).ListOperations(t.Context(), r) {
		if op != nil || err != stop {
			t.Errorf("%v %v", op, err)
		}
	}
	if n := server.Count(eetest.ListOperations); n != 0 {
		t.Errorf("%d calls", n)
	}
}
