package tty

import "example.com/eeexport/eeclient/text"

// gap is the number of spaces between two columns of a table.
const gap = 2

// Column is a column of a table.
type Column struct {
	Title string
	// Min is the width that it can shrink to, in columns of the terminal; 0 if it
	// must not shrink.
	Min int
	// Last makes it shrink only when no other column can.
	Last bool
}

// Table writes a title and the rows. On a terminal they fit its width if the
// columns can shrink that far; elsewhere nothing is cut. An empty cell shows as
// a hyphen.
func (w *Writer) Table(columns []Column, rows [][]Span) error {
	titles := make([]Span, len(columns))
	for i, c := range columns {
		titles[i] = Bold.Of(c.Title)
	}
	rows = append([][]Span{titles}, rows...)
	terminal, _ := w.Size()
	widths := fit(columns, rows, terminal)
	for _, row := range rows {
		var line []Span
		for i, cell := range row {
			if cell.Text == "" {
				cell.Text = "-"
			}
			clip := Clip
			if cell.CutStart {
				clip = clipStart
			}
			cell.Text = clip(cell.Text, widths[i])
			line = append(line, cell)
			if i < len(row)-1 {
				line = append(line, Plain.Of(Pad("", widths[i]-Width(cell.Text)+gap)))
			}
		}
		if err := w.Print(append(line, Plain.Of("\n"))...); err != nil {
			return err
		}
	}
	return nil
}

// fit returns the width of each column: that of its widest cell, reduced until a
// line fits the terminal.
func fit(columns []Column, rows [][]Span, terminal int) []int {
	widths := make([]int, len(columns))
	total := gap * (len(columns) - 1)
	for i := range columns {
		for _, row := range rows {
			widths[i] = max(widths[i], Width(text.OneLine(row[i].Text)))
		}
		total += widths[i]
	}
	for last := range 2 {
		for terminal > 0 && total > terminal {
			widest := -1
			for i, c := range columns {
				if c.Min > 0 && widths[i] > c.Min && (last == 1 || !c.Last) && (widest < 0 || widths[i] > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
			total--
		}
	}
	return widths
}
