package prooftest

import (
	"hash/maphash"
	"strings"
)

// model defines how worlds of a type change. The first is the zero world.
type model[W comparable] interface {
	// next returns everything that can happen to a world.
	next(W) []edge[W]
	// violation returns which part of the promise a world breaks; "" for none.
	violation(*W) string
	// done reports whether nothing is left to be done.
	done(*W) bool
	// symmetric returns the world that represents all that differ only in names.
	symmetric(W) W
}

// edge is one thing that can happen.
type edge[W any] struct {
	name  string
	fault bool
	to    W
}

// add adds something that can happen to a world, given what it changes.
type add[W any] func(name string, fault bool, change func(*W))

// adder returns a function that adds to the edges from w, a world that counts its
// faults, of which there may be most.
func adder[W any](w W, faults func(*W) *uint8, most uint8, edges *[]edge[W]) add[W] {
	return func(name string, fault bool, change func(*W)) {
		to := w
		if fault {
			if *faults(&to) == most {
				return
			}
			*faults(&to)++
		}
		change(&to)
		*edges = append(*edges, edge[W]{name, fault, to})
	}
}

var hashSeed = maphash.MakeSeed()

// inOrder reports whether a is b or goes before it, in an order that is arbitrary
// but fixed for the run.
func inOrder[T comparable](a, b T) bool {
	return maphash.Comparable(hashSeed, a) <= maphash.Comparable(hashSeed, b)
}

// addStep adds something that a part of a world can do, or that can happen to it.
type addStep[W, P any] func(name string, fault bool, change func(*W, *P))

// How a call fails for its caller.
const (
	triedAgain = ", tried again"
	givenUp    = ", given up"
)

// effect is what a call has done although it failed for its caller.
type effect[W, P any] struct {
	name string
	of   func(*W, *P)
}

func nothing[W, P any](*W, *P) {}

// publishing adds what can happen to a publish: it is stored and succeeds, or it
// fails for its caller and is not stored, or is, or will be later.
func publishing[W, P any](name, what string, step addStep[W, P], store, stray, succeed, fail func(*W, *P)) {
	step(name, false, func(w *W, p *P) {
		store(w, p)
		succeed(w, p)
	})
	for _, lost := range []effect[W, P]{{" fails", nothing[W, P]}, {"'s acknowledgement is lost", store}, {" is late", stray}} {
		step(what+lost.name+triedAgain, true, lost.of)
		step(what+lost.name+givenUp, true, func(w *W, p *P) {
			lost.of(w, p)
			fail(w, p)
		})
	}
}

// explore walks every world that can be reached, nearest first. It returns
// their number and, if the promise is broken, the shortest way to that.
func explore[W comparable](m model[W]) (worlds int, violation string) {
	type visit struct {
		from int32
		by   string
	}
	order, visits := make([]W, 1), []visit{{-1, ""}}
	indices := map[W]int32{order[0]: 0}
	before := [][]int32{nil} // worlds from which one gets here without a fault
	way := func(i int, what string) string {
		var steps []string
		for ; visits[i].from >= 0; i = int(visits[i].from) {
			steps = append([]string{visits[i].by}, steps...)
		}
		return what + ": " + strings.Join(steps, "; ")
	}
	for i := 0; i < len(order); i++ {
		if what := m.violation(&order[i]); what != "" {
			return len(order), way(i, what)
		}
		for _, e := range m.next(order[i]) {
			to := m.symmetric(e.to)
			j, seen := indices[to]
			if !seen {
				j = int32(len(order))
				indices[to] = j
				order, visits, before = append(order, to), append(visits, visit{int32(i), e.name}), append(before, nil)
			}
			if !e.fault {
				before[j] = append(before[j], int32(i))
			}
		}
	}
	// Nothing is stuck if the end can be reached from everywhere.
	ends := make([]bool, len(order))
	var todo []int32
	for i := range order {
		if m.done(&order[i]) {
			ends[i], todo = true, append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range before[i] {
			if !ends[j] {
				ends[j], todo = true, append(todo, j)
			}
		}
	}
	for i := range order {
		if !ends[i] {
			return len(order), way(i, "stuck")
		}
	}
	return len(order), ""
}
