package main

import (
	"fmt"
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

// changeView prints each change of an Operation.
type changeView struct {
	print func(*snapshot)
	last  map[string]*snapshot
}

func newChangeView(print func(*snapshot)) *changeView {
	return &changeView{print, map[string]*snapshot{}}
}

func (v *changeView) show(s *snapshot) {
	if s.isNews(v.last[s.Name]) {
		v.print(s)
	}
	v.last[s.Name] = s
}

func (v *changeView) refresh() {}
func (v *changeView) end()     {}

// printChange prints a snapshot on a line.
func printChange(w *tty.Writer, s *snapshot) {
	if s.State == "" {
		fmt.Fprintf(w, "%s: %s\n", s.Name, s.Error)
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
	_ = w.Print(tty.Plain.Of(s.Name+": "), styled(s.State, len(s.State)), tty.Plain.Of(line+"\n"))
}
