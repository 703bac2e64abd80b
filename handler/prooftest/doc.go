// Package prooftest holds the tests that prove the promise: every accepted
// request becomes exactly one Operation, and its name reaches the topic.
//
//   - The model explores every order in which a few things can happen and go
//     wrong, and the real Exporter is driven along its paths.
//   - The storm and the kills let many things happen at once, to functions in
//     processes of their own.
//   - Virtual time (testing/synctest) lets a quota last for a day and an event
//     wait for a week.
//   - The damager sends every request that is nearly right through both doors.
//
// There is nothing else in it: it is a package of its own because these tests
// have much of their own.
package prooftest
