package eetest

import (
	"cmp"
	"fmt"
	"slices"
)

// Operations returns every Operation started so far, oldest first.
func (s *Server) Operations() []Operation {
	st := s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	ops := make([]*operation, 0, len(st.byName))
	for _, op := range st.byName {
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b *operation) int { return a.seq - b.seq })
	out := make([]Operation, len(ops))
	for i, op := range ops {
		out[i] = op.at(now)
		out[i].Body = s.log.body(op.request)
	}
	return out
}

// Operation returns the Operation with a name, and reports whether there is one.
func (s *Server) Operation(name string) (o Operation, ok bool) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	now := s.store.settle()
	op, ok := s.store.byName[s.store.canonical(name)]
	if ok {
		o = op.at(now)
		o.Body = s.log.body(op.request)
	}
	return o, ok
}

// HasAsset reports whether an asset exists, because of WithAsset or of an export
// that has succeeded.
func (s *Server) HasAsset(name string) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.settle()
	return s.store.assets[name]
}

// Finish ends an Operation now: as Succeeded (its asset then exists), as
// Failed with an error of Earth Engine's, or as Cancelled. It returns an error if
// there is no such Operation, if it has ended, or if state is not final.
func (s *Server) Finish(name string, state State) error {
	end, ok := map[State]failure{
		Succeeded: {},
		Failed:    {codeInvalidArgument, "Execution failed; out of memory."},
		Cancelled: {codeCancelled, "Cancelled."},
	}[state]
	if !ok {
		return fmt.Errorf("eetest: an Operation cannot be finished as %s", state)
	}
	return s.finish(name, state, end)
}

// Fail ends an Operation now as Failed with the given google.rpc code and
// message. It returns an error as Finish does.
func (s *Server) Fail(name string, code int, message string) error {
	return s.finish(name, Failed, failure{code, message})
}

// FailNext makes the next n Operations fail with a google.rpc code and message
// when they would have succeeded.
func (s *Server) FailNext(n, code int, message string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for range n {
		s.store.failures = append(s.store.failures, failure{code, message})
	}
}

// Add adds an Operation as if somebody else had started it, and returns it. It
// has o's fields, is PENDING, and was created now unless o has a CreateTime.
func (s *Server) Add(o Operation) Operation {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	now := s.store.settle()
	o.Type, o.version = cmp.Or(o.Type, "EXPORT_CLASSIFIER"), cmp.Or(o.version, "v1")
	if o.CreateTime.IsZero() {
		o.CreateTime = now
	}
	return s.store.add(o).Operation
}

// Hide hides an Operation from clients, or shows it again, and reports whether
// there is one. A hidden Operation continues, and its request ID stays used.
func (s *Server) Hide(name string, hidden bool) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	op, ok := s.store.byName[s.store.canonical(name)]
	if ok {
		op.hidden = hidden
	}
	return ok
}

func (s *Server) finish(name string, state State, f failure) error {
	st := s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.settle()
	op, ok := st.byName[st.canonical(name)]
	if !ok {
		return fmt.Errorf("eetest: no Operation %s", name)
	}
	if op.State.Done() {
		return fmt.Errorf("eetest: Operation %s has already ended as %s", name, op.State)
	}
	st.end(op, now, state, f)
	return nil
}
