package outcome

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"example.com/eeexport/eeclient"
)

// errorDomain is the domain of ErrorInfo, which defines its reasons.
const errorDomain = "eeexport.example.com"

// errorBody returns Google's error body for a failure: google.rpc.Status with
// its details (https://cloud.google.com/apis/design/errors#error_model).
func (o *Outcome) errorBody() []byte {
	details := []any{}
	if len(o.Violations) > 0 {
		details = append(details, struct {
			Type       string                    `json:"@type"`
			Violations []eeclient.FieldViolation `json:"fieldViolations"`
		}{"type.googleapis.com/google.rpc.BadRequest", o.Violations})
	}
	metadata := maps.Clone(o.Metadata)
	if o.RequestID != "" {
		if metadata == nil {
			metadata = make(map[string]string, 1)
		}
		metadata["requestId"] = o.RequestID
	}
	details = append(details, struct {
		Type     string            `json:"@type"`
		Reason   string            `json:"reason"`
		Domain   string            `json:"domain"`
		Metadata map[string]string `json:"metadata,omitempty"`
	}{"type.googleapis.com/google.rpc.ErrorInfo", o.Reason, errorDomain, metadata})
	if wait := o.retryAfter(); wait > 0 {
		details = append(details, struct {
			Type  string `json:"@type"`
			Delay string `json:"retryDelay"`
		}{"type.googleapis.com/google.rpc.RetryInfo", fmt.Sprintf("%ds", seconds(wait))})
	}
	type status struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Details []any  `json:"details"`
	}
	// Strings, slices and maps of strings always marshal.
	body, _ := json.Marshal(struct {
		Error status `json:"error"`
	}{status{o.Code(), o.Message, o.Status(), details}})
	return body
}

// seconds rounds up, so that no sender returns too early.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
