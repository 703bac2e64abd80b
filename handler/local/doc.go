// Package local runs eeexport's functions on one machine as they are deployed:
// each served by the Functions Framework in a process of its own, over real
// sockets, against Earth Engine's stand-in and an in-memory Pub/Sub with faults.
//
//   - [Stack] is all of it, wired as a deployment is.
//   - [Command] starts one function, [Serve] is what its process runs.
//   - [PubSub] is Pub/Sub, with faults of publishes, pulls and acknowledgements, on
//     a socket or in memory.
//   - [Message] is a message as Eventarc delivers it, and [Push] delivers many.
//   - [Proxy] is a network that can go silent.
//   - [Guard] keeps web pages out of what listens here.
//
// Package handlertest is a layer over it for tests. All sockets are on the
// loopback interface.
package local
