// Package handlertest runs eeexport's functions in tests as they are deployed:
// each in a process of its own, served by the Functions Framework over real
// sockets, against Earth Engine's stand-in and the in-memory Pub/Sub of the
// client library, whose faults a test can choose.
//
//	func TestMain(m *testing.M) { handlertest.Main(m) }
//
//	func TestExport(t *testing.T) {
//		ee := eetest.NewServer(eetest.Emulator())
//		ps := handlertest.NewPubSub(t, "operations")
//		fn := handlertest.Start(t, "ExportClassifier", handlertest.Env(ee, ps))
//		resp, err := http.Post(fn.URL, "application/json", body)
//		…
//	}
//
// The test binary is also the function's: [Main] serves when [Start] has told
// it to. The package under test must import the package that registers the
// functions.
package handlertest
