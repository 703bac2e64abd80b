// Package eeclient is a small client of the Earth Engine REST API: the method
// projects.classifier.export, and the Operations that it starts.
//
//	client, err := eeclient.New(ctx)
//	started, err := client.ExportClassifier(ctx, &eeclient.ExportClassifierRequest{
//		Project:     "projects/my-project",
//		Expression:  [][]byte{expression}, // JSON, sent as it is
//		RequestID:   uuid.NewString(),
//		Destination: eeclient.EarthEngineDestination{Name: "projects/my-project/assets/rf"},
//	})
//
// The package depends on Earth Engine alone, not on triggers, topics or outcomes.
// It sends the bytes of an expression unchanged, and keeps the bytes of an answer
// ([Operation.JSON]), so fields that it does not know are not lost.
//
// Every error is an [*Error], which says whose fault it is ([Blame]), and whether
// an export may have started nevertheless. An answer is compared with the request
// before it is accepted, since the request ID may have been used before.
//
// The reference is
// https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export.
package eeclient
