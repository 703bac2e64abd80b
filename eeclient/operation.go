package eeclient

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"example.com/eeexport/eeclient/resource"
)

// State is the state of an Operation
// (https://developers.google.com/earth-engine/reference/rest/v1beta/OperationMetadata).
type State string

// The states of an Operation. It ends as one of the last three.
const (
	Pending    State = "PENDING"
	Running    State = "RUNNING"
	Cancelling State = "CANCELLING"
	Succeeded  State = "SUCCEEDED"
	Cancelled  State = "CANCELLED"
	Failed     State = "FAILED"
)

// Ended reports whether the state is final.
func (s State) Ended() bool { return s == Succeeded || s == Cancelled || s == Failed }

// Operation is a long-running task of Earth Engine: the bytes that Earth Engine
// sent, and some of their fields.
type Operation struct {
	raw  []byte
	read operationFields
}

// operationFields are the fields that have methods.
type operationFields struct {
	Name     string `json:"name"`
	Done     bool   `json:"done"`
	Metadata struct {
		State           State           `json:"state"`
		Type            string          `json:"type"`
		Description     string          `json:"description"`
		CreateTime      string          `json:"createTime"`
		UpdateTime      string          `json:"updateTime"`
		StartTime       string          `json:"startTime"`
		EndTime         string          `json:"endTime"`
		Attempt         int             `json:"attempt"`
		Progress        float64         `json:"progress"`
		EECUSeconds     json.RawMessage `json:"batchEecuUsageSeconds"`
		DestinationURIs []string        `json:"destinationUris"`
		Stages          []Stage         `json:"stages"`
	} `json:"metadata"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// Stage is a part of an Operation's work.
type Stage struct {
	// DisplayName is what the stage is called.
	DisplayName string `json:"displayName"`
	// Description is a sentence about it.
	Description string `json:"description"`
	// CompleteWorkUnits of TotalWorkUnits are done.
	CompleteWorkUnits json.Number `json:"completeWorkUnits"`
	TotalWorkUnits    json.Number `json:"totalWorkUnits"`
}

// ParseOperation reads an Operation, which must have a name of the form
// projects/*/operations/*. It keeps b. Any other field whose type is not the
// documented one reads as unset: an export that has started must never be lost
// because a detail of its description has changed.
func ParseOperation(b []byte) (*Operation, error) {
	op := &Operation{raw: b}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(b, &op.read); errors.As(err, &syntax) {
		return nil, errors.New("it is not JSON")
	}
	if !resource.IsOperation(op.read.Name) {
		return nil, errors.New("it has no name of the form projects/*/operations/*")
	}
	return op, nil
}

// JSON returns the Operation as Earth Engine sent it. Do not modify it.
func (o *Operation) JSON() []byte { return o.raw }

// Name returns projects/*/operations/*.
func (o *Operation) Name() string { return o.read.Name }

// End reports whether the Operation has ended, and returns the final state:
// Succeeded, Cancelled or Failed. If it is done in another state, the final
// state follows from its error.
func (o *Operation) End() (State, bool) {
	const cancelled = 1 // google.rpc.Code
	state := o.State()
	switch code, _ := o.Failure(); {
	case state.Ended():
		return state, true
	case !o.read.Done:
		return "", false
	case code == cancelled || code == 0 && state == Cancelling:
		return Cancelled, true
	case o.read.Error == nil:
		return Succeeded, true
	}
	return Failed, true
}

// State returns the state that Earth Engine gave. [Operation.End] reports
// whether it is final.
func (o *Operation) State() State { return o.read.Metadata.State }

// Type returns the kind of task, such as EXPORT_CLASSIFIER.
func (o *Operation) Type() string { return o.read.Metadata.Type }

// Description returns the description that the request set.
func (o *Operation) Description() string { return o.read.Metadata.Description }

// CreateTime returns the time at which the Operation was created. Like the other
// times it is zero if Earth Engine gave none.
func (o *Operation) CreateTime() time.Time { return parseTime(o.read.Metadata.CreateTime) }

// UpdateTime returns the time of the last change.
func (o *Operation) UpdateTime() time.Time { return parseTime(o.read.Metadata.UpdateTime) }

// StartTime returns the time at which the task began to run.
func (o *Operation) StartTime() time.Time { return parseTime(o.read.Metadata.StartTime) }

// EndTime returns the time at which the task ended.
func (o *Operation) EndTime() time.Time { return parseTime(o.read.Metadata.EndTime) }

// Attempt returns how often Earth Engine has tried to run the task.
func (o *Operation) Attempt() int { return o.read.Metadata.Attempt }

// Progress returns how much is done, from 0 to 1.
func (o *Operation) Progress() float64 { return o.read.Metadata.Progress }

// EECUSeconds returns the compute that the task has used, in EECU-seconds, and
// reports whether Earth Engine gave it.
func (o *Operation) EECUSeconds() (seconds float64, ok bool) {
	seconds, err := strconv.ParseFloat(string(o.read.Metadata.EECUSeconds), 64)
	return seconds, err == nil
}

// DestinationURIs returns links to the result.
func (o *Operation) DestinationURIs() []string { return o.read.Metadata.DestinationURIs }

// Stages returns the parts of the work.
func (o *Operation) Stages() []Stage { return o.read.Metadata.Stages }

// Failure returns the google.rpc code and message of an Operation that failed
// or was cancelled; 0 and "" for others.
func (o *Operation) Failure() (code int, message string) {
	if o.read.Error == nil {
		return 0, ""
	}
	return o.read.Error.Code, o.read.Error.Message
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
