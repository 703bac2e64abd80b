// Package handlertest is [local] for tests: what it starts ends with the test,
// and what fails fails the test.
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
// The test binary is also the function's: [Main] serves if [Start] has started
// it. The package under test must import the package that registers the
// functions.
package handlertest
