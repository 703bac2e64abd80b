package main

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"
)

// row compares one measure.
type row struct {
	name            string
	floor, eeexport float64 // medians
	limit           float64
}

func (r row) ratio() float64 { return r.eeexport / r.floor }

func compare(floor, eeexport []sample) []row {
	rows := make([]row, measures)
	for i := range rows {
		of := func(samples []sample) float64 {
			var values []float64
			for _, s := range samples {
				values = append(values, s[i])
			}
			return median(values)
		}
		rows[i] = row{measureNames[i], of(floor), of(eeexport), limits[i]}
	}
	return rows
}

func printTable(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(t, "| measure\t| floor\t| eeexport\t| ratio\t| limit\t|")
	fmt.Fprintln(t, "| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, r := range rows {
		fmt.Fprintf(t, "| %s\t| %.3g\t| %.3g\t| %.2f\t| %.2f\t|\n", r.name, r.floor, r.eeexport, r.ratio(), r.limit)
	}
	t.Flush()
}

// picture draws the ratios as bars beside their limits, legible on a light and
// on a dark page.
func picture(rows []row) []byte {
	const width, rowHeight, left, unit = 760, 34, 330, 230
	var b bytes.Buffer
	height := rowHeight*len(rows) + 50
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="eeexport's cost as ratios to the floor">`+"\n", width, height, width, height)
	b.WriteString(`<style>text{font:13px system-ui,sans-serif;fill:#333}.ratio{fill:#1a73e8}.limit{stroke:#d93025;stroke-width:2}.floor{stroke:#777;stroke-dasharray:3 3}@media(prefers-color-scheme:dark){text{fill:#ddd}.ratio{fill:#8ab4f8}}</style>` + "\n")
	for i, r := range rows {
		y := 30 + i*rowHeight
		bar := r.ratio() * unit
		limit := left + r.limit*unit
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-12, y+16, r.name)
		fmt.Fprintf(&b, `<rect class="ratio" x="%d" y="%d" width="%.1f" height="20" rx="2"/>`, left, y, bar)
		fmt.Fprintf(&b, `<line class="limit" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, limit, limit, y-3, y+23)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%.2f</text>`+"\n", max(left+bar, limit)+8, y+16, r.ratio())
	}
	fmt.Fprintf(&b, `<line class="floor" x1="%d" x2="%d" y1="22" y2="%d"/>`, left+unit, left+unit, height-18)
	fmt.Fprintf(&b, `<text x="%d" y="16" text-anchor="middle">floor = 1</text>`, left+unit)
	fmt.Fprintf(&b, `<text x="%d" y="%d">bar: eeexport; red: limit</text></svg>`+"\n", left, height-4)
	return b.Bytes()
}
