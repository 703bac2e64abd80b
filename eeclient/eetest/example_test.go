package eetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/eeexport/eeclient/eetest"
)

// A client loses the answer to its first request, repeats it, and finds the
// Operation that the first one started; an hour later that has succeeded.
func Example() {
	clock := eetest.NewClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	ee := eetest.NewServer(eetest.WithClock(clock))
	defer ee.Close()
	ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})

	for range 2 {
		req, _ := http.NewRequest("POST", ee.URL+"/v1beta/projects/my-project/classifier:export", strings.NewReader(`{
			"expression": {"result": "0", "values": {"0": {"functionInvocationValue": {"functionName": "Classifier.smileCart", "arguments": {}}}}},
			"assetExportOptions": {"earthEngineDestination": {"name": "projects/my-project/assets/cart"}},
			"requestId": "nightly-20261123"
		}`))
		req.Header.Set("Authorization", "Bearer any")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println("the answer is lost")
			continue
		}
		var op struct{ Metadata struct{ State string } }
		json.NewDecoder(res.Body).Decode(&op)
		res.Body.Close()
		fmt.Println(op.Metadata.State)
	}

	clock.Advance(time.Hour)
	for _, op := range ee.Operations() {
		fmt.Println(op.RequestID, op.State, ee.HasAsset(op.Asset))
	}
	// Output:
	// the answer is lost
	// PENDING
	// nightly-20261123 SUCCEEDED true
}

// A function decides which requests are hit: here every second export, whose
// answer a proxy replaces by a page of its own.
func ExampleServer_InjectFunc() {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	calls := 0
	ee.InjectFunc(func(r *http.Request) *eetest.Fault {
		if calls++; calls%2 == 0 {
			return nil
		}
		return &eetest.Fault{Started: true, Status: 502, Body: "<html>Bad Gateway</html>"}
	})
	for range 2 {
		res, err := http.Get("http://" + ee.Host() + "/v1beta/projects/my-project/operations")
		if err != nil {
			fmt.Println(err)
			return
		}
		res.Body.Close()
		fmt.Println(res.StatusCode, res.Header.Get("Content-Type"))
	}
	// Output:
	// 502 text/html; charset=UTF-8
	// 200 application/json; charset=UTF-8
}
