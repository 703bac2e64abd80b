package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"example.com/eeexport/cmd/eeexport/tty"
)

// view shows Operations while they are watched. One goroutine calls it.
type view interface {
	// show is called with the latest snapshot of an Operation, changed or not.
	show(*snapshot)
	// refresh is called about once a second.
	refresh()
	// end is called once, last, even if not all have ended.
	end()
}

// changes remembers what was last shown of each Operation.
type changes map[string]change

// news reports whether the snapshot differs from the last one, and remembers it.
func (c changes) news(s *snapshot) bool {
	now := s.change()
	before, ok := c[s.Name]
	c[s.Name] = now
	return !ok || before != now
}

// lineView prints a line for each change.
type lineView struct {
	out *tty.Writer
	changes
}

func newLineView(out *tty.Writer) *lineView { return &lineView{out, changes{}} }

func (v *lineView) show(s *snapshot) {
	if !v.news(s) {
		return
	}
	if s.State == "" {
		fmt.Fprintf(v.out, "%s: %s\n", s.Name, s.Error)
		return
	}
	parts := []string{"", fmt.Sprintf("%d %%", s.percent())}
	if s.Stage != "" {
		parts = append(parts, s.Stage)
	}
	parts = append(parts, s.elapsed().String(), s.eecu())
	if s.Attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", s.Attempt))
	}
	line := strings.Join(parts, ", ")
	if s.Error != "" {
		line += ": " + s.Error
	}
	_ = v.out.Print(tty.Plain.Of(s.Name+": "), styled(s.State, len(s.State)), tty.Plain.Of(line+"\n"))
}

func (v *lineView) refresh() {}
func (v *lineView) end()     {}

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

func (v *jsonView) show(s *snapshot) {
	if v.news(s) {
		_ = v.out.Encode(s) // an error means that nobody reads
	}
}

func (v *jsonView) refresh() {}
func (v *jsonView) end()     {}
