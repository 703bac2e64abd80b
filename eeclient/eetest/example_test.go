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
