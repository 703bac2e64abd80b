package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.com/eeexport/cmd/eeexport/tty"
	"example.com/eeexport/eeclient"
)

// taskManager is the page that shows the tasks of whoever is signed in.
const taskManager = "https://code.earthengine.google.com/tasks"

// screenView shows a line for each Operation, in the order in which they were
// named, and keeps it up to date.
type screenView struct {
	out    *tty.Writer
	screen *tty.Screen
	names  []string
	last   map[string]*snapshot
}

func newScreenView(out *tty.Writer, names []string) *screenView {
	fmt.Fprintf(out, "Task manager: %s\n", taskManager)
	v := &screenView{out: out, screen: tty.NewScreen(out), names: names, last: map[string]*snapshot{}}
	v.refresh()
	return v
}

func (v *screenView) show(s *snapshot) { v.last[s.Name] = s }

// refresh draws as many lines as the terminal has rows. It drops Operations that
// have ended first.
func (v *screenView) refresh() {
	columns, rows := v.out.Size()
	room := max(1, rows-2)
	surplus := len(v.names) - room
	names := slices.DeleteFunc(slices.Clone(v.names), func(name string) bool {
		s := v.last[name]
		ended := surplus > 0 && s != nil && s.done
		if ended {
			surplus--
		}
		return ended
	})
	names = names[:min(len(names), room)]
	_ = v.screen.Draw(v.lines(names, columns, len(v.names)-len(names)))
}

// end draws a line for each Operation, and below them the errors in full.
func (v *screenView) end() {
	columns, _ := v.out.Size()
	_ = v.screen.Draw(v.lines(v.names, columns, 0))
	for _, name := range v.names {
		if s := v.last[name]; s != nil && s.Error != "" && s.State != eeclient.Cancelled {
			_ = v.out.Prose(2, tty.Plain.Of(name+": "), tty.Red.Of(s.Error))
		}
	}
}

func (v *screenView) lines(names []string, columns, hidden int) (lines [][]tty.Span) {
	attempts := false
	for _, s := range v.last {
		attempts = attempts || s.Attempt > 1
	}
	l := newWatchLayout(columns, attempts)
	for _, name := range names {
		s := v.last[name]
		if s == nil {
			s = &snapshot{Name: name}
		}
		lines = append(lines, l.line(s))
	}
	if hidden > 0 {
		lines = append(lines, []tty.Span{tty.Dim.Of(fmt.Sprintf("and %d more", hidden))})
	}
	return lines
}

// watchLayout is how many columns each part of a line has; 0 for none.
type watchLayout struct{ id, description, state, bar, stage, elapsed, eecu, attempt int }

// newWatchLayout divides the columns of a terminal. The bar, and then the
// description, get the rest.
func newWatchLayout(columns int, attempts bool) watchLayout {
	l := watchLayout{id: 9, state: 10, elapsed: 7, eecu: 12}
	switch {
	case columns >= 120:
		l.id, l.stage = 24, 26
	case columns >= 100:
		l.id, l.stage = 12, 26
	case columns >= 80:
		l.stage = 23
	}
	if attempts {
		l.attempt = 3
	}
	const percent = len(" 100 %")
	left := columns - percent
	for _, part := range []int{l.id, l.state, l.stage, l.elapsed, l.eecu, l.attempt} {
		if part > 0 {
			left -= part + 1
		}
	}
	if l.bar = max(0, min(left, 40)); left-l.bar > 12 {
		l.description = min(left-l.bar-1, 40)
	}
	return l
}

func (l watchLayout) line(s *snapshot) []tty.Span {
	columns := func(text string, n int) string {
		if n == 0 {
			return ""
		}
		return tty.Pad(tty.Clip(text, n), n) + " "
	}
	line := []tty.Span{
		tty.Plain.Of(columns(path.Base(s.Name), l.id)),
		tty.Plain.Of(columns(s.description, l.description)),
		styled(s.State, l.state), tty.Plain.Of(" "),
	}
	middle := l.bar + len(" 100 %")
	if l.stage > 0 {
		middle += 1 + l.stage
	}
	bar := func(share float64, percent int) string {
		return strings.TrimRight(fmt.Sprintf("%s %3d %% %s", tty.Bar(share, l.bar), percent, columns(s.Stage, l.stage)), " ")
	}
	style, text := tty.Plain, ""
	switch {
	case s.Error != "" && s.State != eeclient.Cancelled:
		style, text = tty.Red, tty.Clip(s.Error, middle) // it failed, or cannot be read
	case s.done && s.ended != eeclient.Succeeded:
		style, text = tty.Dim, fmt.Sprintf("stopped at %d %%", s.percent())
	case s.done:
		text = bar(1, 100)
	default:
		text = bar(min(s.Progress, 0.999), s.percent()) // only success fills the bar
	}
	tail := fmt.Sprintf(" %*s %*s", l.elapsed, shortDuration(s.elapsed()), l.eecu, s.eecu())
	if s.Attempt > 1 {
		tail += fmt.Sprintf(" ×%d", s.Attempt)
	}
	return append(line, style.Of(tty.Pad(text, middle)), tty.Plain.Of(tail))
}

// shortDuration leaves out seconds if there are hours.
func shortDuration(d time.Duration) string {
	if d < time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
}
