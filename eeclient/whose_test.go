package eeclient

import (
	"encoding/json"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// operation is one of a project, as JSON with metadata.
func operation(t *testing.T, name string, metadata map[string]any) *Operation {
	t.Helper()
	b, err := json.Marshal(map[string]any{"name": name, "metadata": metadata})
	if err != nil {
		t.Fatal(err)
	}
	op, err := ParseOperation(b)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

type meta = map[string]any

const mine = "projects/p/operations/A"

func TestWhoseOperation(t *testing.T) {
	const asset = "projects/p/assets/rf"
	link := []string{"https://code.earthengine.google.com/?asset=" + asset}
	other := []string{"https://code.earthengine.google.com/?asset=projects/p/assets/other"}
	before, after := noon.Add(-time.Hour).Format(time.RFC3339), noon.Add(time.Minute).Format(time.RFC3339)
	for _, tc := range []struct {
		name     string
		op       string
		metadata meta
		// anothers is what isAnothers reports of an answer, found what isMine
		// reports of a list's entry.
		anothers, found bool
	}{
		{"nothing is known of it", mine, meta{}, false, false},
		{"all agrees", mine, meta{"type": exportType, "description": "nightly", "createTime": after}, false, true},
		{"it has the same description, and no time", mine, meta{"type": exportType, "description": "nightly"}, false, true},
		{"it has the same description, and is older", mine, meta{"type": exportType, "description": "nightly", "createTime": before}, false, false},
		{"it is a little older, as clocks differ", mine, meta{"type": exportType, "description": "nightly", "createTime": noon.Add(-time.Second).Format(time.RFC3339)}, false, true},
		{"it has the beginning of the description", mine, meta{"type": exportType, "description": "night", "createTime": before}, false, false},
		{"it has more than the description", mine, meta{"type": exportType, "description": "nightly (my task)", "createTime": before}, false, false},
		{"it has no description", mine, meta{"type": exportType, "createTime": before}, false, false},
		{"it has another description, and is older", mine, meta{"type": exportType, "description": "weekly", "createTime": before}, true, false},
		{"it has another description, and is not older", mine, meta{"type": exportType, "description": "weekly", "createTime": after}, false, false},
		{"it has another description, and no time", mine, meta{"type": exportType, "description": "weekly"}, false, false},
		{"it wrote the asset", mine, meta{"type": exportType, "createTime": after, "destinationUris": link}, false, true},
		{"it wrote the asset, with another description", mine, meta{"type": exportType, "description": "weekly", "createTime": after, "destinationUris": link}, false, false},
		{"it wrote another asset, with the same description", mine, meta{"type": exportType, "description": "nightly", "createTime": after, "destinationUris": other}, false, false},
		{"it is another kind of task", mine, meta{"type": "EXPORT_IMAGE", "description": "nightly"}, true, false},
		{"it is an upload", mine, meta{"type": "INGEST_TABLE"}, true, false},
		{"it is a kind of task that is not known", mine, meta{"type": "EXPORT_MODEL", "description": "nightly"}, false, false},
		{"it is another project's", "projects/q/operations/A", meta{"type": exportType}, true, false},
		{"its project is a number", "projects/123/operations/A", meta{"type": exportType, "description": "nightly"}, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &ExportClassifierRequest{Project: "projects/p", Description: "nightly", NotBefore: noon,
				Destination: EarthEngineDestination{Name: asset}}
			op := operation(t, tc.op, tc.metadata)
			if got := r.isAnothers(op); got != tc.anothers {
				t.Errorf("as an answer, another's: %t", got)
			}
			if got := r.isMine(op); got != tc.found {
				t.Errorf("in a list, this request's: %t", got)
			}
		})
	}
	t.Run("a project's number compares with a number", func(t *testing.T) {
		r := &ExportClassifierRequest{Project: "projects/123"}
		if r.isAnothers(operation(t, "projects/123/operations/A", meta{})) || !r.isAnothers(operation(t, "projects/124/operations/A", meta{})) {
			t.Error("wrong")
		}
	})
	for _, tc := range []struct {
		name    string
		r       ExportClassifierRequest
		created string
		want    bool
	}{
		{"older than the request, with another description", ExportClassifierRequest{NotBefore: noon}, "2026-11-23T11:59:59.9Z", true},
		{"in the second of the request, without a fraction", ExportClassifierRequest{NotBefore: noon.Add(time.Millisecond)}, "2026-11-23T12:00:00Z", false},
		{"older than a delivery that may be the first", ExportClassifierRequest{Arrival: noon}, "2026-11-23T11:59:59.9Z", true},
		{"older than a delivery, but the description holds its time", ExportClassifierRequest{Arrival: noon, DescriptionVaries: true}, "2026-11-23T11:59:59.9Z", false},
		{"older than what nobody knows", ExportClassifierRequest{}, "2026-11-23T11:59:59.9Z", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.r.Project, tc.r.Description = "projects/p", "nightly"
			if got := tc.r.isAnothers(operation(t, mine, meta{"description": "weekly", "createTime": tc.created})); got != tc.want {
				t.Errorf("another's: %t", got)
			}
		})
	}
	t.Run("without a description its absence proves nothing", func(t *testing.T) {
		r := &ExportClassifierRequest{Project: "projects/p"}
		if r.isMine(operation(t, mine, meta{"type": exportType})) {
			t.Error("it is taken for this request's")
		}
	})
}

func TestStartedByAnEarlierDelivery(t *testing.T) {
	for _, tc := range []struct {
		name, created string
		arrival       time.Time
		otherwise     bool
		want          bool
	}{
		{"created before the arrival", "2026-11-23T11:59:59.5Z", noon, false, true},
		{"created after it", "2026-11-23T12:00:00.5Z", noon, true, false},
		{"created within a fraction before it", "2026-11-23T12:00:00.4Z", noon.Add(500 * time.Millisecond), false, true},
		{"in whole seconds, in that of the arrival", "2026-11-23T12:00:00Z", noon.Add(500 * time.Millisecond), false, false},
		{"in whole seconds, in the one before", "2026-11-23T11:59:59Z", noon.Add(500 * time.Millisecond), false, true},
		{"no time of creation", "", noon, false, false},
		{"no time of creation, and known otherwise", "", noon, true, true},
		{"no time of arrival", "2026-11-23T12:00:00.5Z", time.Time{}, false, false},
	} {
		r := &ExportClassifierRequest{Arrival: tc.arrival}
		if got := r.startedBefore(operation(t, mine, meta{"createTime": tc.created}), tc.otherwise); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
	}
}

func TestWhetherAlreadyExistsIsAboutTheRequestID(t *testing.T) {
	for _, tc := range []struct {
		name, id, message string
		want              bool
	}{
		{"it says request ID", "x", "A request with this request ID has been made.", true},
		{"it says requestId", "x", "Duplicate requestId.", true},
		{"it says request_id", "x", "request_id: already used", true},
		{"it names the ID", "nightly-20261123", "Operation 'nightly-20261123' exists.", true},
		{"it ends with the ID", "nightly-20261123", "Duplicate: nightly-20261123", true},
		{"it names the asset", "nightly", "Asset 'projects/p/assets/rf' already exists.", false},
		{"it names an asset that holds the ID", "rf", "Cannot overwrite asset 'projects/p/assets/rf'.", false},
		{"it names an asset that begins with the ID", "rf", "Asset projects/p/assets/rf-2 exists.", false},
		{"it names its asset, which is called requestId", "x", "Asset 'projects/earthengine-legacy/assets/users/me/requestId' already exists.", false},
		{"it names it by its older ID", "x", "Asset users/me/requestId already exists.", false},
		{"it names nothing", "x", "Requested entity already exists", false},
		{"it is empty", "x", "", false},
	} {
		r := &ExportClassifierRequest{RequestID: tc.id, Destination: EarthEngineDestination{Name: "projects/earthengine-legacy/assets/users/me/requestId"}}
		if got := r.idIsNamedIn(tc.message); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
	}
}
