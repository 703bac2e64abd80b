// Package eetest is a stand-in for Earth Engine: an HTTP server on a real
// socket that has the methods by which a classifier is exported and its
// Operation followed, enforces what Earth Engine documents about them, and goes
// wrong in the ways that a test asks for.
//
//	ee := eetest.NewServer(eetest.WithClock(clock))
//	defer ee.Close()
//	// point the client at ee.URL, with any bearer token
//	ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})
//	// the client's first call loses its answer; its retry finds the Operation
//	clock.Advance(time.Hour)
//	// the Operation has SUCCEEDED, and its asset exists
//
// # What it enforces
//
// A bearer token (unless it is an Emulator), the names and kinds of all fields
// as Google's servers read JSON, the required ones, the form of request ID,
// asset name and workload tag, the range of the priority, and the published
// Quotas. A refusal is Google's error body, with every field that breaks a rule.
//
// A caller that repeats a request ID is answered with the Operation that the
// first request started (or see WithDuplicateStatus), however many come at
// once. The caller is the service account of a token that the Server issued,
// or else the token itself.
//
// An Operation is PENDING, RUNNING and ends, by the Clock; nothing runs in the
// background. An export to an asset that exists by then fails, unless it
// overwrites.
//
// # Where it differs from Earth Engine
//
//   - It computes nothing. Of the expression it checks that it is an object with
//     a result that names one of its values; the nodes only have to be JSON.
//   - It knows no permissions: every caller may use every project.
//   - All Operations run at once; the real ones wait for one another, by
//     priority.
//   - Stages, work units and EECU-seconds are made up.
//   - The wording of refusals follows Google's where that is known, and is its
//     own elsewhere.
//   - A project ID may be shorter than the real ones.
//   - Its rate limit counts the requests let through within any one second; the
//     real one counts over longer times, not documented.
//   - It takes no filter in a list, because none is documented, and no
//     compressed body.
//   - Partial answers (the query parameter fields) are not made.
//
// # What is not documented
//
// In these points the Server does what has been seen or is usual, and a client
// should not depend on it: a body that is too large is refused with 400; a
// full queue with 400 (see Quotas); a pending Operation has the epoch as its
// startTime, and done is absent until it is true; destinationUris appear when
// an Operation has SUCCEEDED; a cancellation of what has ended does nothing; a
// page of a list has 100 Operations unless asked for, and at most 500; a wrong
// HTTP method is not found.
package eetest
