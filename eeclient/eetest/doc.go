// Package eetest is a stand-in for Earth Engine: an HTTP server on a real socket
// with the methods that export a classifier and follow its Operation, and the list
// of algorithms that clients ask for. It enforces what Earth Engine documents about
// them, and fails in the ways a test asks for.
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
// The Server requires a bearer token, unless it is an Emulator. It checks the
// names and kinds of all fields as Google's servers read JSON, the required
// fields, the form of request ID, asset name and workload tag, the range of the
// priority, and the published Quotas. A refusal is Google's error body and names
// every field that breaks a rule.
//
// A caller that repeats a request ID gets the Operation that the first request
// started, even if many repeat it at once; World has other answers. The caller is
// the service account of a token that the Server issued, or else the token itself.
//
// The Clock alone moves an Operation from PENDING to RUNNING and to its end;
// nothing runs in the background. An export fails if its asset exists when it
// ends, unless it overwrites.
//
// # Where it differs from Earth Engine
//
//   - It computes nothing. It checks that an expression is an object whose result
//     names one of its values; the nodes only have to be JSON.
//   - It knows no permissions: every caller may use every project, and
//     its token endpoint accepts every assertion.
//   - All Operations run at once; the real ones wait for one another, by
//     priority.
//   - Stages, work units and EECU-seconds are made up.
//   - The wording of a refusal is Google's if that is known, and its own
//     otherwise.
//   - A project ID may be shorter than the real ones.
//   - Its rate limit counts the requests within any one second; the real limit
//     counts over a longer time that is not documented.
//   - It takes no filter in a list, because none is documented, and no
//     compressed body.
//   - It makes neither partial nor compact answers (the query parameters fields
//     and prettyPrint).
//
// # What is not documented
//
// In the following points the Server does what has been seen or is usual. A client
// should not depend on them, and World changes some of them.
//
//   - A body that is too large is refused with 400, and a full queue too (see
//     Quotas).
//   - A pending Operation has the epoch as its startTime, and done is absent
//     until it is true.
//   - destinationUris appear when an Operation has SUCCEEDED.
//   - Cancelling an Operation that has ended does nothing.
//   - A list begins with the newest Operation. A page has 100 unless asked
//     otherwise, and at most 500.
//   - A wrong HTTP method is not found.
package eetest
