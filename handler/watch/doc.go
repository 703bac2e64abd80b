// Package watch follows started Operations to their end and publishes it. It
// knows no HTTP: [Tick] takes clients and returns a [Summary].
//
//	summary, err := watch.Tick(ctx, &watch.Clients{…}) // once a minute
//
// Its state is a pull subscription on the operations topic, and nothing else: an
// Operation stays on it until its end has been published. A tick takes what is
// pending, asks Earth Engine, publishes each end and acknowledges it at once,
// and gives the rest back for a later tick. Ticks may overlap, and be killed at
// any point: what was not acknowledged comes again, and an end that is published
// twice has the same ce-id.
//
// # The subscription
//
//   - Message retention bounds how long an Operation is followed. Take the
//     longest there is, 31 days; Earth Engine's tasks live for 10 at most.
//   - The acknowledgement deadline is how long the Operations of a killed tick
//     stay hidden if it had no time to extend it: 60 s is enough.
//   - The retry policy's minimum is how soon a running Operation is looked at
//     again, and its maximum, which Pub/Sub works up to, how late its end may be
//     noticed. Take 10 s and 60 s.
//   - It must have no dead-letter policy: each look at a running Operation counts
//     as a delivery, and after at most 100 it would be given up.
//
// A message that is no started Operation is left on the subscription, looked at
// once in ten minutes, until its retention ends.
//
// # Why it polls
//
// Two things could tell an end without polling, and neither is enough alone.
//
// Earth Engine's operations.wait holds a call open until an Operation ends, but
// on a best-effort basis: it may answer at once with an Operation that is still
// running, and never waits for longer than an HTTP call lasts
// (https://developers.google.com/earth-engine/reference/rest/v1beta/projects.operations/wait).
// One call waits for one Operation, so 3,000 pending ones would need 3,000 calls
// under way, of which Earth Engine serves 40, where six pages of a list hold
// them all; and the instances that wait would have to be paid for.
//
// Cloud Audit Logs have an entry when a long-running method ends, which Eventarc
// can deliver. Exports are in the Data Access logs, which somebody has to enable
// and pay for in each project that is charged, with a trigger in each; a method
// "usually" writes the two entries of its start and its end; and the entry holds
// no Operation, so that Earth Engine has to be asked all the same
// (https://developers.google.com/earth-engine/guides/audit_logging). An entry that
// is missing would be an end that nobody learns of, unless something polls. That
// something is this package, and alone it needs no setup and notices every end
// within about a minute, of tasks that take minutes to days.
package watch
