package handler

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/eeclient/resource"
	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/webhook"
)

// maxWrongBytes bounds how much of a list's wrong items is quoted, so that the
// log has room for the other variables.
const maxWrongBytes = 512

// envReader reads environment variables and collects their errors. An unset
// variable reads as the zero value.
type envReader struct {
	getenv func(string) string
	wrong  []error
}

func (r *envReader) fail(name, format string, args ...any) {
	r.wrong = append(r.wrong, errors.New(name+": "+fmt.Sprintf(format, args...)))
}

func (r *envReader) projectID(name string) string {
	v := strings.TrimPrefix(r.getenv(name), "projects/")
	if v != "" && !resource.IsProject(resource.Project(v)) {
		r.fail(name, "%s is not a project ID", text.Quote(v))
	}
	return v
}

// resource reads the name of a topic or a subscription.
func (r *envReader) resource(name, collection string, required bool) string {
	v := r.getenv(name)
	form := "an ID or projects/*/" + collection + "/*"
	switch {
	case v == "" && required:
		r.fail(name, "required: %s", form)
	case v != "" && !isPubSubResource(v, collection):
		r.fail(name, "%s is not %s", text.Quote(v), form)
	}
	return v
}

// list reads comma-separated values, or "*". Canonical returns the canonical form
// of a value and reports whether it is valid.
func (r *envReader) list(name string, canonical func(string) (string, bool), form string) (values []string) {
	v := r.getenv(name)
	if v == "" {
		return nil
	}
	var wrong []string
	for item := range strings.SplitSeq(v, ",") {
		item = strings.TrimSpace(item)
		if item != anyAllowed {
			value, ok := canonical(item)
			if !ok {
				wrong = append(wrong, text.Quote(item))
			}
			item = value
		}
		values = append(values, item)
	}
	if len(wrong) > 0 {
		r.fail(name, "not %s or *: %s", form, text.Clip(strings.Join(wrong, ", "), maxWrongBytes))
	}
	return values
}

func allowedProject(s string) (string, bool) {
	name := resource.Project(s)
	return name, resource.IsProject(name)
}

func allowedAsset(s string) (string, bool) {
	prefix := strings.TrimRight(s, "/")
	return prefix, resource.IsAsset(prefix + "/x")
}

// readPrefix is a prefix of asset names, catalog IDs or Cloud Storage URLs.
var readPrefix = regexp.MustCompile(`^(gs://[a-z0-9][a-z0-9._-]*(/[^/\s]+)*|[A-Za-z][A-Za-z0-9_.-]*(/[A-Za-z0-9_.:-]+)*)$`)

func allowedRead(s string) (string, bool) {
	prefix := strings.TrimRight(s, "/")
	return prefix, readPrefix.MatchString(prefix)
}

func (r *envReader) webhookSecrets(name string) webhook.Secrets {
	secrets, err := webhook.ParseSecrets(r.getenv(name))
	if err != nil {
		r.fail(name, "%s", err)
	}
	return secrets
}

func (r *envReader) expressionCheck(name string) expression.Level {
	v := r.getenv(name)
	if v == "" {
		return expression.Strict
	}
	level, err := expression.ParseLevel(v)
	if err != nil {
		r.fail(name, "%s is not strict, structure or off", text.Quote(v))
	}
	return level
}

func (r *envReader) positive(name string, limit int64) int64 {
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 || n > limit {
		r.fail(name, "%s is not a whole number from 1 to %d", text.Quote(v), limit)
	}
	return n
}

// duration reads a positive duration.
func (r *envReader) duration(name string) time.Duration {
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		r.fail(name, "%s is not a positive duration such as 604800s", text.Quote(v))
	}
	return d
}

// endpoint reads Earth Engine's base URL.
func (r *envReader) endpoint(name string) string {
	v := r.getenv(name)
	if v != "" {
		if err := eeclient.CheckEndpoint(v); err != nil {
			r.fail(name, "%v", err)
		}
	}
	return v
}

func (r *envReader) host(name string) string {
	v := r.getenv(name)
	if v == "" {
		return ""
	}
	if u, err := url.Parse("https://" + v); err != nil || u.Host != v || u.Port() == "" || eeclient.CheckEndpoint(u.String()) != nil {
		r.fail(name, "%s is not host:port", text.Quote(v))
	}
	return v
}

// isPubSubResource reports whether v is a topic's or subscription's ID or full
// name (https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names).
func isPubSubResource(v, collection string) bool {
	if project, id, ok := strings.Cut(v, "/"+collection+"/"); ok {
		return resource.IsProject(project) && isPubSubID(id)
	}
	return isPubSubID(v)
}

func isPubSubID(id string) bool {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	return len(id) >= 3 && len(id) <= 255 && letter(id[0]) && !strings.HasPrefix(id, "goog") &&
		resource.ConsistsOf(id, resource.IsAlnum, '-', '.', '_', '~', '+', '%')
}
