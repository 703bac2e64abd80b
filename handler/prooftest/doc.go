// Package prooftest holds the tests that prove the promise: every accepted
// request becomes exactly one Operation, its name reaches the topic, and so does
// its end.
//
//   - The models explore every order in which a few things can happen and go
//     wrong, and find the faults that a test puts into them. The real Exporter
//     and the real watcher are driven along their paths.
//   - The storm and the kills let many things happen at once, to functions in
//     processes of their own.
//   - In virtual time (testing/synctest) a quota lasts for a day, an event waits
//     for a week, and a call hangs for ever.
//   - The damager sends what is nearly a request through both doors.
//
// They are apart from the handler's other tests because they need so much
// machinery. With -short, or with the race detector, they take less than a
// minute and do the same with fewer faults and events.
package prooftest
