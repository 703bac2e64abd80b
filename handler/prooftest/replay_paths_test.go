package prooftest

import "strings"

// path is a way through the model that one instance takes until every event is
// done with.
type path []hop

// hop is one edge of a path.
type hop struct {
	name     string
	from, to *world
}

func (p path) String() string {
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

// canReplay reports whether the real function can be made to take an edge in
// this process: nothing here can be killed, or arrive when its caller is gone.
func canReplay(name string) bool {
	return name != "killed" && !strings.Contains(name, " is late")
}

// paths returns paths that together take every transition that can be replayed.
func (r *rules) paths() (all []path) {
	order, transitions := r.alone()
	// The shortest way to each world, and from it to an end.
	in := make([][]int32, len(order))
	for i, t := range transitions {
		in[t.to] = append(in[t.to], int32(i))
	}
	first, next := make([]int32, len(order)), make([]int32, len(order))
	for i := range order {
		first[i], next[i] = -1, -1
		if len(in[i]) > 0 {
			first[i] = in[i][0] // it was found by that one
		}
	}
	var todo []int32
	for i := range order {
		if r.done(&order[i]) {
			todo = append(todo, int32(i))
		}
	}
	for ; len(todo) > 0; todo = todo[1:] {
		for _, t := range in[todo[0]] {
			if from := transitions[t].from; next[from] < 0 && !r.done(&order[from]) {
				next[from], todo = t, append(todo, from)
			}
		}
	}
	taken := make([]bool, len(transitions))
	for i := len(transitions) - 1; i >= 0; i-- { // the longest way first
		if taken[i] {
			continue
		}
		way := []int32{int32(i)}
		for from := transitions[i].from; from > 0; from = transitions[way[0]].from {
			way = append([]int32{first[from]}, way...)
		}
		to := transitions[i].to
		for !r.done(&order[to]) {
			way = append(way, next[to])
			to = transitions[next[to]].to
		}
		p := make(path, len(way))
		for n, t := range way {
			taken[t] = true
			p[n] = hop{transitions[t].name, &order[transitions[t].from], &order[transitions[t].to]}
		}
		all = append(all, p)
	}
	return all
}

// alone walks the worlds that the first instance reaches alone.
func (r *rules) alone() (order []world, transitions []transition) {
	order = []world{{}}
	indices := map[world]int32{order[0]: 0}
	for i := 0; i < len(order); i++ {
		w := order[i]
		if r.done(&w) {
			continue
		}
		add := func(name string, fault bool, change func(*world)) {
			if !canReplay(name) || fault && w.faults == r.faults {
				return
			}
			to := w
			if fault {
				to.faults++
			}
			change(&to)
			j, seen := indices[to]
			if !seen {
				j = int32(len(order))
				indices[to], order = j, append(order, to)
			}
			transitions = append(transitions, transition{name, int32(i), j})
		}
		if w.idle() { // the calls of a delivery are made at once
			r.outside(w, add)
		}
		r.nextOf(w, 0, add)
	}
	return order, transitions
}
