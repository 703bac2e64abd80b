package main

import (
	"fmt"
	"io"
	"path"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"example.com/eeexport/eeclient"
)

// barTotal is what a bar counts to.
const barTotal = 1000

// barView shows a progress bar for each Operation, in the order in which they
// were named.
type barView struct {
	out      io.Writer
	progress *mpb.Progress
	rows     map[string]*barRow
	names    []string
}

// barRow is one line.
type barRow struct {
	id     string
	bar    *mpb.Bar
	now    atomic.Pointer[standing] // nil until it is known
	layout *barLayout               // read and written while the line is drawn
}

// barLayout is how many columns each part of a line has.
type barLayout struct {
	id, state, stage, elapsed, eecu, attempt int
	attemptFormat                            string
}

// A terminal has 80 columns or more.
var (
	wideLayout   = barLayout{id: 24, state: 10, stage: 26, elapsed: 9, eecu: 13, attempt: 10, attemptFormat: "attempt %d"}
	narrowLayout = barLayout{id: 10, state: 9, stage: 14, elapsed: 7, eecu: 11, attempt: 2, attemptFormat: "×%d"}
)

// wideFrom is how many columns the wide layout takes, with a bar that is worth
// looking at.
const wideFrom = 125

func newBarView(out io.Writer, names []string) *barView {
	v := &barView{
		out:      out,
		progress: mpb.New(mpb.WithOutput(out), mpb.WithQueueLen(len(names))),
		rows:     map[string]*barRow{},
		names:    names,
	}
	for _, name := range names {
		row := &barRow{id: path.Base(name), layout: &narrowLayout}
		row.bar = v.progress.New(barTotal, mpb.BarStyle().Padding("."),
			mpb.PrependDecorators(decor.Any(row.before)),
			mpb.AppendDecorators(decor.Any(row.after)))
		v.rows[name] = row
	}
	return v
}

func (v *barView) show(s *standing) {
	row := v.rows[s.Name]
	row.now.Store(s)
	switch {
	case s.done && s.outcome() == eeclient.Succeeded:
		row.bar.SetCurrent(barTotal)
	case s.done:
		row.bar.Abort(false)
	default:
		// A full bar is one that has ended.
		row.bar.SetCurrent(min(int64(barTotal*s.Progress), barTotal-1))
	}
}

// end leaves the bars as they are, and prints beneath them what has no room
// there.
func (v *barView) end() {
	// Ctrl-C leaves its mark, and the cursor behind it.
	fmt.Fprint(v.out, "\r")
	for _, row := range v.rows {
		row.bar.Abort(false) // does nothing to one that has ended
	}
	v.progress.Wait()
	for _, name := range v.names {
		if s := v.rows[name].now.Load(); s != nil && s.Error != "" && s.State != eeclient.Cancelled {
			fmt.Fprintf(v.out, "%s: %s\n", name, s.Error)
		}
	}
}

// before is what stands before the bar.
func (r *barRow) before(stat decor.Statistics) string {
	r.layout = &narrowLayout
	if stat.AvailableWidth >= wideFrom {
		r.layout = &wideLayout
	}
	state := ""
	if s := r.now.Load(); s != nil {
		state = string(s.State)
		if state == "" {
			state = "UNKNOWN"
		}
	}
	return column(r.id, r.layout.id) + " " + column(state, r.layout.state)
}

// after is what stands after it.
func (r *barRow) after(decor.Statistics) string {
	s, l := r.now.Load(), r.layout
	if s == nil {
		s = &standing{}
	}
	stage := s.Stage
	if s.Error != "" && !s.done {
		stage = s.Error // that it cannot be asked for just now
	}
	attempt := ""
	if s.Attempt > 0 {
		attempt = fmt.Sprintf(l.attemptFormat, s.Attempt)
	}
	return fmt.Sprintf("%3d %% %s%*s%*s %s", s.percent(), column(stage, l.stage), l.elapsed, s.elapsed(), l.eecu, s.eecu(), column(attempt, l.attempt))
}

// column makes a text exactly so wide.
func column(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		text = string(runes[:width-1]) + "…"
	}
	return fmt.Sprintf("%-*s", width, text)
}
