// Package stack is everything that eeexport needs, on one machine: a stand-in
// for Earth Engine, an in-memory Pub/Sub, and all functions, each served by the
// functions framework in a process of its own, as when they are deployed. What
// is published to the requests topic is delivered to the event function as
// Eventarc delivers it, and the watcher is called as Cloud Scheduler calls it.
//
//	s, err := stack.Start(ctx, stack.Config{Project: "my-project"})
//	defer s.Close()
//	started, err := s.Subscribe(ctx, stack.OperationsTopic)
//	id, err := s.Publish(ctx, stack.RequestsTopic, request)
//	m := <-started // the Operation that Earth Engine's stand-in has started
//
// All sockets are on the loopback interface.
package stack
