package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"
)

// pair is one measurement of each program, one right after the other.
type pair [programs]float64

// row is one measure.
type row struct {
	name, unit string
	limit      float64 // of the ratio; 0 for no limit
	pairs      []pair
}

// ratio returns the ratio of the medians.
func ratio(pairs []pair) float64 { return medianOf(pairs, eeexport) / medianOf(pairs, floor) }

// resamples is how many times the pairs are drawn for an interval.
const resamples = 4000

// interval returns the 95 % interval of the ratio by a percentile bootstrap:
// the ratios of as many pairs drawn at random from the measured ones. Pairs are
// drawn whole, so that a machine that is slow for a while slows both.
func (r row) interval() (low, high float64) {
	random := rand.New(rand.NewPCG(1, 2))
	ratios := make([]float64, resamples)
	drawn := make([]pair, len(r.pairs))
	for i := range ratios {
		for j := range drawn {
			drawn[j] = r.pairs[random.IntN(len(r.pairs))]
		}
		ratios[i] = ratio(drawn)
	}
	slices.Sort(ratios)
	return ratios[resamples/40], ratios[resamples-1-resamples/40]
}

// missed reports whether the limit is missed: the whole interval lies beyond
// it.
func (r row) missed() bool {
	low, _ := r.interval()
	return r.limit > 0 && low > r.limit
}

// markdown returns the table of the README.
func markdown(rows []row) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	fmt.Fprintln(t, "| measure\t| floor\t| eeexport\t| ratio\t| 95 % interval\t| limit\t|")
	fmt.Fprintln(t, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, r := range rows {
		low, high := r.interval()
		limit := "none"
		if r.limit > 0 {
			limit = fmt.Sprintf("%.2f", r.limit)
		}
		if r.missed() {
			limit += ", missed"
		}
		fmt.Fprintf(t, "| %s\t| %.3g %s\t| %.3g %s\t| %.2f\t| %.2f to %.2f\t| %s\t|\n", r.name,
			medianOf(r.pairs, floor), r.unit, medianOf(r.pairs, eeexport), r.unit, ratio(r.pairs), low, high, limit)
	}
	t.Flush()
	return b.String()
}

func medianOf(pairs []pair, program int) float64 {
	values := make([]float64, len(pairs))
	for i, p := range pairs {
		values[i] = p[program]
	}
	return median(values)
}

func median[T cmp.Ordered](values []T) T {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
