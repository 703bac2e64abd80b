package eeclient_test

import (
	"context"
	"errors"
	"fmt"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/eetest"
)

// Export a classifier. The first answer is lost, and the retry reaches the same
// Operation.
func Example() {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ee.Inject(eetest.Fault{Method: eetest.ExportClassifier, Reset: eetest.AfterStart})

	ctx := context.Background()
	client, err := eeclient.New(ctx, eeclient.WithEmulatorHost(ee.Host())) // or none, for Earth Engine itself
	if err != nil {
		fmt.Println(err)
		return
	}
	started, err := client.ExportClassifier(ctx, &eeclient.ExportClassifierRequest{
		Project:     "projects/my-project",
		Expression:  [][]byte{[]byte(cart)},
		RequestID:   "nightly-20261123",
		Destination: eeclient.EarthEngineDestination{Name: "projects/my-project/assets/cart"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(started.Operation.State(), len(ee.Operations()))
	// Output: PENDING 1
}

// An error says who has to act.
func ExampleError() {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ee.Inject(eetest.Fault{Status: 403, Reason: "SERVICE_DISABLED", Message: "Earth Engine API has not been used in project my-project before or it is disabled."})

	ctx := context.Background()
	client, err := eeclient.New(ctx, eeclient.WithEmulatorHost(ee.Host()))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetOperation(ctx, "projects/my-project/operations/ABCDEF")
	var fault *eeclient.Error
	if errors.As(err, &fault) {
		fmt.Println(fault.Blame, fault.Blame.Permanent())
		fmt.Println(fault.Remedy)
	}
	// Output:
	// deployment false
	// enable the Earth Engine API in the project
}
