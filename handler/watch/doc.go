// Package watch follows started Operations to their end and publishes it. It
// does not depend on HTTP: [Tick] takes clients and returns a [Summary].
//
//	summary, err := watch.Tick(ctx, &watch.Clients{…}) // once a minute
//
// Its only state is a pull subscription on the operations topic: an Operation
// stays on it until its end has been published. A tick takes what is pending, asks
// Earth Engine, publishes each end and acknowledges it at once, and gives the rest
// back for a later tick. Ticks may overlap, and be killed at any point: what was
// not acknowledged comes again, and an end that is published twice has the same
// ce-id.
//
// # The subscription
//
//   - Message retention bounds how long an Operation is followed. Use the
//     maximum, 31 days; Earth Engine's tasks live for 10 at most.
//   - The acknowledgement deadline is how long the Operations of a killed tick
//     stay hidden if it had no time to extend it: 60 s is enough.
//   - The retry policy's minimum is how soon a running Operation is checked
//     again. Its maximum, to which Pub/Sub backs off, is how late its end may be
//     noticed. Use 10 s and 60 s.
//   - It must have no dead-letter policy: each check of a running Operation
//     counts as a delivery, and Pub/Sub gives up after at most 100.
//
// A message that is not a started Operation stays on the subscription until its
// retention ends, and is pulled once in ten minutes.
//
// # Why it polls
//
// Two things report an end without polling, and neither is enough alone.
//
// Earth Engine's operations.wait holds a call open until an Operation ends, but
// on a best-effort basis: it may answer at once with an Operation that is still
// running, and never waits longer than an HTTP call lasts
// (https://developers.google.com/earth-engine/reference/rest/v1beta/projects.operations/wait).
// One call waits for one Operation, so 3,000 pending ones would need 3,000
// concurrent calls, of which Earth Engine serves 40; six pages of a list hold them
// all. And the waiting instances would cost money.
//
// Cloud Audit Logs have an entry when a long-running method ends, which Eventarc
// can deliver. Exports are in the Data Access logs, which somebody has to enable
// and pay for in each project that is charged, with a trigger in each. A method
// "usually" writes an entry for its start and one for its end, and the entry does
// not hold the Operation, so Earth Engine has to be asked anyway
// (https://developers.google.com/earth-engine/guides/audit_logging). If an entry
// is missing, the end goes unnoticed unless something polls. Polling alone needs
// no setup and notices every end within about a minute, of tasks that take minutes
// to days.
package watch
