package eetest

import (
	"math"
	"time"
)

// State is the state of an Operation, as Earth Engine names it.
type State string

// The documented states. The last three are final.
const (
	Pending    State = "PENDING"
	Running    State = "RUNNING"
	Cancelling State = "CANCELLING"
	Succeeded  State = "SUCCEEDED"
	Failed     State = "FAILED"
	Cancelled  State = "CANCELLED"
)

// Done reports whether s is final.
func (s State) Done() bool { return s == Succeeded || s == Failed || s == Cancelled }

// Operation is a snapshot of one Operation.
type Operation struct {
	Name        string // projects/*/operations/*
	Type        string // EXPORT_CLASSIFIER unless Add gave another
	Project     string // that was charged, without "projects/"
	Caller      string // the account of a token issued here, else the token
	RequestID   string
	Description string
	Asset       string // destination
	Overwrite   bool
	WorkloadTag string
	Priority    int // 100 if the request has none

	State        State
	Progress     float64 // from 0 to 1
	CreateTime   time.Time
	StartTime    time.Time // zero while PENDING
	UpdateTime   time.Time
	EndTime      time.Time // zero until it ends
	ErrorCode    int       // google.rpc code of one that FAILED or was CANCELLED
	ErrorMessage string

	// Body is the request that started it, as received; nil if newer requests
	// have taken its place (see [Server.Requests]). Do not modify it.
	Body []byte

	version      string // of the API that shows it
	noCreateTime bool
}

// The wire form of Earth Engine's REST reference. Fields with default values are
// left out, as protobuf's JSON mapping does.
type (
	operationJSON struct {
		Name     string       `json:"name"`
		Metadata metadataJSON `json:"metadata"`
		Done     bool         `json:"done,omitempty"`
		Response *typedJSON   `json:"response,omitempty"`
		Error    *statusJSON  `json:"error,omitempty"`
	}
	metadataJSON struct {
		Type            string      `json:"@type"`
		State           State       `json:"state"`
		Description     string      `json:"description,omitempty"`
		Priority        int         `json:"priority,omitempty"`
		CreateTime      string      `json:"createTime,omitempty"`
		UpdateTime      string      `json:"updateTime"`
		StartTime       string      `json:"startTime"`
		EndTime         string      `json:"endTime,omitempty"`
		Kind            string      `json:"type"`
		Attempt         int         `json:"attempt,omitempty"`
		Progress        float64     `json:"progress,omitempty"`
		Stages          []stageJSON `json:"stages,omitempty"`
		DestinationURIs []string    `json:"destinationUris,omitempty"`
		EECUSeconds     float64     `json:"batchEecuUsageSeconds,omitempty"`
	}
	stageJSON struct {
		DisplayName       string  `json:"displayName"`
		CompleteWorkUnits float64 `json:"completeWorkUnits,omitempty"`
		TotalWorkUnits    float64 `json:"totalWorkUnits,omitempty"`
		Description       string  `json:"description"`
	}
	typedJSON struct {
		Type string `json:"@type"`
	}
	statusJSON struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
)

// JSON returns the Operation as operations.get would have answered.
func (o Operation) JSON() []byte {
	meta := metadataJSON{
		Type:        "type.googleapis.com/google.earthengine." + o.version + ".OperationMetadata",
		State:       o.State,
		Description: o.Description,
		Priority:    o.Priority,
		CreateTime:  timestamp(o.CreateTime),
		UpdateTime:  timestamp(o.UpdateTime),
		// Until an Operation runs, Earth Engine shows the epoch.
		StartTime: timestamp(time.Unix(0, 0)),
		Kind:      o.Type,
		Progress:  o.Progress,
	}
	if o.noCreateTime {
		meta.CreateTime = ""
	}
	if !o.StartTime.IsZero() {
		end := o.UpdateTime
		meta.StartTime = timestamp(o.StartTime)
		meta.Attempt = 1
		meta.EECUSeconds = round(eecuPerSecond * end.Sub(o.StartTime).Seconds())
		meta.Stages = stages(o.Progress)
	}
	if !o.EndTime.IsZero() {
		meta.EndTime = timestamp(o.EndTime)
	}
	out := operationJSON{Name: o.Name, Done: o.State.Done()}
	switch o.State {
	case Succeeded:
		meta.DestinationURIs = []string{"https://code.earthengine.google.com/?asset=" + o.Asset}
		out.Response = &typedJSON{"type.googleapis.com/google.protobuf.Empty"}
	case Failed, Cancelled:
		out.Error = &statusJSON{o.ErrorCode, o.ErrorMessage}
	}
	out.Metadata = meta
	return marshal(out)
}

// eecuPerSecond is an invented value for the compute of a small training.
const eecuPerSecond = 2

// stages splits the progress into a computation and a write. Earth Engine does not
// document the stages of a classifier's export.
func stages(progress float64) []stageJSON {
	const units, computing = 10, 0.8
	done := func(from, to float64) float64 {
		return math.Floor(units * min(1, max(0, (progress-from)/(to-from))))
	}
	compute := stageJSON{DisplayName: "Compute Classifier", Description: "Computation of the classifier.",
		CompleteWorkUnits: done(0, computing), TotalWorkUnits: units}
	write := stageJSON{DisplayName: "Write Asset", Description: "Writing of the classifier to the destination asset."}
	if progress >= computing {
		// A stage has no work units until it reports progress.
		write.CompleteWorkUnits, write.TotalWorkUnits = done(computing, 1), units
	}
	return []stageJSON{compute, write}
}

func round(f float64) float64 { return math.Round(f*1e4) / 1e4 }

// timestamp formats a time as protobuf's JSON mapping does: in UTC, with 0, 3 or 6
// digits.
func timestamp(t time.Time) string {
	t = t.UTC()
	switch ns := t.Nanosecond(); {
	case ns == 0:
		return t.Format("2006-01-02T15:04:05Z")
	case ns%int(time.Millisecond) == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}
