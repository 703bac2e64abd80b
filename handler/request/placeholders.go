package request

import (
	"strings"
	"time"
)

// placeholders replaces the words for a time, in UTC, that a schedule's request
// may hold.
type placeholders struct {
	basic    *strings.Replacer // {date}, {time} and {isodate}
	withISO  *strings.Replacer // {isotime} as well
	replaced bool
}

func newPlaceholders(t time.Time) *placeholders {
	t = t.UTC()
	words := []string{
		"{date}", t.Format("20060102"),
		"{time}", t.Format("20060102T150405Z"),
		"{isodate}", t.Format(time.DateOnly),
	}
	return &placeholders{
		basic:   strings.NewReplacer(words...),
		withISO: strings.NewReplacer(append(words, "{isotime}", t.Format(time.RFC3339))...),
	}
}

// replace replaces the placeholders in *s and reports whether it had any.
func (p *placeholders) replace(r *strings.Replacer, s *string) bool {
	if !strings.Contains(*s, "{") {
		return false
	}
	before := *s
	*s = r.Replace(before)
	p.replaced = p.replaced || *s != before
	return *s != before
}

// resolvePlaceholders replaces the placeholders in the description, the request
// ID, the last segment of the asset's name, and strings among the arguments.
// Asset names and request IDs hold no colon, and so no {isotime}. It reports
// whether the other fields vary with the time while the request ID does not.
func (r *Request) resolvePlaceholders(t time.Time) (varies bool) {
	p := newPlaceholders(t)
	identified := p.replace(p.basic, &r.RequestID)
	varies = p.replace(p.withISO, &r.Description)
	name := r.Destination.Name
	last := strings.LastIndexByte(name, '/') + 1
	segment := name[last:]
	if p.replace(p.basic, &segment) {
		r.Destination.Name, varies = name[:last]+segment, true
	}
	for i := range r.arguments {
		if p.replaceInJSON(&r.arguments[i].value) {
			varies = true
		}
	}
	r.Dated = p.replaced
	return varies && !identified && r.RequestID != ""
}
