// Package redrive publishes failed requests again. It takes them from a
// subscription on the failures topic or on a dead-letter topic, publishes each to
// the requests topic, and acknowledges it only then. A request keeps its request
// ID, so one whose export has started starts no second one.
package redrive
