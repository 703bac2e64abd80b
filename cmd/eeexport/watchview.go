package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// view shows how Operations stand.
type view interface {
	// show is told, by one goroutine, how an Operation stands: again and again,
	// also where nothing has changed.
	show(*standing)
	// end is called once, when nothing more comes. It may be before all have
	// ended.
	end()
}

// changes passes on what is new.
type changes map[string]change

// since tells whether the standing differs from what there was of the Operation.
func (c changes) since(s *standing) bool {
	now := s.change()
	before, ok := c[s.Name]
	c[s.Name] = now
	return !ok || before != now
}

// lineView prints a line for each change.
type lineView struct {
	out io.Writer
	changes
}

func newLineView(out io.Writer) *lineView { return &lineView{out, changes{}} }

func (v *lineView) show(s *standing) {
	if !v.since(s) {
		return
	}
	if s.State == "" {
		fmt.Fprintf(v.out, "%s: %s\n", s.Name, s.Error)
		return
	}
	parts := []string{string(s.State), fmt.Sprintf("%d %%", s.percent())}
	if s.Stage != "" {
		parts = append(parts, s.Stage)
	}
	parts = append(parts, s.elapsed().String(), s.eecu())
	if s.Attempt > 0 {
		parts = append(parts, fmt.Sprintf("attempt %d", s.Attempt))
	}
	line := s.Name + ": " + strings.Join(parts, ", ")
	if s.Error != "" {
		line += ": " + s.Error
	}
	fmt.Fprintln(v.out, line)
}

func (v *lineView) end() {}

// eecu is the compute that was used.
func (s *standing) eecu() string { return fmt.Sprintf("%.0f EECU-s", s.EECUSeconds) }

// jsonView prints a JSON object for each change.
type jsonView struct {
	out *json.Encoder
	changes
}

func newJSONView(out io.Writer) *jsonView {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &jsonView{encoder, changes{}}
}

func (v *jsonView) show(s *standing) {
	if v.since(s) {
		_ = v.out.Encode(s) // nobody is left to be told that nobody reads
	}
}

func (v *jsonView) end() {}
