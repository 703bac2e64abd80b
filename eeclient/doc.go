// Package eeclient is a small client of the Earth Engine REST API: the method
// projects.classifier.export, and the Operations that it starts.
//
//	client, err := eeclient.New(ctx)
//	op, err := client.ExportClassifier(ctx, &eeclient.ExportClassifierRequest{
//		Project:     "projects/my-project",
//		Expression:  expression, // JSON, sent as it is
//		RequestID:   uuid.NewString(),
//		Destination: eeclient.EarthEngineDestination{Name: "projects/my-project/assets/rf"},
//	})
//
// It knows Earth Engine and nothing of who asks: triggers, topics and outcomes
// are the handler's. What Earth Engine sends is kept as the bytes that arrived
// ([Operation.JSON]), so that no field is lost because this package did not
// know it, and what is sent holds the expression's bytes unchanged.
//
// Every fault is an [*Error], which says whether the same call can help later.
// The reference is
// https://developers.google.com/earth-engine/reference/rest/v1beta/projects.classifier/export.
package eeclient
