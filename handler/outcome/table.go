package outcome

import (
	"log/slog"
	"net/http"
	"time"
)

// Kind is how a request ended. The HTTP status, the acknowledgement and the
// severity in the log all follow from it, in one table.
type Kind int

// The kinds of outcome. The zero Kind acknowledges nothing.
const (
	// Internal means that the function itself is at fault.
	Internal Kind = iota
	// Exported means that the Operation has started and has been published.
	Exported
	// Validated means that the request is valid, and only validation was asked
	// for.
	Validated
	// Watched means that a tick of the watcher did all its work.
	Watched
	// WatchedPartly means that a tick of the watcher did only part of its work.
	WatchedPartly
	// WrongMethod means that the HTTP method is not POST.
	WrongMethod
	// TooLarge means that the request is larger than the deployment accepts.
	TooLarge
	// Unauthenticated means that the webhook's signature is missing or wrong.
	Unauthenticated
	// Invalid means that the request is malformed or breaks a rule.
	Invalid
	// Unidentified means that a push carries nothing that identifies it when it
	// is redelivered.
	Unidentified
	// NotAllowed means that the request names what the deployment does not allow.
	NotAllowed
	// Refused means that Earth Engine refused the request.
	Refused
	// RequestIDReused means that the request ID belongs to another request.
	RequestIDReused
	// Expired means that the request has waited for longer than it may.
	Expired
	// Quota means that a quota of Earth Engine is used up for now.
	Quota
	// NotAccepted means that Earth Engine does not accept the deployment.
	NotAccepted
	// Unavailable means that Earth Engine cannot be reached or fails.
	Unavailable
	// Unknown means that the request was refused, after an attempt that may
	// have started an export.
	Unknown
	// DeadlinePassed means that the time for the request ran out.
	DeadlinePassed
	// Unpublished means that the Operation has started, but could not be
	// published.
	Unpublished
)

// Class says what can be done about an outcome.
type Class string

// The classes of outcomes.
const (
	Success   Class = "success"
	Permanent Class = "permanent" // the same request can never succeed
	Transient Class = "transient" // the same request can succeed later
	Fault     Class = "internal"  // a person has to fix the deployment
)

// row is what follows from a kind.
type row struct {
	name     string // in the log
	class    Class
	code     int    // HTTP; Outcome.code overrides it
	status   string // google.rpc.Code; Outcome.status overrides it
	severity slog.Level
	// retryAfter is how long the sender should wait if Earth Engine named no
	// time; 0 for no advice.
	retryAfter time.Duration
}

// table is the contract's table of outcomes.
var table = [...]row{
	Internal:        {"internal", Fault, http.StatusInternalServerError, "INTERNAL", slog.LevelError, 0},
	Exported:        {"exported", Success, http.StatusOK, "", slog.LevelInfo, 0},
	Validated:       {"validated", Success, http.StatusOK, "", slog.LevelInfo, 0},
	Watched:         {"watched", Success, http.StatusOK, "", slog.LevelInfo, 0},
	WatchedPartly:   {"watched in part", Success, http.StatusOK, "", slog.LevelWarn, 0},
	WrongMethod:     {"wrong method", Permanent, http.StatusMethodNotAllowed, "INVALID_ARGUMENT", slog.LevelWarn, 0},
	TooLarge:        {"too large", Permanent, http.StatusRequestEntityTooLarge, "INVALID_ARGUMENT", slog.LevelWarn, 0},
	Unauthenticated: {"unauthenticated", Permanent, http.StatusUnauthorized, "UNAUTHENTICATED", slog.LevelWarn, 0},
	Invalid:         {"invalid", Permanent, http.StatusBadRequest, "INVALID_ARGUMENT", slog.LevelWarn, 0},
	Unidentified:    {"unidentified", Permanent, http.StatusBadRequest, "INVALID_ARGUMENT", slog.LevelError, 0},
	NotAllowed:      {"not allowed", Permanent, http.StatusForbidden, "PERMISSION_DENIED", slog.LevelWarn, 0},
	Refused:         {"refused", Permanent, http.StatusBadRequest, "INVALID_ARGUMENT", slog.LevelWarn, 0},
	RequestIDReused: {"request ID reused", Permanent, http.StatusConflict, "ALREADY_EXISTS", slog.LevelWarn, 0},
	Expired:         {"expired", Permanent, http.StatusGatewayTimeout, "DEADLINE_EXCEEDED", slog.LevelError, 0},
	Quota:           {"quota", Transient, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", slog.LevelWarn, 30 * time.Second},
	NotAccepted:     {"not accepted", Transient, http.StatusServiceUnavailable, "UNAVAILABLE", slog.LevelError, 0},
	Unavailable:     {"unavailable", Transient, http.StatusServiceUnavailable, "UNAVAILABLE", slog.LevelError, 10 * time.Second},
	Unknown:         {"unknown", Transient, http.StatusServiceUnavailable, "UNAVAILABLE", slog.LevelError, 10 * time.Second},
	DeadlinePassed:  {"deadline passed", Transient, http.StatusGatewayTimeout, "DEADLINE_EXCEEDED", slog.LevelError, 0},
	Unpublished:     {"unpublished", Transient, http.StatusServiceUnavailable, "UNAVAILABLE", slog.LevelError, 10 * time.Second},
}

// String returns the kind's name, as it is logged.
func (k Kind) String() string { return table[k].name }
