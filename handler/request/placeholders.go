package request

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"example.com/eeexport/eeclient/expression"
	"example.com/eeexport/handler/requestid"
)

// placeholders replaces a request's placeholders for a time, in UTC.
type placeholders struct {
	words   []string          // each followed by its replacement, which is longer
	basic   *strings.Replacer // {date}, {time} and {isodate}
	withISO *strings.Replacer // {isotime} as well
}

func newPlaceholders(t time.Time) *placeholders {
	t = t.UTC()
	words := []string{
		"{isotime}", t.Format(time.RFC3339),
		"{date}", t.Format("20060102"),
		"{time}", t.Format("20060102T150405Z"),
		"{isodate}", t.Format(time.DateOnly),
	}
	return &placeholders{words: words, basic: strings.NewReplacer(words[2:]...), withISO: strings.NewReplacer(words...)}
}

// grown returns the length of s with the placeholders replaced.
func (p *placeholders) grown(s []byte) int {
	n := len(s)
	for i := 0; i < len(p.words); i += 2 {
		n += bytes.Count(s, []byte(p.words[i])) * (len(p.words[i+1]) - len(p.words[i]))
	}
	return n
}

// replace replaces the placeholders in *s and reports whether it found any. It
// leaves a text of more than limit bytes, which is refused later.
func (p *placeholders) replace(r *strings.Replacer, s *string, limit int) bool {
	if len(*s) > limit || !strings.Contains(*s, "{") {
		return false
	}
	before := *s
	*s = r.Replace(before)
	return *s != before
}

// resolvePlaceholders replaces the placeholders in the description, the request
// ID, the last segment of the asset's name, and strings among the arguments.
// Asset names and request IDs hold no colon, and so no {isotime}. It reports
// whether other fields vary with the time while the request ID does not.
func (r *Request) resolvePlaceholders(t time.Time, found *violations) (varies bool) {
	p := newPlaceholders(t)
	identified := p.replace(p.basic, &r.RequestID, requestid.MaxBytes)
	r.Dated = p.replace(p.withISO, &r.Description, maxDescriptionBytes)
	varies = r.Dated
	name := r.Destination.Name
	last := strings.LastIndexByte(name, '/') + 1
	segment := name[last:]
	if p.replace(p.basic, &segment, maxAssetBytes) {
		r.Destination.Name, varies = name[:last]+segment, true
	}
	for i := range r.arguments {
		a := &r.arguments[i]
		replaced, tooLarge := p.replaceInJSON(&a.value)
		if tooLarge {
			found.add(join("arguments", fieldName(a.name)), fmt.Sprintf("has more than %d bytes with its placeholders replaced", expression.MaxFilledBytes))
		}
		varies = varies || replaced
	}
	return varies && !identified && r.RequestID != ""
}
