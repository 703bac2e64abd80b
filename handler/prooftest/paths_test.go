package prooftest

import "strings"

// path is a way through a model from the first world to one in which all is done.
type path[W any] []hop[W]

// hop is one edge of a path.
type hop[W any] struct {
	name     string
	from, to *W
}

func (p path[W]) String() string {
	names := make([]string, len(p))
	for i, h := range p {
		names[i] = h.name
	}
	return strings.Join(names, "; ")
}

// transition is an edge between two worlds that are known by their indices.
type transition struct {
	name     string
	from, to int32
}

// paths returns paths that together take every edge that next returns, in every
// world that they reach.
func paths[W comparable](m model[W], next func(W) []edge[W]) (all []path[W]) {
	order, transitions := walk(m, next)
	in, first, onward := make([][]int32, len(order)), make([]int32, len(order)), make([]int32, len(order))
	for i := len(transitions) - 1; i >= 0; i-- {
		to := transitions[i].to
		in[to] = append(in[to], int32(i))
		first[to] = int32(i) // the shortest way to a world ends with that by which it was found
	}
	// The shortest way from each world to an end.
	var todo []int32
	for i := range order {
		if onward[i] = -1; m.done(&order[i]) {
			todo = append(todo, int32(i))
		}
	}
	for ; len(todo) > 0; todo = todo[1:] {
		for _, t := range in[todo[0]] {
			if from := transitions[t].from; onward[from] < 0 {
				onward[from], todo = t, append(todo, from)
			}
		}
	}
	taken := make([]bool, len(transitions))
	for i := len(transitions) - 1; i >= 0; i-- { // the longest ways first
		if taken[i] {
			continue
		}
		way := []int32{int32(i)}
		for from := transitions[i].from; from > 0; from = transitions[way[0]].from {
			way = append([]int32{first[from]}, way...)
		}
		for to := transitions[i].to; !m.done(&order[to]); to = transitions[onward[to]].to {
			way = append(way, onward[to])
		}
		p := make(path[W], len(way))
		for n, t := range way {
			taken[t] = true
			p[n] = hop[W]{transitions[t].name, &order[transitions[t].from], &order[transitions[t].to]}
		}
		all = append(all, p)
	}
	return all
}

// walk returns the worlds that can be reached, nearest first, and what leads
// from one to another, in that order.
func walk[W comparable](m model[W], next func(W) []edge[W]) (order []W, transitions []transition) {
	order = make([]W, 1)
	indices := map[W]int32{order[0]: 0}
	for i := 0; i < len(order); i++ {
		if m.done(&order[i]) {
			continue
		}
		for _, e := range next(order[i]) {
			j, seen := indices[e.to]
			if !seen {
				j = int32(len(order))
				indices[e.to], order = j, append(order, e.to)
			}
			transitions = append(transitions, transition{e.name, int32(i), j})
		}
	}
	return order, transitions
}
