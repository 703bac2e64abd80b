package eeclient_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// delivery is a request that was first delivered some time ago.
func delivery(clock *eetest.Clock, description string, ago time.Duration) *eeclient.ExportClassifierRequest {
	r := request()
	r.Description = description
	r.Arrival = clock.Now()
	r.FirstDelivery = r.Arrival.Add(-ago)
	r.NotBefore = r.FirstDelivery
	return r
}

// TestAnExportThatAlreadyExistsIsFound has an Earth Engine that refuses a
// repeated request ID.
func TestAnExportThatAlreadyExistsIsFound(t *testing.T) {
	lost := eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart}
	const found, later, never = "", eeclient.ReasonOperationNotListed, eeclient.ReasonDuplicateRequest
	for _, tc := range []struct {
		name   string
		world  eetest.World
		ago    time.Duration // of the first delivery
		before func(*eetest.Server)
		reason string
	}{
		{"by its description, after a lost answer", eetest.World{}, 0, nil, found},
		{"if lists begin with the oldest", eetest.World{OldestFirst: true}, 0, func(server *eetest.Server) {
			for range 600 { // more than a page
				server.Add(eetest.Operation{Project: "my-project", Description: "old", CreateTime: noon.Add(-time.Hour)})
			}
		}, found},
		{"among others", eetest.World{}, 0, func(server *eetest.Server) {
			server.Add(eetest.Operation{Project: "my-project", Description: "another"})
			server.Add(eetest.Operation{Project: "my-project", Type: "EXPORT_IMAGE", Description: "mine"})
			server.Add(eetest.Operation{Project: "other-project", Description: "mine"})
		}, found},
		{"beside an older one of the same description", eetest.World{}, 0, func(server *eetest.Server) {
			server.Add(eetest.Operation{Project: "my-project", Description: "mine", CreateTime: noon.Add(-time.Hour)})
		}, found},
		{"if it has no time of creation", eetest.World{NoCreateTime: true}, 0, nil, found},
		{"if it has its project's number", eetest.World{ProjectNumbers: true}, 0, nil, found},
		{"not among twins", eetest.World{}, 0, func(server *eetest.Server) {
			server.Add(eetest.Operation{Project: "my-project", Description: "mine"})
		}, later},
		{"not while the list lags", eetest.World{ListLag: time.Hour}, 9 * time.Minute, nil, later},
		{"never after ten minutes", eetest.World{ListLag: time.Hour}, 10 * time.Minute, nil, never},
		{"never among twins after ten minutes", eetest.World{}, 10 * time.Minute, func(server *eetest.Server) {
			server.Add(eetest.Operation{Project: "my-project", Description: "mine"})
		}, never},
		{"not if the list is refused", eetest.World{}, 0, func(server *eetest.Server) {
			server.Inject(eetest.Fault{Method: eetest.ListOperations, Status: 403})
		}, later},
	} {
		t.Run(tc.name, func(t *testing.T) {
			clock := eetest.NewClock(noon)
			tc.world.Repeat = eetest.AlreadyExists
			server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(tc.world), eetest.WithQuotas(eetest.Quotas{RequestsPerSecond: -1}))
			server.Inject(lost)
			if tc.before != nil {
				tc.before(server)
			}
			started, err := newClient(t, server).ExportClassifier(t.Context(), delivery(clock, "mine", tc.ago))
			if tc.reason == found {
				if err != nil {
					t.Fatal(err)
				}
				ops := server.Operations()
				if want := ops[len(ops)-1]; started.Operation.Name() != want.Name || want.RequestID != "request-1" || started.Replayed {
					t.Errorf("%s, replayed %t; want %s", started.Operation.Name(), started.Replayed, want.Name)
				}
				return
			}
			fault := faultOf(t, err)
			if fault.Reason != tc.reason || !fault.MayHaveStarted || fault.Blame.Permanent() != (tc.reason == never) || fault.OutcomeUnknown() {
				t.Errorf("%+v", fault)
			}
		})
	}
}

func TestAnExportIsFoundByItsDestination(t *testing.T) {
	clock := eetest.NewClock(noon)
	server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
	client := newClient(t, server)
	first := export(t, client, delivery(clock, "", 0))
	clock.Advance(time.Hour) // it has succeeded, and links to its asset
	started, err := client.ExportClassifier(t.Context(), delivery(clock, "", time.Hour))
	if err != nil || started.Operation.Name() != first.Name() || !started.Replayed {
		t.Errorf("%+v, %v", started, err)
	}
}

func TestAnExportIsFoundOnceTheListHoldsIt(t *testing.T) {
	clock := eetest.NewClock(noon)
	server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists, ListLag: 5 * time.Minute}))
	client := newClient(t, server)
	server.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})
	_, err := client.ExportClassifier(t.Context(), delivery(clock, "mine", 0))
	if fault := faultOf(t, err); fault.Reason != eeclient.ReasonOperationNotListed || fault.Blame != eeclient.Nobody {
		t.Errorf("%+v", fault)
	}
	clock.Advance(5 * time.Minute)
	started, err := client.ExportClassifier(t.Context(), delivery(clock, "mine", 5*time.Minute))
	if err != nil || started.Operation.Name() != server.Operations()[0].Name || !started.Replayed {
		t.Errorf("%+v, %v", started, err)
	}
}

func TestARepeatWithoutATimeOfCreationIsReplayedUnlessAnAnswerWasLost(t *testing.T) {
	clock := eetest.NewClock(noon)
	server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists, NoCreateTime: true}))
	client := newClient(t, server)
	export(t, client, delivery(clock, "mine", 0))
	for _, tc := range []struct {
		fault eetest.Fault
		want  bool
	}{{eetest.Fault{Status: 429}, true}, {eetest.Fault{Status: 503}, false}} {
		server.Inject(tc.fault)
		started, err := client.ExportClassifier(t.Context(), delivery(clock, "mine", 0))
		if err != nil || started.Replayed != tc.want {
			t.Errorf("after %d: %+v, %v", tc.fault.Status, started, err)
		}
	}
}

func TestAListThatFailsSettlesNothing(t *testing.T) {
	for _, tc := range []struct {
		fault eetest.Fault
		blame eeclient.Blame
	}{
		{eetest.Fault{Status: 503, Times: -1}, eeclient.Nobody},
		{eetest.Fault{Status: 429, Times: -1}, eeclient.Quota},
		{eetest.Fault{Status: 403, Reason: "SERVICE_DISABLED"}, eeclient.Deployment},
	} {
		t.Run(fmt.Sprint(tc.fault.Status), func(t *testing.T) {
			clock := eetest.NewClock(noon)
			server := newServer(t, eetest.WithClock(clock), eetest.WithWorld(eetest.World{Repeat: eetest.AlreadyExists}))
			client := newClient(t, server)
			export(t, client, delivery(clock, "mine", 0))
			tc.fault.Method = eetest.ListOperations
			server.Inject(tc.fault)
			_, err := client.ExportClassifier(t.Context(), delivery(clock, "mine", time.Hour))
			if fault := faultOf(t, err); fault.Blame != tc.blame || !fault.MayHaveStarted {
				t.Errorf("%+v", fault)
			}
		})
	}
	t.Run("a list that hangs ends with the time", func(t *testing.T) {
		inBubble(t, func(t *testing.T, server *eetest.Server, client *eeclient.Client) {
			server.Inject(eetest.Fault{Method: eetest.ExportClassifier, Status: 409, Code: "ALREADY_EXISTS", Message: "request ID"},
				eetest.Fault{Method: eetest.ListOperations, Delay: time.Hour, Times: -1})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := client.ExportClassifier(ctx, request())
			if fault := faultOf(t, err); fault.Status != "DEADLINE_EXCEEDED" || !fault.MayHaveStarted {
				t.Errorf("%+v", fault)
			}
		})
	})
}

func TestAlreadyExistsAboutTheAssetIsARefusal(t *testing.T) {
	server := newServer(t, eetest.WithAsset("projects/my-project/assets/rf"), eetest.WithWorld(eetest.World{RefuseExistingAsset: true}))
	r := request()
	r.RequestID = "rf"
	_, err := newClient(t, server).ExportClassifier(t.Context(), r)
	fault := faultOf(t, err)
	if fault.Status != "ALREADY_EXISTS" || fault.Reason != "" || fault.Blame != eeclient.Request || fault.MayHaveStarted || server.Count(eetest.ListOperations) != 0 {
		t.Errorf("%+v", fault)
	}
}
